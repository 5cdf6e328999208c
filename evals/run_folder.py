"""The folder of one run, and the folder of all runs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ..app.id_prefix import LATEST, match_id
from ..app.settings import Settings, home
from ..domain.errors import ConfigError
from .experiment import Experiment
from .experiment_file import parse_experiment
from .run_facts import RUN_FACTS, RunFacts
from .unit_store import FILE_NAME as UNITS
from .unit_store import UnitStore

EXPERIMENT, FACTS, METRICS = "experiment.yaml", "run.json", "metrics.json"
DECISIONS, PARQUET, REPORT = "decisions.jsonl", "decisions.parquet", "report.html"


@dataclass(frozen=True, slots=True)
class StoredExperiment:
    """A run as it is stored: its folder, its experiment and its facts."""

    folder: Path
    experiment: Experiment
    facts: RunFacts

    @property
    def origin(self) -> Path:
        """Return the folder of the experiment file, which its paths are relative to; the run's own if not known."""
        return Path(self.facts.path).parent if self.facts.path else self.folder

    @contextmanager
    def units(self) -> Iterator[UnitStore]:
        """Open the store of its units."""
        with closing(UnitStore(self.folder)) as store:
            yield store

    def metrics(self) -> Mapping[str, object] | None:
        """Return the metrics document; None if the run has not ended yet."""
        path = self.folder / METRICS
        found: Mapping[str, object] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return found


def runs_folder(settings: Settings, output: Path | None) -> Path:
    """Return the folder of all runs: `output`, or `experiments/runs` in the state folder."""
    return home(settings) / "experiments" / "runs" if output is None else output


def begin_run(folder: Path, text: str, facts: RunFacts) -> None:
    """Create the folder of a run with its experiment file and facts; a run that exists keeps its facts.

    Raises ConfigError if the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(folder / EXPERIMENT, text)
        if not (folder / FACTS).is_file():
            write_whole(folder / FACTS, RUN_FACTS.dump_json(facts, indent=1).decode())
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}; name another folder with --output") from error


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a killed process leaves either the old or the new content; raises OSError."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def stored_runs(runs: Path) -> tuple[StoredExperiment, ...]:
    """Return all runs in a folder, newest first; other folders are left out."""
    found = [_open(path.parent) for path in runs.glob(f"*/{FACTS}")] if runs.is_dir() else []
    return tuple(sorted(found, key=lambda run: (run.facts.started_at, run.facts.run_id), reverse=True))


def find_run(runs: Path, text: str) -> StoredExperiment:
    """Return a run by its id, a unique prefix, or `latest`; raises ConfigError."""
    known = {run.facts.run_id: run for run in stored_runs(runs)}
    if not known:
        raise ConfigError(f"there is no run in {runs}; openoutcry eval run EXPERIMENT.yaml starts one")
    if text == LATEST:
        return next(iter(known.values()))
    return known[match_id(text, known, "run of an experiment", "openoutcry eval list")]


def other_stores(runs: Path, folder: Path) -> Iterator[Path]:
    """Yield the folders of all other runs that have stored units."""
    for path in sorted(runs.glob(f"*/{UNITS}")):
        if path.parent != folder:
            yield path.parent


def _open(folder: Path) -> StoredExperiment:
    try:
        facts = RUN_FACTS.validate_json((folder / FACTS).read_bytes())
        text = (folder / EXPERIMENT).read_text(encoding="utf-8")
    except (OSError, ValidationError) as error:
        raise ConfigError(f"the run in {folder} cannot be read: {error}; delete the folder") from error
    return StoredExperiment(folder, parse_experiment(text, str(folder / EXPERIMENT)), facts)
