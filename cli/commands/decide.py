"""`openoutcry decide`: one decision from the command line."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ...app.book_decision_service import BookDecisionService
from ...app.clock import now
from ...app.decision_service import (
    DecisionResult,
    RunInterrupted,
)
from ...app.settings import LOCATION_SETTINGS, RETRY_SETTINGS, load_settings
from ...desk.records.document import to_document
from ...domain.errors import ConfigError
from ...reports.write import check_report, write_report
from ..arguments.tickers import read_tickers
from ..console.decision import exit_for_result, print_decision
from ..console.errors import report_interrupted_run
from ..console.exit_codes import ExitCode
from ..console.progress import ProgressDisplay
from ..console.tables import print_notice, write_json


@dataclass(frozen=True, slots=True)
class DecideOptions:
    """The arguments of `decide`: a ticker or a run to resume, and the output format."""

    ticker: str | None
    as_of: str | None
    resume: str | None
    as_json: bool = False
    report: Path | None = None
    dry_run: bool = False
    force: bool = False


def decide_command(options: DecideOptions, flags: Mapping[str, object]) -> ExitCode:
    """Make a decision, print it and return the exit code; raises ConfigError for flags that exclude each other."""
    _check_flags(options, {name: value for name, value in flags.items() if value is not None})
    check_report(options.report, force=options.force)
    settings = load_settings(flags)
    tickers = None if options.ticker is None else read_tickers(options.ticker)
    if options.ticker is not None and options.dry_run:
        from .dry_run import show_dry_run

        show_dry_run(tickers or (options.ticker,), options.as_of, settings)
        return ExitCode.DONE
    if tickers is not None:
        if options.report:
            raise ConfigError("--report takes one ticker; decide on one, or use `runs show ID --report`")
        from .decide_many import decide_many

        try:
            return decide_many(tickers, options.as_of, settings, as_json=options.as_json)
        except RunInterrupted as stopped:
            return report_interrupted_run(stopped.run_id)
    try:
        with (
            ProgressDisplay(Console(stderr=True)) as display,
            closing(BookDecisionService(settings, display)) as service,
        ):
            if options.ticker is None:
                book = service.book_of(options.resume or "")
                if len(book) > 1:
                    from .decide_many import present_book

                    return present_book(service.resume_book(book), as_json=options.as_json)
                result = service.resume(options.resume or "")
            else:
                result = service.decide(options.ticker, options.as_of)
    except RunInterrupted as stopped:
        return report_interrupted_run(stopped.run_id)
    return _present(result, options)


def _check_flags(options: DecideOptions, given: Mapping[str, object]) -> None:
    if (options.ticker is None) == (options.resume is None):
        raise ConfigError("give either a ticker or --resume RUN_ID")
    if options.dry_run and (options.resume or options.as_json or options.report):
        raise ConfigError("--dry-run cannot be combined with --resume, --json or --report: it makes no decision")
    own = sorted({*given, *(["as_of"] if options.as_of else [])} - LOCATION_SETTINGS - RETRY_SETTINGS)
    if options.resume is not None and own:
        raise ConfigError(f"a run is resumed with its stored settings; leave out {', '.join(own)}")
    if "recording" in given and "replay" in given:
        raise ConfigError("--record and --replay exclude each other: a replayed run makes no calls")
    for flag in ("cash", "currency"):
        if "account" in given and flag in given:
            raise ConfigError(f"an --account has its own {flag}; leave out --{flag}")


def _present(result: DecisionResult, options: DecideOptions) -> ExitCode:
    decision = result.decision
    if options.report is not None:
        from ...app.memory_section import load_memory_section
        from ...app.report_facts import load_report_facts

        memory = load_memory_section(result.settings, decision, now())
        facts = load_report_facts(result.settings, decision, result.source)
        write_report(options.report, decision, result.source, memory, facts, force=options.force)
        print_notice(f"report written to {options.report}")
    if options.as_json:
        write_json(to_document(decision))
    else:
        print_decision(Console(), decision)
    return exit_for_result(result)
