"""Verification of a stored account: the invariants of its journal, and every table against the replayed journal."""

from collections.abc import Iterable, Mapping, Sequence

from ...domain.errors import (
    ChainBroken,
    ConfigError,
    LedgerError,
    SchemaMismatch,
)
from ..book.book import Book
from ..book.fold import replay
from ..book.journal import Journal, JournalRow, read_rows
from ..reports.audit import INVARIANTS, Check, check_book
from .database import Cursor
from .ledger import Ledger
from .rows import (
    balance_rows,
    fill_rows,
    order_rows,
    posting_rows,
    request_rows,
)

Row = tuple[object, ...]
SELECTS = {
    "postings": "SELECT account, seq, leg, name, commodity, amount FROM postings WHERE account = ?",
    "balances": "SELECT account, name, commodity, amount FROM balances WHERE account = ?",
    "orders": "SELECT account, order_id, symbol, sign, status, quantity, filled, value, commission, reserved, reason "
    "FROM orders WHERE account = ?",
    "fills": "SELECT account, fill_id, seq, order_id, session, quantity, price, value, commission "
    "FROM fills WHERE account = ?",
    "requests": "SELECT account, request, body_hash, answer FROM requests WHERE account = ?",
}


def verify(ledger: Ledger, account: str) -> tuple[Check, ...]:
    """Run all checks of an account and return their results.

    If the hash chain is broken, it is the only check returned. If the events contradict each other, the checks of the
    replayed book and its tables are replaced by a breach of I13. Raises ConfigError for an unknown account.
    """
    with ledger.database.snapshot() as cursor:
        rows = ledger.journal_rows(account)
        if not rows and account not in ledger.accounts():
            ledger.current(cursor, account)
        if (broken := _chain(rows)) is not None:
            return (broken,)
        stored = {table: ledger.query(select, (account,)) for table, select in SELECTS.items()}
        checks = [_head(ledger, account, rows[-1].hash if rows else "", len(rows)), _outbox(ledger, account, len(rows))]
        try:
            book, journal = replay(read_rows(rows))
            checks += [*check_book(journal, book), *_tables(account, rows, book, journal, stored)]
        except Exception as error:  # noqa: BLE001 -- any error from an edited journal is a breach
            return (*checks, Check("I13", INVARIANTS["I13"][0], len(rows), (_in_words(error),)))
        return (*checks, _live(ledger, cursor, account, book, journal))


def _in_words(error: Exception) -> str:
    message = str(error) if isinstance(error, LedgerError) else f"{type(error).__name__}: {error}"
    return f"the journal's events contradict each other: {message}"


def _tables(
    account: str, rows: Sequence[JournalRow], book: Book, journal: Journal, stored: Mapping[str, Iterable[Row]]
) -> list[Check]:
    expected: dict[str, Iterable[Row]] = {
        "postings": posting_rows(account, journal.entries),
        "balances": balance_rows(book, journal.entries),
        "orders": order_rows(book, book.orders),
        "fills": fill_rows(account, rows, journal.events),
        "requests": request_rows(account, rows, journal.events),
    }
    return [_compare(table, expected[table], found) for table, found in stored.items()]


def _compare(table: str, expected: Iterable[Row], stored: Iterable[Row]) -> Check:
    wanted, found = set(expected), {tuple(row) for row in stored}
    breaches = [f"{table} lacks {row}" for row in sorted(map(str, wanted - found))]
    breaches += [f"{table} has {row}, which is not in the journal" for row in sorted(map(str, found - wanted))]
    return Check(table, f"the table of {table} matches the replayed journal", len(wanted | found), tuple(breaches))


def _head(ledger: Ledger, account: str, last_hash: str, count: int) -> Check:
    stored = [tuple(row) for row in ledger.query("SELECT seq, hash FROM accounts WHERE account = ?", (account,))]
    fine = stored == [(count, last_hash)]
    breaches = () if fine else (f"the account ends at {stored}, its journal at {(count, last_hash)}",)
    return Check("head", "the journal ends at the account's stored head", count, breaches)


def _outbox(ledger: Ledger, account: str, count: int) -> Check:
    """Compare the outbox with the events after the last confirmed one."""
    found = [
        int(str(seq)) for (seq,) in ledger.query("SELECT seq FROM outbox WHERE account = ? ORDER BY seq", (account,))
    ]
    published = [
        int(str(seq)) for (seq,) in ledger.query("SELECT published FROM accounts WHERE account = ?", (account,))
    ]
    confirmed = published[0] if published else 0
    fine = found == list(range(confirmed + 1, count + 1))
    breaches = () if fine else (f"the outbox holds {len(found)} events, not all from {confirmed + 1} to {count}",)
    return Check("outbox", "the outbox holds all events after the last confirmed one", len(found), breaches)


def _chain(rows: Sequence[JournalRow]) -> Check | None:
    """Return the breach of the hash chain with the number of valid rows before it, or None."""
    sound = 0
    try:
        for _ in read_rows(rows):
            sound += 1
    except (ChainBroken, SchemaMismatch) as error:
        return Check("I12", INVARIANTS["I12"][0], sound, (str(error),))
    return None


def _live(ledger: Ledger, cursor: Cursor, account: str, book: Book, journal: Journal) -> Check:
    """Compare the replayed book with the broker in memory, which executed the commands."""
    try:
        live = ledger.current(cursor, account)
    except (LedgerError, ConfigError) as error:
        return Check("live", "the state in memory matches the stored journal", 1, (str(error),))
    same = live.book.state_hash() == book.state_hash() and live.journal.entries == journal.entries
    breaches = () if same else ("the broker in memory and the stored journal disagree",)
    return Check("live", "the state in memory matches the stored journal", 1, breaches)
