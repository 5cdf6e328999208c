"""What happened in an account, event by event, in shares and currency."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...ledger.book.book import Book
from ...ledger.book.fold import fold
from ...ledger.book.wire_names import event_name
from ...ledger.model.events import AccountOpened, BarClosed, Event, InstrumentListed
from ...ledger.model.order_events import OrderAccepted, OrderFilled, OrderRefusal
from ...ledger.pricing.units import MINOR, to_decimal

NOT_SHOWN = (BarClosed, InstrumentListed)
"""Events that change neither cash nor an order."""
DETAILS = ("outcome", "reason", "reference", "kind", "ex_date", "deadline")
"""Attributes of events that explain them, in the order of preference."""


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One event of an account.

    Attributes:
        session: the last session that had begun; empty before the first one.
        event: the stored name of the event.
        quantity: shares, negative for a sale; None if the event has none.
        price: price per share in currency; None if the event has none.
        cash: change of cash in currency; None if cash did not change.
        detail: the reason, reference or symbol of the event.
    """

    seq: int
    session: str
    event: str
    order_id: str
    quantity: Decimal | None
    price: Decimal | None
    cash: Decimal | None
    detail: str


def activity(events: Sequence[Event]) -> Iterator[ActivityLine]:
    """Yield the events that change cash or orders, oldest first, by folding all events."""
    book, session = Book(), ""
    for seq, event in enumerate(events, start=1):
        before = book.cash
        fold(book, event)
        session = getattr(event, "session", session)
        if not isinstance(event, NOT_SHOWN):
            yield _line(seq, session, event, book, book.cash - before)


def _line(seq: int, session: str, event: Event, book: Book, cash: int) -> ActivityLine:
    quantity, price = _amounts(event, book)
    terms = getattr(event, "terms", None)
    return ActivityLine(
        seq=seq,
        session=session,
        event=event_name(event),
        order_id=terms.order_id if terms else getattr(event, "order_id", ""),
        quantity=quantity,
        price=price,
        cash=to_decimal(cash, MINOR) if cash else None,
        detail=_detail(event),
    )


def _amounts(event: Event, book: Book) -> tuple[Decimal | None, Decimal | None]:
    """Return quantity and price of an event in shares and currency; an accepted order shows its own levels."""
    price: int | None
    if isinstance(event, OrderFilled):
        terms, quantity, price = book.orders[event.order_id].terms, event.quantity, event.price
    elif isinstance(event, OrderAccepted | OrderRefusal):
        terms, quantity = event.terms, event.terms.quantity
        price = terms.limit if terms.limit is not None else terms.stop
    else:
        return None, None
    instrument = book.instruments.get(terms.symbol)
    shares = to_decimal(terms.sign * quantity, instrument.quantity_scale if instrument else 1)
    return shares, None if price is None else to_decimal(price, instrument.price_scale if instrument else MINOR)


def _detail(event: Event) -> str:
    if isinstance(event, OrderFilled):
        return "the bar allows another outcome" if event.ambiguous else ""
    if isinstance(event, AccountOpened):
        return event.currency
    given = next((str(getattr(event, name)) for name in DETAILS if getattr(event, name, "")), "")
    return " ".join(each for each in (getattr(event, "symbol", ""), given) if each)
