"""The performance of an account: a unit value that deposits and withdrawals do not change, and its figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...ledger.book.book import Book
from ...ledger.book.fold import fold
from ...ledger.model import chart_of_accounts
from ...ledger.model.events import BarClosed, Deposited, Event
from ...ledger.model.order_events import OrderFilled
from ...ledger.pricing.units import MINOR, to_decimal
from ...performance.summary import PerformanceSummary, summarize


@dataclass(frozen=True, slots=True)
class UnitValue:
    """An account at the close of a session; `units` is the value of one unit, which began as 1."""

    session: str
    equity: Decimal
    units: float


@dataclass(frozen=True, slots=True)
class AccountPerformance:
    """The performance of an account, money in its currency.

    `deposited` is the sum of deposits less withdrawals, `gain` the equity less that sum. The figures are those of the
    unit value; None with fewer than two sessions.
    """

    account: str
    currency: str
    first: str
    last: str
    sessions: int
    deposited: Decimal
    equity: Decimal
    gain: Decimal
    figures: PerformanceSummary | None
    fills: int
    commission: Decimal
    borrow: Decimal


def unit_values(events: Sequence[Event]) -> Iterator[UnitValue]:
    """Yield one value for every completed session.

    units = previous units * (equity - cash moved since) / previous equity, the time-weighted return with cash flows at
    the end of a session. An account without equity keeps its value. The first session has the value 1.
    """
    book, units, before, moved = Book(), 1.0, 0, 0
    for event in events:
        fold(book, event)
        if isinstance(event, Deposited):
            moved += event.amount
        elif isinstance(event, BarClosed) and event.last:
            units *= (book.equity - moved) / before if before > 0 else 1.0
            yield UnitValue(event.session, to_decimal(book.equity, MINOR), units)
            before, moved = book.equity, 0


def account_performance(
    events: Sequence[Event], book: Book, values: Sequence[UnitValue], periods_a_year: float
) -> AccountPerformance:
    """Return the performance of an account; `book` is folded from `events`, and `values` are its unit values."""
    figures = summarize([each.units for each in values], periods_a_year) if len(values) > 1 else None
    deposited = to_decimal(sum(each.amount for each in events if isinstance(each, Deposited)), MINOR)
    equity = to_decimal(book.equity, MINOR)
    return AccountPerformance(
        account=book.account,
        currency=book.currency,
        first=values[0].session if values else "",
        last=values[-1].session if values else "",
        sessions=len(values),
        deposited=deposited,
        equity=equity,
        gain=equity - deposited,
        figures=figures,
        fills=sum(isinstance(event, OrderFilled) for event in events),
        commission=to_decimal(book.balance(chart_of_accounts.COMMISSION), MINOR),
        borrow=to_decimal(book.balance(chart_of_accounts.BORROW), MINOR),
    )
