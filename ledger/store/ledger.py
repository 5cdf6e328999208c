"""Stored accounts; commands run in transactions, and their results are valid after the commit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ...domain.errors import ChainBroken, ConfigError, LedgerError
from ..book.fold import extend, replay
from ..book.journal import (
    GENESIS,
    JournalRow,
    read_rows_after,
    write_rows,
)
from ..broker import Broker
from ..model.account_rules import AccountRules
from ..model.bar_time import SessionCalendar
from ..model.events import Event
from ..orders.recorder import EventRecorder
from .database import (
    Cursor,
    Database,
    Sync,
    translate_database_errors,
)
from .insert import insert
from .open_database import open_database
from .rows import HEAD, Statements, batch

ACCOUNTS = "INSERT INTO accounts (account, seq, hash) VALUES (?, ?, ?)"
PUBLISHED = "UPDATE accounts SET published = CASE WHEN seq < ? THEN seq ELSE ? END WHERE account = ? AND published < ?"
NAMES = "SELECT account FROM accounts UNION SELECT account FROM journal"
SessionsOf = Callable[[str], SessionCalendar]
READ = "SELECT seq, body, hash, schema_version, hash_version FROM journal WHERE account = ? AND seq > ? ORDER BY seq"


class _CachedBroker:
    """A broker in memory, with number and hash of the last stored journal row that it includes."""

    __slots__ = ("broker", "hash", "seq")

    def __init__(self, broker: Broker, seq: int, head: str) -> None:
        self.broker, self.seq, self.hash = broker, seq, head


class Ledger:
    """The accounts of one database. Each account has one writer at a time; other writers wait.

    Brokers are cached in memory. Before each command, a cached broker folds in the rows that other processes wrote.
    """

    def __init__(self, database: Database, sessions: SessionCalendar | SessionsOf) -> None:
        """Use one calendar for all accounts, or a function that maps a calendar name to a calendar."""
        self.database = database
        self._sessions_of = sessions if callable(sessions) else lambda _: sessions
        self._statements = Statements(database)
        self._held: dict[str, _CachedBroker] = {}

    @classmethod
    def open(
        cls, url: str, sessions: SessionCalendar | SessionsOf, *, sync: Sync = Sync.FULL, reading: bool = False
    ) -> "Ledger":
        """Open the database at `url` (`sqlite:///PATH` or `postgresql+psycopg://...`), creating missing tables.

        With `reading`, a file without write permission can be opened too. Raises like `open_database`.
        """
        return cls(open_database(url, sync=sync, reading=reading), sessions)

    def close(self) -> None:
        """Drop the cached brokers and close the database."""
        self._held.clear()
        self.database.close()

    def accounts(self) -> tuple[str, ...]:
        """Return the names of all accounts in order, including those with a journal but no account row."""
        return tuple(sorted(str(row[0]) for row in self.query(NAMES)))

    def create(self, account: str, rules: AccountRules, *, currency: str = "USD") -> None:
        """Create an account; raises ConfigError when the name is in use."""
        with self.database.transaction(account) as cursor:
            if account in self._names(cursor):
                raise ConfigError(f"account {account} already exists; choose another name")
            broker = Broker.open(account, rules, self._sessions_of(rules.calendar), currency)
            cursor.execute(self.database.sql(ACCOUNTS), (account, 0, GENESIS))
            held = _CachedBroker(broker, 0, GENESIS)
            head = self._save(cursor, held, account)
        self._held[account] = _CachedBroker(broker, *head)

    @contextmanager
    def transaction(self, account: str) -> Iterator[Broker]:
        """Yield the broker of an account, and store the events of the block's commands in one transaction.

        If the block raises, nothing is stored and the cached broker is dropped. Results of commands are valid only
        after the block. Raises ConfigError for an unknown account.
        """
        held: _CachedBroker | None = None
        try:
            with self.database.transaction(account) as cursor:
                held = self._current(cursor, account)
                yield held.broker
                head = self._save(cursor, held, account)
            held.seq, held.hash = head
        except BaseException:
            if held is None or held.broker.journal.seq != held.seq:
                self._held.pop(account, None)
            raise

    def broker(self, account: str) -> Broker:
        """Return the current broker of an account for reading; raises ConfigError for an unknown account."""
        with self.database.snapshot() as cursor:
            return self.current(cursor, account)

    def current(self, cursor: Cursor, account: str) -> Broker:
        """Return the broker of an account in the state visible to the transaction of `cursor`."""
        return self._current(cursor, account).broker

    def journal_rows(self, account: str) -> list[JournalRow]:
        """Return the stored journal of an account."""
        return [_row(found) for found in self.query(READ, (account, 0))]

    def unpublished(self, account: str, limit: int = 1_000) -> list[JournalRow]:
        """Return up to `limit` unconfirmed rows, oldest first; consumers must drop duplicates by account and seq."""
        return [
            _row(found)
            for found in self.query(
                "SELECT j.seq, j.body, j.hash, j.schema_version, j.hash_version FROM outbox o JOIN journal j "
                "ON j.account = o.account AND j.seq = o.seq WHERE o.account = ? ORDER BY o.seq LIMIT ?",
                (account, limit),
            )
        ]

    def confirm(self, account: str, up_to: int) -> None:
        """Remove the events up to and including `up_to` from the outbox, and store `up_to` as published."""
        with self.database.transaction(account) as cursor:
            cursor.execute(self.database.sql("DELETE FROM outbox WHERE account = ? AND seq <= ?"), (account, up_to))
            cursor.execute(self.database.sql(PUBLISHED), (up_to, up_to, account, up_to))

    def _names(self, cursor: Cursor) -> tuple[str, ...]:
        cursor.execute(self.database.sql(NAMES))
        return tuple(sorted(str(row[0]) for row in cursor.fetchall()))

    def query(self, statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Run a read statement with `?` placeholders and return its rows."""
        with translate_database_errors():
            cursor = self.database.execute_first(self.database.sql(statement), parameters)
            found: list[tuple[object, ...]] = cursor.fetchall()
        return found

    def _current(self, cursor: Cursor, account: str) -> _CachedBroker:
        """Return the cached broker, updated to the stored head.

        Raises ConfigError for an unknown account, and ChainBroken when journal and account row disagree.
        """
        cursor.execute(self.database.sql("SELECT seq, hash FROM accounts WHERE account = ?"), (account,))
        head = cursor.fetchone()
        if head is None:
            if account in self.accounts():
                raise ChainBroken(f"account {account} has a journal but no account row; restore a backup")
            raise _unknown_account(account, self._names(cursor))
        held = self._held.get(account)
        if held is None or held.seq > head[0] or held.broker.journal.seq != held.seq:
            held = None
        if held is None or held.seq != head[0]:
            held = self._caught_up(cursor, account, held)
        if (held.seq, held.hash) != tuple(head):
            raise ChainBroken(f"the journal of {account} does not end at its stored head; restore a backup")
        self._held[account] = held
        return held

    def _caught_up(self, cursor: Cursor, account: str, held: _CachedBroker | None) -> _CachedBroker:
        """Fold the stored rows that the cached broker lacks, checking their hashes."""
        seq, head = (held.seq, held.hash) if held else (0, GENESIS)
        cursor.execute(self.database.sql(READ), (account, seq))
        rows = [_row(found) for found in cursor.fetchall()]
        events = list(read_rows_after(rows, seq, head))
        broker = self._replayed(events) if held is None else _extended(held.broker, events)
        return _CachedBroker(broker, len(broker.journal.events), rows[-1].hash if rows else head)

    def _replayed(self, events: Sequence[Event]) -> Broker:
        book, journal = replay(events)
        return Broker(journal, book, self._sessions_of(book.rules.calendar))

    def _save(self, cursor: Cursor, held: _CachedBroker, account: str) -> tuple[int, str]:
        """Store all events since the stored head and return the new head.

        Raises LedgerError when another process wrote to the account.
        """
        journal, book = held.broker.journal, held.broker.book
        events = journal.events[held.seq :]
        if not events:
            return held.seq, held.hash
        rows = list(write_rows(events, after=held.seq, head=held.hash))
        entries = journal.entries_after(held.seq)
        for statement, data in batch(book, rows, events, entries):
            if self.database.is_sqlite:
                insert(cursor, statement, data)
            else:
                cursor.executemany(self._statements[statement], data)
        found = cursor.execute(self._statements[HEAD], (rows[-1].seq, rows[-1].hash, account, held.seq))
        if found.rowcount != 1:
            raise LedgerError(f"another process wrote to {account} at the same time; nothing was booked, try again")
        return rows[-1].seq, rows[-1].hash


def _extended(broker: Broker, events: Sequence[Event]) -> Broker:
    """Fold more events into the broker's book and return the broker."""
    extend(broker.book, broker.journal, events)
    broker.scribe = EventRecorder.rebuilt(broker.book, broker.journal)
    return broker


def _row(found: Sequence[object]) -> JournalRow:
    seq, body, digest, schema_version, hash_version = found
    return JournalRow(int(str(seq)), str(body), str(digest), int(str(schema_version)), int(str(hash_version)))


def _unknown_account(account: str, names: tuple[str, ...]) -> ConfigError:
    there = f"there are {', '.join(names)}" if names else "there is none yet"
    return ConfigError(f"there is no account {account}; {there}. Open one with: openoutcry paper init --account NAME")
