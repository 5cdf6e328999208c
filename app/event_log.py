"""Where the events of model calls are kept."""

from pathlib import Path

from ..llm.events import EventLog
from .clock import now


def run_event_log(state: Path, run_id: str) -> EventLog:
    """Return the log of the model calls of one run: a file of JSON lines in the state folder."""
    return EventLog(state / "events" / f"{run_id}.jsonl", lambda: now().isoformat())
