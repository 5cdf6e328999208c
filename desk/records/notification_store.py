"""The outbox of notifications: messages are stored before they are sent, and are sent at least once per channel."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from ...storage.sqlite import Schema, SqliteFile

FILE_NAME = "notifications.db"
MAX_ATTEMPTS = 20
FIRST_WAIT_S = 60
LONGEST_WAIT_S = 12 * 3600
"""With these values a channel that is unavailable is tried for more than five days before a message is given up."""

LONGEST_ERROR = 500

_TABLE = """
CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER NOT NULL PRIMARY KEY, event_id TEXT NOT NULL, account TEXT NOT NULL, session TEXT NOT NULL,
    channel TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL,
    leased_until INTEGER, changed_at INTEGER, error TEXT NOT NULL, UNIQUE (event_id, channel)
)
"""
_BY_STATE = "CREATE INDEX IF NOT EXISTS notifications_by_state ON notifications (state, channel, session, id)"
_COLUMNS = "id, event_id, account, session, channel, body, attempts, error, changed_at"
_QUEUED = f"SELECT {_COLUMNS} FROM notifications WHERE state = 'pending'"  # noqa: S608 -- column names of this module
_OLDEST = f"""
SELECT {_COLUMNS} FROM notifications AS head WHERE state = 'pending' AND next_at <= :now
AND coalesce(leased_until, 0) <= :now AND id = (SELECT id FROM notifications WHERE state = 'pending'
AND channel = head.channel ORDER BY session, id LIMIT 1) ORDER BY session, id
"""  # noqa: S608 -- column names of this module


class DeliveryState(StrEnum):
    """The state of a message on one channel. A superseded message was replaced by a later one before it was sent."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class QueuedNotification:
    """A message for one channel.

    Attributes:
        event_id: the same for every attempt and channel; receivers drop repeated messages by it.
        body: the message as JSON text.
        attempts: number of attempts, the running one included.
        error: why the last attempt failed; empty before the first failure.
        changed_at: time of the last attempt; None before the first.
    """

    id: int
    event_id: str
    account: str
    session: date
    channel: str
    body: str
    attempts: int
    error: str
    changed_at: datetime | None


