"""Accounts that survive: every command runs inside one transaction, and its answer is given after the commit."""

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
    """A broker in memory with the head of the journal that it was folded from."""

    __slots__ = ("broker", "hash", "seq")

    def __init__(self, broker: Broker, seq: int, head: str) -> None:
        self.broker, self.seq, self.hash = broker, seq, head


class Ledger:
    """The accounts of one database. One writer per account at a time; others wait.

    A broker stays in memory between commands; before each one it takes in what other processes have written.
    """

    def __init__(self, database: Database, sessions: SessionCalendar | SessionsOf) -> None:
        """Keep accounts on one calendar, or each on the calendar that its rules name."""
        self.database = database
        self._sessions_of = sessions if callable(sessions) else lambda _: sessions
        self._statements = Statements(database)
        self._held: dict[str, _CachedBroker] = {}

    @classmethod
    def open(
        cls, url: str, sessions: SessionCalendar | SessionsOf, *, sync: Sync = Sync.FULL, reading: bool = False
    ) -> "Ledger":
        """Open the database at `url` (`sqlite:///PATH` or `postgresql+psycopg://...`), creating its tables.

        Who is only `reading` can also open a file that cannot be written.
        """
        return cls(open_database(url, sync=sync, reading=reading), sessions)

    def close(self) -> None:
        """Let go of the database."""
        self._held.clear()
        self.database.close()

    def accounts(self) -> tuple[str, ...]:
        """Return the names of all accounts, sorted, also of those that only a journal tells of."""
        return tuple(sorted(str(row[0]) for row in self.query(NAMES)))

    def create(self, account: str, rules: AccountRules, *, currency: str = "USD") -> None:
        """Open an account; raises ConfigError when there is one of that name."""
        with self.database.transaction(account) as cursor:
            if account in self._names(cursor):
                raise ConfigError(f"there is an account {account} already; choose another name")
            broker = Broker.open(account, rules, self._sessions_of(rules.calendar), currency)
            cursor.execute(self.database.sql(ACCOUNTS), (account, 0, GENESIS))
            held = _CachedBroker(broker, 0, GENESIS)
            head = self._save(cursor, held, account)
        self._held[account] = _CachedBroker(broker, *head)

    @contextmanager
    def transaction(self, account: str) -> Iterator[Broker]:
        """Give the broker of an account for some commands, and store all that they did in one transaction.

        Nothing is stored, and the broker is forgotten, when the block raises. What a command returned may be told to
        others only after the block.
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
        """Return the broker of an account as it stands, to be read only."""
        with self.database.snapshot() as cursor:
            return self.current(cursor, account)

    def current(self, cursor: Cursor, account: str) -> Broker:
        """Return the broker of an account as the transaction of `cursor` sees it."""
        return self._current(cursor, account).broker

    def journal_rows(self, account: str) -> list[JournalRow]:
        """Return the stored journal of an account."""
        return [_row(found) for found in self.query(READ, (account, 0))]

    def unpublished(self, account: str, limit: int = 1_000) -> list[JournalRow]:
        """Return the oldest unconfirmed events; consumers drop repeats by account and seq."""
        return [
            _row(found)
            for found in self.query(
                "SELECT j.seq, j.body, j.hash, j.schema_version, j.hash_version FROM outbox o JOIN journal j "
                "ON j.account = o.account AND j.seq = o.seq WHERE o.account = ? ORDER BY o.seq LIMIT ?",
                (account, limit),
            )
        ]

    def confirm(self, account: str, up_to: int) -> None:
        """Take everything up to the event `up_to` out of the outbox, and note how far that was."""
        with self.database.transaction(account) as cursor:
            cursor.execute(self.database.sql("DELETE FROM outbox WHERE account = ? AND seq <= ?"), (account, up_to))
            cursor.execute(self.database.sql(PUBLISHED), (up_to, up_to, account, up_to))

    def _names(self, cursor: Cursor) -> tuple[str, ...]:
        cursor.execute(self.database.sql(NAMES))
        return tuple(sorted(str(row[0]) for row in cursor.fetchall()))

    def query(self, statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Return the rows of a reading statement written with `?`."""
        with translate_database_errors():
            cursor = self.database.cursor()
            cursor.execute(self.database.sql(statement), parameters)
            found: list[tuple[object, ...]] = cursor.fetchall()
        return found

    def _current(self, cursor: Cursor, account: str) -> _CachedBroker:
        """Return the broker in memory, brought to the stored head; raises ConfigError for an unknown account."""
        cursor.execute(self.database.sql("SELECT seq, hash FROM accounts WHERE account = ?"), (account,))
        head = cursor.fetchone()
        if head is None:
            if account in self.accounts():
                raise ChainBroken(f"there is a journal of {account}, but no account of that name; restore a backup")
            raise _unknown_account(account, self._names(cursor))
        held = self._held.get(account)
        if held is None or held.seq > head[0] or held.broker.journal.seq != held.seq:
            held = None
        if held is None or held.seq != head[0]:
            held = self._caught_up(cursor, account, held)
        if (held.seq, held.hash) != tuple(head):
            raise ChainBroken(f"the journal of {account} does not end where its account says; restore a backup")
        self._held[account] = held
        return held

    def _caught_up(self, cursor: Cursor, account: str, held: _CachedBroker | None) -> _CachedBroker:
        """Fold in the rows that are stored beyond what is held, checking their hashes."""
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
        """Write everything since the stored head and return the new one."""
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
            raise LedgerError(f"somebody else wrote to {account} at the same time; nothing was booked, try again")
        return rows[-1].seq, rows[-1].hash


def _extended(broker: Broker, events: Sequence[Event]) -> Broker:
    """Return a broker over the same book with more events folded in."""
    extend(broker.book, broker.journal, events)
    broker.scribe = EventRecorder.rebuilt(broker.book, broker.journal)
    return broker


def _row(found: Sequence[object]) -> JournalRow:
    seq, body, digest, schema_version, hash_version = found
    return JournalRow(int(str(seq)), str(body), str(digest), int(str(schema_version)), int(str(hash_version)))


def _unknown_account(account: str, names: tuple[str, ...]) -> ConfigError:
    there = f"there are {', '.join(names)}" if names else "there is none yet"
    return ConfigError(f"there is no account {account}; {there}. openoutcry paper init --account NAME opens one")
