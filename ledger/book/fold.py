"""Fold events into a book; each event yields at most one balanced entry."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from ...domain.errors import ChainBroken, LedgerError, SchemaMismatch
from ..model.account_rules import AccountRules
from ..model.entries import Entry, Posting
from ..model.events import (
    AccountHalted,
    AccountOpened,
    AccountReducing,
    AccountResumed,
    BarClosed,
    DecisionRecorded,
    Event,
    InstrumentListed,
    MarginCallIssued,
    MarginCallMet,
    SymbolQuarantined,
    SymbolReleased,
    SymbolRenamed,
)
from .book import Book
from .codec import rebuild, to_plain
from .journal import Journal
from .order_states import ORDER_FOLDS
from .pattern_day_trader import count_session
from .postings import MONEY_FOLDS
from .proposal_states import PROPOSAL_FOLDS
from .renames import renamed


def fold(book: Book, event: Event) -> Entry | None:
    """Apply `event` to `book` and return its entry, or None when no money or shares move.

    Raises LedgerError for an unknown event type.
    """
    kind = type(event)
    book.seq += 1
    if (change := STATE_FOLDS.get(kind)) is not None:
        change(book, event)
        return None
    if (moves := ENTRY_FOLDS.get(kind)) is not None:
        postings = moves(book, event)
        if not postings:
            return None
        entry = Entry(book.seq, postings)
        book.post(postings)
        return entry
    raise LedgerError(f"unknown event type {kind.__name__}")


def replay(events: Iterable[Event]) -> tuple[Book, Journal]:
    """Return the book folded from `events`, and the journal of the events and their entries."""
    book, journal = Book(), Journal()
    extend(book, journal, events)
    return book, journal


def extend(book: Book, journal: Journal, events: Iterable[Event]) -> None:
    """Fold more events into a book and its journal; raises ChainBroken for an event that contradicts earlier ones."""
    for event in events:
        try:
            entry = fold(book, event)
        except SchemaMismatch:
            raise
        except Exception as error:
            raise ChainBroken(
                f"event {book.seq} of the journal, {type(event).__name__}, cannot follow those before it "
                f"({type(error).__name__}: {error}); restore the account from a backup"
            ) from error
        journal.events.append(event)
        if entry is not None:
            journal.entries.append(entry)


def _opened(book: Book, event: AccountOpened) -> None:
    book.account, book.currency = event.account, event.currency
    written = to_plain(AccountRules()) | json.loads(event.rules)  # older accounts get the defaults of newer rules
    book.rules = rebuild(AccountRules, written)


def _listed(book: Book, event: InstrumentListed) -> None:
    book.instruments[event.instrument.symbol] = event.instrument


def _bar_closed(book: Book, event: BarClosed) -> None:
    book.bar, book.start, book.session, book.session_closed = event.bar, event.start, event.session, event.last
    book.first_session = book.first_session or event.session
    count_session(book, event.session)
    marks, positions, traded = book.marks, book.positions, book.last_traded
    for symbol, price in event.marks:
        traded[symbol] = event.session
        if marks.get(symbol) != price:
            marks[symbol] = price
            if symbol in positions:
                book.revalue(symbol)


def _quarantined(book: Book, event: SymbolQuarantined) -> None:
    book.quarantined[event.symbol] = event


def _released(book: Book, event: SymbolReleased) -> None:
    book.quarantined.pop(event.symbol, None)


def _called(book: Book, event: MarginCallIssued) -> None:
    book.call = event


def _met(book: Book, _: MarginCallMet) -> None:
    book.call = None


def _decided(book: Book, event: DecisionRecorded) -> None:
    book.decisions.add(event.run_id)


def _halted(book: Book, event: AccountHalted) -> None:
    book.halted, book.reducing = event.reason, None


def _reducing(book: Book, event: AccountReducing) -> None:
    book.reducing = event.reason


def _resumed(book: Book, _: AccountResumed) -> None:
    book.halted = book.reducing = None


ENTRY_FOLDS: dict[type, Callable[[Book, Any], tuple[Posting, ...]]] = {**MONEY_FOLDS, SymbolRenamed: renamed}
STATE_FOLDS: dict[type, Callable[[Book, Any], None]] = {
    **ORDER_FOLDS,
    **PROPOSAL_FOLDS,
    AccountOpened: _opened,
    InstrumentListed: _listed,
    BarClosed: _bar_closed,
    SymbolQuarantined: _quarantined,
    SymbolReleased: _released,
    MarginCallIssued: _called,
    MarginCallMet: _met,
    DecisionRecorded: _decided,
    AccountHalted: _halted,
    AccountReducing: _reducing,
    AccountResumed: _resumed,
}