class NotificationStore:
    """Keeps messages in one SQLite file until they are delivered or given up.

    Each channel receives its messages in the order of sessions: a message is claimed only if no older one of its
    channel is pending. Times are arguments; the store reads no clock.
    """

    def __init__(self, path: Path, *, max_attempts: int = MAX_ATTEMPTS) -> None:
        """Open or create the file; raises ConfigError if it is damaged or of a newer version."""
        self._file = SqliteFile(path, "the outbox of notifications", Schema(1, (_TABLE, _BY_STATE)))
        self._most = max_attempts

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def enqueue(self, event_id: str, account: str, session: date, channel: str, body_json: str) -> bool:
        """Store a message; return False if the channel has a message with this event id already.

        Pending messages of the same account, session and channel are superseded, unless one is being sent.
        """
        insert = (
            "INSERT OR IGNORE INTO notifications (event_id, account, session, channel, body, state, attempts, next_at, "
            "error) VALUES (?, ?, ?, ?, ?, 'pending', 0, 0, '')"
        )
        supersede = (
            "UPDATE notifications SET state = 'superseded', body = '' WHERE account = ? AND session = ? "
            "AND channel = ? AND state = 'pending' AND leased_until IS NULL AND id <> ?"
        )
        place = (account, session.isoformat(), channel)
        with self._file.writing() as connection:
            added = connection.execute(insert, (event_id, *place, body_json))
            if added.rowcount:
                connection.execute(supersede, (*place, added.lastrowid))
            return bool(added.rowcount)

    def claim(
        self, now: datetime, lease_s: float, limit: int, *, channels: Sequence[str] | None = None
    ) -> tuple[QueuedNotification, ...]:
        """Lease the oldest pending message of each channel that is due, and return them; at most `limit`.

        A leased message is not returned again for `lease_s` seconds. The claim counts as an attempt, so that a message
        whose sender is killed each time is given up too. `channels` limits the claim to these channels.
        """
        moment, found = _seconds(now), list[QueuedNotification]()
        with self._file.writing() as connection:
            for row in connection.execute(_OLDEST, {"now": moment}).fetchall():
                queued = _queued(row)
                if len(found) == limit or (channels is not None and queued.channel not in channels):
                    continue
                if queued.attempts >= self._most:  # the last sender ended without a result
                    self._give_up(connection, queued.id, moment, queued.error or "the sender was stopped")
                    continue
                connection.execute(
                    "UPDATE notifications SET attempts = attempts + 1, leased_until = ?, changed_at = ? WHERE id = ?",
                    (moment + max(1, round(lease_s)), moment, queued.id),
                )
                found.append(_queued((*row[:6], queued.attempts + 1, row[7], moment)))
        return tuple(found)

    def delivered(self, message: int) -> None:
        """Store that a message was delivered. Its text is removed; its event id stays, so that it is not sent again."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE notifications SET state = 'delivered', body = '', error = '', leased_until = NULL "
                "WHERE id = ? AND state <> 'superseded'",
                (message,),
            )

    def failed(self, message: int, now: datetime, error: str) -> DeliveryState:
        """Store a failed attempt and return the state of the message.

        The wait before the next attempt is FIRST_WAIT_S and doubles up to LONGEST_WAIT_S. After the last attempt the
        message is given up. A message that was delivered by another process meanwhile stays delivered.
        """
        moment = _seconds(now)
        query = "SELECT state, attempts FROM notifications WHERE id = ?"
        with self._file.writing() as connection:
            state, attempts = connection.execute(query, (message,)).fetchone()
            if state != DeliveryState.PENDING:
                return DeliveryState(state)
            if attempts >= self._most:
                self._give_up(connection, message, moment, error)
                return DeliveryState.GIVEN_UP
            wait = min(FIRST_WAIT_S * 2 ** (attempts - 1), LONGEST_WAIT_S)
            connection.execute(
                "UPDATE notifications SET next_at = ?, leased_until = NULL, changed_at = ?, error = ? WHERE id = ?",
                (moment + wait, moment, error[:LONGEST_ERROR], message),
            )
        return DeliveryState.PENDING

    def pending(self, account: str | None = None) -> tuple[QueuedNotification, ...]:
        """Return the messages of an account, or of all, that are neither delivered nor given up, oldest first."""
        rows = self._file.rows(f"{_QUEUED} AND coalesce(:account, account) = account ORDER BY session, id", (account,))
        return tuple(map(_queued, rows))

    def findings(self) -> tuple[QueuedNotification, ...]:
        """Return the messages that were given up, oldest first, with the error of their last attempt."""
        query = f"SELECT {_COLUMNS} FROM notifications WHERE state = 'given_up' ORDER BY session, id"  # noqa: S608
        return tuple(map(_queued, self._file.rows(query)))

    def clear_findings(self, channel: str) -> None:
        """Remove the findings of a channel; the messages are not sent again."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE notifications SET state = 'superseded', body = '' WHERE state = 'given_up' AND channel = ?",
                (channel,),
            )

    @staticmethod
    def _give_up(connection: sqlite3.Connection, message: int, moment: int, error: str) -> None:
        connection.execute(
            "UPDATE notifications SET state = 'given_up', leased_until = NULL, changed_at = ?, error = ? WHERE id = ?",
            (moment, error[:LONGEST_ERROR], message),
        )


def _queued(row: Sequence[object]) -> QueuedNotification:
    number, event_id, account, session, channel, body, attempts, error, changed = row
    return QueuedNotification(
        int(str(number)),
        str(event_id),
        str(account),
        date.fromisoformat(str(session)),
        str(channel),
        str(body),
        int(str(attempts)),
        str(error),
        None if changed is None else datetime.fromtimestamp(int(str(changed)), UTC),
    )


def _seconds(now: datetime) -> int:
    return int(now.timestamp())
