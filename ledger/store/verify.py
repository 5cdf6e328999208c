"""Check a stored account: the invariants of its journal, and every table against what the journal adds up to."""

from collections.abc import Iterable, Sequence

from ...domain.errors import ChainBroken
from ..book import Book
from ..fold import replay
from ..invariants import INVARIANTS, Check, check_book
from ..journal import Journal, JournalRow, read_rows
from .database import Cursor
from .ledger import Ledger
from .rows import balance_rows, fill_rows, order_rows, posting_rows, request_rows

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
    """Return every check of an account with how much it looked at and what it found.

    The hash chain comes first: where the journal was altered, that is the only check, for nothing else means anything.
    """
    with ledger.database.snapshot() as cursor:
        rows = ledger.journal_rows(account)
        if account not in ledger.accounts():
            ledger.current(cursor, account)
        if (broken := _chain(rows)) is not None:
            return (broken,)
        book, journal = replay(read_rows(rows))
        expected: dict[str, Iterable[tuple[object, ...]]] = {
            "postings": posting_rows(account, journal.entries),
            "balances": balance_rows(book, journal.entries),
            "orders": order_rows(book, book.orders),
            "fills": fill_rows(account, rows, journal.events),
            "requests": request_rows(account, rows, journal.events),
        }
        stored = [
            _compare(table, expected[table], ledger.query(select, (account,))) for table, select in SELECTS.items()
        ]
        head = _head(ledger, account, rows[-1].hash if rows else "", len(rows))
        live = _live(ledger, cursor, account, book, journal)
    return (head, *check_book(journal, book), *stored, live)


def _compare(table: str, expected: Iterable[tuple[object, ...]], stored: Iterable[tuple[object, ...]]) -> Check:
    wanted, found = set(expected), {tuple(row) for row in stored}
    breaches = [f"{table} lacks {row}" for row in sorted(map(str, wanted - found))]
    breaches += [f"{table} holds {row}, which the journal does not say" for row in sorted(map(str, found - wanted))]
    return Check(table, f"the table of {table} is what the journal adds up to", len(wanted | found), tuple(breaches))


def _head(ledger: Ledger, account: str, last_hash: str, count: int) -> Check:
    stored = [tuple(row) for row in ledger.query("SELECT seq, hash FROM accounts WHERE account = ?", (account,))]
    fine = stored == [(count, last_hash)]
    breaches = () if fine else (f"the account ends at {stored}, its journal at {(count, last_hash)}",)
    return Check("head", "the journal ends where the account says", count, breaches)


def _chain(rows: Sequence[JournalRow]) -> Check | None:
    """Return what breaks the hash chain, with how many rows are sound before it, or None."""
    sound = 0
    try:
        for _ in read_rows(rows):
            sound += 1
    except ChainBroken as error:
        return Check("I12", INVARIANTS["I12"][0], sound, (str(error),))
    return None


def _live(ledger: Ledger, cursor: Cursor, account: str, book: Book, journal: Journal) -> Check:
    """Compare with the broker in memory, which has lived through the commands instead of replaying them."""
    try:
        live = ledger.current(cursor, account)
    except ChainBroken as error:
        return Check("live", "the state in memory is that of the stored journal", 1, (str(error),))
    same = live.book.state_hash() == book.state_hash() and live.journal.entries == journal.entries
    breaches = () if same else ("the broker in memory and the stored journal disagree",)
    return Check("live", "the state in memory is that of the stored journal", 1, breaches)
