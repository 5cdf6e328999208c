"""`openoutcry runs replay | export | import`: recorded runs."""

import json
import sys
from pathlib import Path

from rich.console import Console

from ...app.recordings import export_run, import_runs
from ...app.replay_service import replay_run
from ...app.settings import load_settings
from ...desk.records.document import to_document
from ..console.decision import print_decision
from ..console.exit_codes import ExitCode


def replay_recorded(run: str, *, as_json: bool) -> ExitCode:
    """Repeat a recorded run and print its decision; raises ReplayMismatch if the result differs from the record."""
    replay = replay_run(load_settings({}), run)
    if as_json:
        sys.stdout.write(json.dumps(to_document(replay.decision), ensure_ascii=False, indent=2) + "\n")
    else:
        print_decision(Console(), replay.decision)
    sys.stderr.write(
        f"replayed {replay.decision.run_id} from {replay.calls} recorded model calls: the decision is the same\n"
    )
    return ExitCode.DONE


def export_recorded(run: str, file: Path) -> ExitCode:
    """Write a recorded run to a new file."""
    run_id = export_run(load_settings({}), run, file)
    sys.stdout.write(f"wrote {run_id} to {file}\n")
    return ExitCode.DONE


def import_recorded(file: Path) -> ExitCode:
    """Add the recorded runs of a file."""
    for run_id in import_runs(load_settings({}), file):
        sys.stdout.write(f"imported {run_id}; openoutcry runs replay {run_id} repeats it\n")
    return ExitCode.DONE
