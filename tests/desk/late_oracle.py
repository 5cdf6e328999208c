"""Late dividends found by reading the whole journal: slow and plain, the measure of the incremental answer."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import (
    Bar,
    Dividend,
    Interval,
    Split,
)
from openoutcry.domain.trading_calendar import TradingCalendar, trading_calendar
from openoutcry.ledger.book.book import Book
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.events import (
    BarClosed,
    Delisted,
    Event,
    SplitApplied,
)
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.pricing.units import toward_zero

XNYS = trading_calendar("XNYS")
Movement = OrderFilled | SplitApplied | Delisted


class QuietMarket:
    """A market in memory whose prices stand still, with the dividends and splits that it is given."""

    def __init__(self, dividends: Iterable[Dividend] = (), splits: Iterable[Split] = ()) -> None:
        self.paid, self.made = tuple(dividends), tuple(splits)

    def calendar_name(self, _: Symbol, *, until: datetime | None = None) -> str:
        return "XNYS"

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> tuple[Bar, ...]:
        session = XNYS.last_completed(until)
        start, known_at = XNYS.open(session), XNYS.close(session)
        return (Bar(symbol, session, start, known_at, *map(Decimal, (100, 101, 99, 100, 10**6))),)

    def splits(self, symbol: Symbol, *, until: datetime) -> tuple[Split, ...]:
        return tuple(each for each in self.made if each.symbol == symbol and each.known_at <= until)

    def dividends(self, symbol: Symbol, *, until: datetime) -> tuple[Dividend, ...]:
        return tuple(each for each in self.paid if each.symbol == symbol and each.known_at <= until)


def scanned(
    broker: Broker, source: QuietMarket, sessions: TradingCalendar, session: date, remembered: timedelta
) -> tuple[Dividend, ...]:
    """Return what `late_dividends` must return, or raise what it must raise."""
    book, close = broker.book, sessions.close(session)
    first = next((event.session for event in broker.journal.events if isinstance(event, BarClosed)), "")
    last = sessions.previous(session).isoformat()
    found = []
    for name, moved in sorted(movements(book, broker.journal.events).items()) if first else ():
        symbol = Symbol(name)
        splits = [each.ex_date.isoformat() for each in source.splits(symbol, until=close)]
        missed = [day for day in splits if first < day <= last and f"split:{name}:{day}" not in book.actions]
        if symbol in book.positions:
            if any(day > since(book, moved) for day in missed):
                raise ConfigError("a split was missed")
        elif date.fromisoformat(book.session) - date.fromisoformat(day_of(moved[-1])) > remembered:
            continue
        for each in source.dividends(symbol, until=close):
            day = each.ex_date.isoformat()
            late = first < day <= last and f"dividend:{name}:{day}" not in book.actions
            if late and held_into(book, moved, day):
                found.append(each)
    return tuple(found)


def movements(book: Book, events: Iterable[Event]) -> dict[str, list[Movement]]:
    """Return, by symbol and in order, all that ever changed how much is held."""
    found: dict[str, list[Movement]] = {}
    for event in events:
        if isinstance(event, OrderFilled):
            found.setdefault(book.orders[event.order_id].terms.symbol, []).append(event)
        elif isinstance(event, SplitApplied | Delisted):
            found.setdefault(event.symbol, []).append(event)
    return found


def day_of(movement: Movement) -> str:
    if isinstance(movement, OrderFilled):
        return movement.session
    return movement.ex_date if isinstance(movement, SplitApplied) else movement.day


def after(book: Book, held: int, movement: Movement) -> int:
    if isinstance(movement, OrderFilled):
        return held + book.orders[movement.order_id].terms.sign * movement.quantity
    if isinstance(movement, SplitApplied):
        return toward_zero(held * movement.numerator, movement.denominator)
    return 0


def held_into(book: Book, moved: Iterable[Movement], day: str) -> int:
    """Return the signed quantity held going into `day`."""
    held = 0
    for each in moved:
        if day_of(each) < day or (day_of(each) == day and not isinstance(each, OrderFilled)):
            held = after(book, held, each)
    return held


def since(book: Book, moved: Iterable[Movement]) -> str:
    """Return the day on which the position was opened, changed sides, or was split; the last of them."""
    held, found = 0, ""
    for each in moved:
        before, held = held, after(book, held, each)
        if held * before <= 0 or isinstance(each, SplitApplied):
            found = day_of(each)
    return found
