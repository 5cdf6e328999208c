"""Table rows of a batch of events, as tuples for the driver with one statement per table."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from ..book.book import Book
from ..book.journal import JournalRow
from ..model.entries import Entry
from ..model.events import Deposited, Event, SymbolRenamed
from ..model.order_events import OrderAccepted, OrderFilled, OrderRefusal
from ..model.proposal_events import PROPOSAL_EVENTS
from .database import Database

JOURNAL = "INSERT INTO journal (account, seq, body, hash, schema_version, hash_version) VALUES (?, ?, ?, ?, ?, ?)"
OUTBOX = "INSERT INTO outbox (account, seq) VALUES (?, ?)"
POSTINGS = "INSERT INTO postings (account, seq, leg, name, commodity, amount) VALUES (?, ?, ?, ?, ?, ?)"
REQUESTS = "INSERT INTO requests (account, request, body_hash, answer) VALUES (?, ?, ?, ?)"
FILLS = (
    "INSERT INTO fills (account, fill_id, seq, order_id, session, quantity, price, value, commission) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ORDERS = (
    "INSERT INTO orders (account, order_id, symbol, sign, status, quantity, filled, value, commission, reserved, "
    "reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, order_id) DO UPDATE SET "
    "symbol = excluded.symbol, status = excluded.status, quantity = excluded.quantity, filled = excluded.filled, "
    "value = excluded.value, commission = excluded.commission, reserved = excluded.reserved, reason = excluded.reason"
)
BALANCES = (
    "INSERT INTO balances (account, name, commodity, amount) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (account, name, commodity) DO UPDATE SET amount = excluded.amount"
)
HEAD = "UPDATE accounts SET seq = ?, hash = ? WHERE account = ? AND seq = ?"

ANSWERS = (OrderAccepted, OrderRefusal)
Batch = list[tuple[str, Sequence[tuple[object, ...]]]]


def batch(book: Book, rows: Sequence[JournalRow], events: Sequence[Event], entries: Iterable[Entry]) -> Batch:
    """Return a statement and its rows for each table that the events change, the journal first."""
    account = book.account
    entries = tuple(entries)
    tables: Batch = [
        (JOURNAL, [(account, *row) for row in rows]),
        (OUTBOX, [(account, row[0]) for row in rows]),
        (REQUESTS, request_rows(account, rows, events)),
        (ORDERS, order_rows(book, touched_orders(events))),
        (FILLS, fill_rows(account, rows, events)),
        (POSTINGS, posting_rows(account, entries)),
        (BALANCES, balance_rows(book, entries)),
    ]  # fmt: skip
    return [(statement, data) for statement, data in tables if data]


def request_rows(account: str, rows: Sequence[JournalRow], events: Sequence[Event]) -> list[tuple[object, ...]]:
    """Return the idempotency rows of the commands: account, key, SHA-256 of the body, and answer.

    The body of an order is its terms, the last part of the event's canonical JSON before the type.
    """
    found: list[tuple[object, ...]] = []
    for row, event in zip(rows, events, strict=True):
        written = row[1]
        if isinstance(event, ANSWERS):
            answer = event.reason.value if isinstance(event, OrderRefusal) else "accepted"
            body = written[written.index('"terms":') : written.rindex(',"type":')]
            found.append((account, "order:" + event.terms.order_id, sha256(body.encode()).hexdigest(), answer))
        elif isinstance(event, Deposited):
            found.append((account, "cash:" + event.reference, sha256(written.encode()).hexdigest(), "booked"))
    return found


def touched_orders(events: Iterable[Event]) -> list[str]:
    """Return the distinct ids of all orders in the events; a proposal is not an order."""
    ids: dict[str, None] = {}
    for event in events:
        if isinstance(event, PROPOSAL_EVENTS):
            continue
        if isinstance(event, ANSWERS):
            ids[event.terms.order_id] = None
        elif isinstance(event, SymbolRenamed):
            ids |= dict.fromkeys(event.orders)
        elif (order_id := getattr(event, "order_id", None)) is not None:
            ids[order_id] = None
    return list(ids)


def order_rows(book: Book, order_ids: Iterable[str]) -> list[tuple[object, ...]]:
    """Return the current rows of the given orders."""
    account, orders = book.account, book.orders
    return [
        (
            account, order_id, order.terms.symbol, order.terms.sign, order.status.value, order.quantity, order.filled,
            order.value, order.commission, order.reserved, order.reason.value if order.reason else None,
        )
        for order_id in order_ids
        for order in (orders[order_id],)
    ]  # fmt: skip


def fill_rows(account: str, rows: Sequence[JournalRow], events: Sequence[Event]) -> list[tuple[object, ...]]:
    """Return the rows of all fills among the events."""
    return [
        (
            account, event.fill_id, row.seq, event.order_id, event.session, event.quantity, event.price, event.value,
            event.commission,
        )
        for row, event in zip(rows, events, strict=True)
        if isinstance(event, OrderFilled)
    ]  # fmt: skip


def posting_rows(account: str, entries: Iterable[Entry]) -> list[tuple[object, ...]]:
    """Return one row for each posting of the entries."""
    return [
        (account, entry.seq, leg, posting.account, posting.commodity, posting.amount)
        for entry in entries
        for leg, posting in enumerate(entry.postings)
    ]


def balance_rows(book: Book, entries: Iterable[Entry]) -> list[tuple[object, ...]]:
    """Return the current balances of all accounts that the entries changed."""
    keys = dict.fromkeys((posting.account, posting.commodity) for entry in entries for posting in entry.postings)
    return [(book.account, *key, book.balances[key]) for key in keys]


class Statements:
    """The statements of a batch in the driver's parameter style."""

    def __init__(self, database: Database) -> None:
        self._known = {text: database.sql(text) for text in
                       (JOURNAL, OUTBOX, REQUESTS, ORDERS, FILLS, POSTINGS, BALANCES, HEAD)}  # fmt: skip

    def __getitem__(self, text: str) -> str:
        return self._known[text]
