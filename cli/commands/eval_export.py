"""`openoutcry eval export`: a run for other programs: trajectories, training examples, ratings, Parquet, MLflow."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...app.settings import Settings, load_settings
from ...domain.errors import ConfigError
from ...evals.decision_table import write_decisions
from ...evals.export.labels import label_lines
from ...evals.export.mlflow_export import export_to_mlflow
from ...evals.export.training import pair_lines, sft_lines
from ...evals.export.trajectories import trajectories, trajectory_line
from ...evals.result import evaluate
from ...evals.run_folder import StoredExperiment, find_run, runs_folder
from ..console.tables import print_notice, write_text


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The arguments of `eval export` as given."""

    run: str
    format: str
    file: Path | None
    force: bool
    test_from: str | None
    tracking_uri: str | None
    output: Path | None


def export_command(options: ExportOptions) -> None:
    """Write the lines of a run to a file or to standard output, or send the run to MLflow."""
    settings = load_settings({})
    run = find_run(runs_folder(settings, options.output), options.run)
    if options.format == "mlflow":
        count = export_to_mlflow(evaluate(run, settings), options.tracking_uri)
        print_notice(f"{count} runs were written to MLflow")
        return
    if options.format == "parquet":
        _write_parquet(run, options)
        return
    _write(_lines(run, settings, options), options)


def _write_parquet(run: StoredExperiment, options: ExportOptions) -> None:
    if options.file is None:
        raise ConfigError("a Parquet file is not text; name it with --file decisions.parquet")
    _check_free(options.file, options)
    try:
        count = write_decisions(run, options.file)
    except OSError as error:
        raise ConfigError(f"{options.file} cannot be written: {error.strerror}") from error
    print_notice(f"{count} decisions were written to {options.file}")


def _check_free(file: Path, options: ExportOptions) -> None:
    if file.exists() and not options.force:
        raise ConfigError(f"{file} exists; give another name, or --force to replace it")


def _lines(run: StoredExperiment, settings: Settings, options: ExportOptions) -> Iterator[str]:
    if options.format == "labels":
        return label_lines(run, settings, _day(options.test_from))
    found = trajectories(run)
    if options.format == "sft":
        return sft_lines(found)
    return pair_lines(found) if options.format == "pairs" else map(trajectory_line, found)


def _write(lines: Iterator[str], options: ExportOptions) -> None:
    if options.file is None:
        for line in lines:
            write_text(f"{line}\n")
        return
    _check_free(options.file, options)
    text = "".join(f"{line}\n" for line in lines)
    try:
        options.file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{options.file} cannot be written: {error.strerror}") from error
    print_notice(f"{text.count(chr(10))} lines were written to {options.file}")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--test-from {text!r} is not a date such as 2025-03-03") from error
