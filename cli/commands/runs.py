"""`openoutcry runs`: stored decision runs."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ...app.clock import now
from ...app.factories import open_market, open_store
from ...app.memory_section import load_memory_section
from ...app.settings import load_settings
from ...desk.records.document import to_document
from ...desk.records.run_status import Status
from ...desk.records.run_store import Run
from ...domain.errors import ConfigError
from ...reports.write import check_report, write_report
from ..console.decision import print_decision
from ..console.exit_codes import ExitCode
from ..console.tables import print_rows

COLUMNS = ("run_id", "ticker", "as_of", "status", "outcome")


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list."""

    run_id: str
    started_at: str
    ticker: str
    as_of: str
    desk: str
    status: str
    outcome: str | None


def list_runs(limit: int, *, as_json: bool) -> None:
    """Print the newest runs."""
    store = open_store(load_settings({}))
    lines = [_line(run, store.current_status(run)) for run in store.runs(limit=limit)]
    nothing = "No runs. openoutcry decide CALDR starts one."
    print_rows(lines, as_json=as_json, nothing=nothing, columns=COLUMNS)


def show_run(run_id: str, *, as_json: bool, report: Path | None) -> ExitCode:
    """Print the decision of one run; raises ConfigError if it has none."""
    check_report(report)
    store = open_store(load_settings({}))
    decision = store.decision(run_id)
    if decision is None:
        status = store.current_status(store.get(run_id))
        raise ConfigError(
            f"run {run_id} is {status}, without a decision; openoutcry decide --resume {run_id} resumes it"
        )
    if report is not None:
        settings = load_settings(json.loads(store.get(run_id).request))
        write_report(report, decision, open_market(settings), load_memory_section(settings, decision, now()))
    if as_json:
        sys.stdout.write(json.dumps(to_document(decision), ensure_ascii=False, indent=2) + "\n")
    else:
        print_decision(Console(), decision)
    return ExitCode.DONE


def _line(run: Run, status: Status) -> RunLine:
    started, timestamp = f"{run.started_at:%Y-%m-%d %H:%M:%S}", f"{run.as_of:%Y-%m-%d %H:%M}"
    return RunLine(run.run_id, started, run.ticker, timestamp, run.desk, status, run.outcome)
