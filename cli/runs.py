"""`openoutcry runs`: what was decided, and what was interrupted."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ..desk.document import document
from ..desk.run_store import Run
from ..domain.errors import ConfigError
from .compose import open_market, open_store
from .exits import Exit
from .report_file import check_report, write_report
from .settings import load_settings
from .ticket import print_decision

COLUMNS = ("run_id", "started_at", "ticker", "as_of", "desk", "status", "outcome")


def list_runs(limit: int, *, as_json: bool) -> None:
    """Print the newest runs."""
    runs = open_store(load_settings({})).runs(limit=limit)
    if as_json:
        sys.stdout.write(json.dumps([_row(run) for run in runs], indent=2) + "\n")
        return
    table = Table(*COLUMNS)
    for run in runs:
        table.add_row(*(value or "" for value in _row(run).values()))
    Console().print(table if runs else "No runs yet: openoutcry decide CALDR takes one.")


def show_run(run_id: str, *, as_json: bool, report: Path | None) -> Exit:
    """Print the decision record of one run; raises ConfigError while it has none."""
    check_report(report)
    store = open_store(load_settings({}))
    decision = store.decision(run_id)
    if decision is None:
        raise ConfigError(f"run {run_id} was interrupted; openoutcry decide --resume {run_id} goes on")
    if report is not None:
        write_report(report, decision, open_market(load_settings(json.loads(store.get(run_id).request))))
    if as_json:
        sys.stdout.write(json.dumps(document(decision), ensure_ascii=False, indent=2) + "\n")
    else:
        print_decision(Console(), decision)
    return Exit.DONE


def _row(run: Run) -> dict[str, str | None]:
    moments = {"started_at": f"{run.started_at:%Y-%m-%d %H:%M:%S}", "as_of": f"{run.as_of:%Y-%m-%d %H:%M}"}
    return {name: moments.get(name) or getattr(run, name) for name in COLUMNS}
