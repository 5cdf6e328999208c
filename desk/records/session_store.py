"""The session store: one row for each session of each account, and the heartbeats of schedulers, in SQLite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ...storage.sqlite import Schema, SqliteFile
from .run_lease import LEASES, RunLease
from .session_status import SessionStatus

SESSIONS = """
CREATE TABLE IF NOT EXISTS sessions (
    account TEXT NOT NULL, session TEXT NOT NULL, attempt INTEGER NOT NULL, status TEXT NOT NULL,
    as_of TEXT NOT NULL, started_at TEXT NOT NULL, updated_at TEXT NOT NULL, request TEXT NOT NULL,
    config_hash TEXT NOT NULL, allocation TEXT, result TEXT, note TEXT NOT NULL, settled INTEGER,
    PRIMARY KEY (account, session)
)
"""
HEARTBEATS = """
CREATE TABLE IF NOT EXISTS heartbeats (
    account TEXT NOT NULL PRIMARY KEY, at TEXT NOT NULL, state TEXT NOT NULL, next_fire TEXT, missed INTEGER NOT NULL,
    error TEXT NOT NULL
)
"""
SCHEMA = Schema(
    version=2, create=(SESSIONS, HEARTBEATS), upgrades={1: ("ALTER TABLE sessions ADD COLUMN settled INTEGER",)}
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of one account.

    Attributes:
        attempt: counts from 1; an unfinished session that was abandoned is decided anew under the next number.
        as_of: the moment that its decisions are made for.
        request: the settings, watchlist and times that it was opened with, as JSON; it is finished with the same ones.
        config_hash: hash of `request`.
        allocation: orders after the limits over the whole book, as JSON; None before they were applied.
        result: summary of the finished session, as JSON; None before.
        note: why it was missed, late, forced or failed; empty otherwise.
        settled: number of journal events after the settlement, which the decisions see; None before.
    """

    account: str
    session: date
    attempt: int
    status: SessionStatus
    as_of: datetime
    started_at: datetime
    updated_at: datetime
    request: str
    config_hash: str
    allocation: str | None = None
    result: str | None = None
    note: str = ""
    settled: int | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last heartbeat of the scheduler of an account.

    Attributes:
        state: what it does: waiting, working or stopped.
        next_fire: when it works next; None if it was stopped.
        missed: number of sessions that it has missed so far.
        error: the last error; empty if the last session had none.
    """

    account: str
    at: datetime
    state: str
    next_fire: datetime | None = None
    missed: int = 0
    error: str = ""


_ROW: TypeAdapter[SessionRow] = TypeAdapter(SessionRow)
_HEARTBEAT: TypeAdapter[Heartbeat] = TypeAdapter(Heartbeat)
_COLUMNS = tuple(each.name for each in fields(SessionRow))
_SIGNS = tuple(each.name for each in fields(Heartbeat))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM sessions"  # noqa: S608 -- column names of this module
_INSERT = f"INTO sessions ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"


class SessionStore:
    """Keeps session rows in one SQLite file; a row is durable against a killed process when the method returns."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises ConfigError if it is no such store, or of a newer version."""
        self._file = SqliteFile(path, "the session store", SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def open(self, row: SessionRow) -> SessionRow:
        """Store a new row and return it; if the account has a row of that session, return the stored one."""
        with self._file.writing() as connection:
            connection.execute(f"INSERT OR IGNORE {_INSERT}", _values(row, _ROW))
        found = self.find(row.account, row.session)
        assert found is not None
        return found

    def update(self, row: SessionRow) -> None:
        """Replace the stored row of the same account and session."""
        with self._file.writing() as connection:
            connection.execute(f"INSERT OR REPLACE {_INSERT}", _values(row, _ROW))

    def add_missed(self, rows: Iterable[SessionRow]) -> None:
        """Store rows of missed sessions; sessions that have a row keep it."""
        with self._file.writing() as connection:
            connection.executemany(f"INSERT OR IGNORE {_INSERT}", [_values(row, _ROW) for row in rows])

    def remove(self, account: str, sessions: Iterable[date]) -> None:
        """Remove the rows of these sessions; those without a row are ignored."""
        with self._file.writing() as connection:
            connection.executemany(
                "DELETE FROM sessions WHERE account = ? AND session = ?",
                [(account, session.isoformat()) for session in sessions],
            )

    def find(self, account: str, session: date) -> SessionRow | None:
        """Return the row of one session, or None."""
        found = self._file.rows(f"{_SELECT} WHERE account = ? AND session = ?", (account, session.isoformat()))
        return next(map(_row, found), None)

    def rows(self, account: str, *, limit: int | None = None) -> tuple[SessionRow, ...]:
        """Return the rows of an account, newest session first."""
        query = f"{_SELECT} WHERE account = ? ORDER BY session DESC LIMIT ?"
        return tuple(map(_row, self._file.rows(query, (account, -1 if limit is None else limit))))

    def unfinished(self, account: str, before: date) -> tuple[SessionRow, ...]:
        """Return the rows of sessions before `before` that are not in a final state, oldest first."""
        final = [status for status in SessionStatus if status.is_final]
        marks = ", ".join("?" for _ in final)
        query = f"{_SELECT} WHERE account = ? AND session < ? AND status NOT IN ({marks}) ORDER BY session"
        return tuple(map(_row, self._file.rows(query, (account, before.isoformat(), *final))))

    def counts(self, account: str) -> dict[SessionStatus, int]:
        """Return the number of sessions of an account by status."""
        query = "SELECT status, count(*) FROM sessions WHERE account = ? GROUP BY status ORDER BY status"
        return {SessionStatus(status): count for status, count in self._file.rows(query, (account,))}

    def lease(self, account: str, what: str = "a session of account") -> RunLease:
        """Return the lease that a process holds while it works on an account's session, or serves the account."""
        return RunLease(self._file.path.absolute().parent / LEASES, account, what=what)

    def beat(self, heartbeat: Heartbeat) -> None:
        """Store the last heartbeat of the scheduler of an account."""
        names = ", ".join(_SIGNS)
        marks = ", ".join(f":{name}" for name in _SIGNS)
        with self._file.writing() as connection:
            connection.execute(
                f"INSERT OR REPLACE INTO heartbeats ({names}) VALUES ({marks})",  # noqa: S608 -- names of this module
                _values(heartbeat, _HEARTBEAT),
            )

    def heartbeat(self, account: str) -> Heartbeat | None:
        """Return the last heartbeat of the scheduler of an account; None if it never had one."""
        return next((each for each in self.heartbeats() if each.account == account), None)

    def heartbeats(self) -> tuple[Heartbeat, ...]:
        """Return the last heartbeats of all schedulers, by account."""
        query = f"SELECT {', '.join(_SIGNS)} FROM heartbeats ORDER BY account"  # noqa: S608 -- names of this module
        found = self._file.rows(query)
        return tuple(_HEARTBEAT.validate_python(dict(zip(_SIGNS, each, strict=True))) for each in found)


def finished(row: SessionRow, status: SessionStatus, at: datetime, *, note: str = "") -> SessionRow:
    """Return the row in another state; a note is added to the one that it has."""
    notes: Sequence[str] = [text for text in (row.note, note) if text]
    return replace(row, status=status, updated_at=at, note="; ".join(dict.fromkeys(notes)))


def _values(value: object, adapter: TypeAdapter[Any]) -> dict[str, object]:
    values: dict[str, object] = adapter.dump_python(value, mode="json")
    return values


def _row(values: tuple[object, ...]) -> SessionRow:
    return _ROW.validate_python(dict(zip(_COLUMNS, values, strict=True)))
