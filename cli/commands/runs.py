"""`openoutcry runs`: stored decision runs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path

from rich.console import Console

from ...app.as_of import parse_datetime, read_symbol
from ...app.clock import now
from ...app.factories import open_market, open_store
from ...app.id_prefix import resolve_run
from ...app.settings import load_settings
from ...desk.records.document import to_document
from ...desk.records.run_status import Status
from ...desk.records.run_store import Run, RunStore
from ...domain.errors import ConfigError
from ...reports.write import check_report, write_report
from ..console.decision import print_decision
from ..console.exit_codes import ExitCode
from ..console.tables import print_rows, write_json
from .chart_files import write_charts

COLUMNS = ("run_id", "ticker", "as_of", "model", "status", "outcome", "rating")


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list."""

    run_id: str
    started_at: datetime
    ticker: str
    as_of: datetime
    desk: str
    model: str
    status: str
    outcome: str | None
    rating: str | None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """The filter options of `runs list`, as given."""

    ticker: str | None = None
    desk: str | None = None
    status: str | None = None
    since: str | None = None

    def chosen(self, store: RunStore) -> Iterator[tuple[Run, Status]]:
        """Yield the runs that pass the filter with their status, newest first; raises ConfigError for a wrong date."""
        ticker = None if self.ticker is None else read_symbol(self.ticker)
        since = None if self.since is None else _start(self.since)
        for run in store.runs():
            if (
                ticker in (None, run.ticker)
                and self.desk in (None, run.desk)
                and (since is None or run.started_at >= since)
                and (status := store.current_status(run)) == (self.status or status)
            ):
                yield run, status


def list_runs(chosen: RunFilter, limit: int, *, as_json: bool) -> None:
    """Print the newest runs that pass the filter."""
    store = open_store(load_settings({}))
    lines = [_line(store, run, status) for run, status in islice(chosen.chosen(store), limit)]
    nothing = "No runs. openoutcry decide CALDR starts one." if chosen == RunFilter() else "No run passes the filter."
    print_rows(lines, as_json=as_json, nothing=nothing, columns=COLUMNS)


def show_run(
    run_id: str, *, as_json: bool, report: Path | None, charts: Path | None = None, force: bool = False
) -> ExitCode:
    """Print the decision of one run, and write its report and charts; raises ConfigError if it has none."""
    check_report(report, force=force)
    store = open_store(load_settings({}))
    run_id = resolve_run(store, run_id)
    decision = store.decision(run_id)
    if decision is None:
        status = store.current_status(store.get(run_id))
        raise ConfigError(
            f"run {run_id} is {status}, without a decision; openoutcry decide --resume {run_id} resumes it"
        )
    if report is not None:
        from ...app.memory_section import load_memory_section
        from ...app.report_facts import load_report_facts

        settings = load_settings(json.loads(store.get(run_id).request))
        memory = load_memory_section(settings, decision, now())
        source = open_market(settings)
        facts = load_report_facts(settings, decision, source)
        write_report(report, decision, source, memory, facts, force=force)
    if charts is not None:
        write_charts(store, decision, charts)
    if as_json:
        write_json(to_document(decision))
    else:
        print_decision(Console(), decision)
    return ExitCode.DONE


def _start(text: str) -> datetime:
    """Parse `--since`: a date is the start of that day in UTC."""
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        return parse_datetime(text, "--since")


def _line(store: RunStore, run: Run, status: Status) -> RunLine:
    decision, settings = store.find_decision(run.run_id), json.loads(run.request)
    return RunLine(
        run_id=run.run_id,
        started_at=run.started_at,
        ticker=run.ticker,
        as_of=run.as_of,
        desk=run.desk,
        model=settings.get("model") or (decision.model.name if decision else ""),
        status=status,
        outcome=run.outcome,
        rating=decision.thesis.rating if decision and decision.thesis else None,
    )
