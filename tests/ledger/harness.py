"""A small market for the ledger's tests: weekdays for sessions, terms and tickets in one line."""

from datetime import UTC, date, datetime, time, timedelta

from openoutcry.domain.orders import OrderType, TimeInForce
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.broker import Broker, Receipt
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.events import Event
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order import OrderTerms
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.reports.audit import check_book

KINDS = {kind.value: kind for kind in OrderType}
TIFS = {tif.value: tif for tif in TimeInForce}
CASH = 10_000_000
Prices = tuple[int, int, int, int, int]
"""Open, high, low, close and volume: a bar as a test writes it."""

FLAT = IntegerBar(10_000, 10_000, 10_000, 10_000, 1_000_000)


class Weekdays:
    """Every weekday is a session."""

    def next(self, day: date) -> date:
        day += timedelta(days=1)
        while day.weekday() > 4:
            day += timedelta(days=1)
        return day

    def close(self, day: date) -> datetime:
        return datetime.combine(day, time(21), UTC)


def terms(
    order_id: str,
    side: str,
    quantity: int,
    kind: str = "market",
    *,
    limit: int | None = None,
    stop: int | None = None,
    trail: int | None = None,
    tif: str = "day",
    symbol: str = "AAA",
    parent: str | None = None,
    group: str | None = None,
    lots: tuple[str, ...] = (),
) -> OrderTerms:
    """Write terms: side is buy, sell, short or cover."""
    sign = 1 if side in ("buy", "cover") else -1
    return OrderTerms(
        order_id, symbol, sign, side in ("sell", "cover"), quantity, KINDS[kind], limit, stop, trail, TIFS[tif],
        "run-1", "decision-1", parent, group, lots,
    )  # fmt: skip


class Floor:
    """A broker with its clock: every bar is the next weekday's, unless it is said to be one of several in a day."""

    def __init__(self, rules: AccountRules, *, cash: int = CASH, symbols: tuple[str, ...] = ("AAA",)) -> None:
        self.broker = Broker.open("test", rules, Weekdays())
        self.day, self.clock = date(2024, 1, 1), 0
        for symbol in symbols:
            self.broker.list_instrument(Instrument(symbol, borrow_bps=360))
        if cash:
            self.broker.deposit("start", cash)

    def bar(
        self, aaa: Prices | None = None, *, first: bool = True, last: bool = True, **bars: Prices
    ) -> tuple[Event, ...]:
        """Process the next bar; `aaa` is that of AAA."""
        if first:
            self.day = Weekdays().next(self.day)
        self.clock += 3600
        given = {**bars, **({"AAA": aaa} if aaa else {})}
        market = {symbol: IntegerBar(*bar) for symbol, bar in given.items()}
        return self.broker.on_bar(BarTime(self.day, self.clock, first, last), market)

    def fills(self, aaa: Prices | None = None, **bars: Prices) -> list[tuple[str, int, int]]:
        """Walk the next bar and return (order, quantity, price) of its fills."""
        return [
            (event.order_id, event.quantity, event.price)
            for event in self.bar(aaa, **bars)
            if event_name(event) == "Filled"
        ]

    def status(self, order_id: str) -> str:
        return self.broker.book.order(order_id).status.value


def quiet_floor() -> Floor:
    """Return a margin account over an unlimited market in AAA, last seen at 100.00, that settles at once."""
    made = Floor(AccountRules(margin=True, participation_bps=None, settle=False))
    made.bar((10_000, 10_000, 10_000, 10_000, 1_000))
    return made


def send(floor: Floor, made: OrderTerms) -> Receipt:
    receipt = floor.broker.submit(OrderRequest(made))
    assert receipt.accepted, receipt
    return receipt


def at(price: int) -> IntegerBar:
    """Return a bar that stands still."""
    return IntegerBar(price, price, price, price, 1_000_000)


def assert_sound(floor: Floor) -> None:
    assert not [check for check in check_book(floor.broker.journal, floor.broker.book) if check.breaches]
