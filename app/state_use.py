"""Processes that use the state folder: what they hold, and the heartbeats of schedulers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from ..desk.records.run_lease import LEASES, is_locked
from ..desk.records.session_store import SessionStore
from ..domain.errors import OpenOutcryError
from .account_server import ServerState
from .settings import Settings
from .state_folder import ledger_file

ALIVE = timedelta(minutes=10)
"""Age of a heartbeat up to which its scheduler counts as running; a running one stores two a minute."""


def held_locks(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each lock in the state folder that a running process holds."""
    if any(map(is_locked, (settings.home / LEASES).glob("*.lock"))):
        yield "a command works on a run or a session, or a scheduler serves an account"
    files = {*settings.home.glob("*.db"), *filter(None, [ledger_file(settings)])}
    for path in sorted(each for each in files if each.is_file()):
        if _is_written(path):
            yield f"a command writes to {path.name}"


def living_schedulers(settings: Settings, now: datetime) -> Iterator[str]:
    """Yield a sentence for each scheduler whose last heartbeat is recent, wherever its process is."""
    if not (settings.home / "sessions.db").is_file():
        return
    try:
        with closing(SessionStore(settings.home / "sessions.db")) as store:
            beats = store.heartbeats()
    except OpenOutcryError:  # a store that cannot be read is what a restore may be for
        return
    for beat in beats:
        if beat.state != ServerState.STOPPED and abs(now - beat.at) <= ALIVE:
            yield f"the scheduler of account {beat.account} was alive at {beat.at:%Y-%m-%d %H:%M:%S} UTC"


def _is_written(path: Path) -> bool:
    """Return whether a process holds the write lock of a SQLite file."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as probe:
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
    except sqlite3.Error as error:
        return "locked" in str(error)
    return False
