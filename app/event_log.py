"""Location of the event log of model calls."""

from pathlib import Path

from ..llm.events import EventLog
from .clock import now


def event_log_path(state: Path, run_id: str) -> Path:
    """Return the path of the event log of one run in the folder `state`."""
    return state / "events" / f"{run_id}.jsonl"


def run_event_log(state: Path, run_id: str) -> EventLog:
    """Return the event log of one run's model calls: a JSON Lines file in the folder `state`."""
    return EventLog(event_log_path(state, run_id), lambda: now().isoformat())
