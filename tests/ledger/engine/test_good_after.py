"""Orders with a good-after moment: on which bars they fill, how long they stay, and the slices of one order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from openoutcry.domain.orders import TimeInForce
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.events import BarClosed
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order import OrderTerms, RejectReason
from openoutcry.ledger.model.order_events import OrderAccepted, OrderFilled
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.reports.audit import check_book
from openoutcry.tests.ledger.harness import Weekdays, terms

MONDAY, TUESDAY, WEDNESDAY = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)
HOURS = 7
"""Bars of a session; the last one starts an hour before the close at 21:00 UTC."""


def start(day: date, hour: int) -> int:
    """Return the start of a bar of the session, counted from 0, in seconds since 1970-01-01 UTC."""
    return int((datetime(day.year, day.month, day.day, 14, tzinfo=UTC) + timedelta(hours=hour)).timestamp())


def at(day: date, hour: int, minutes: int = 0) -> int:
    return start(day, hour) + 60 * minutes


def bar(price: int) -> IntegerBar:
    return IntegerBar(price, price + 20, price - 20, price + 10, 1_000_000)


def account() -> Broker:
    broker = Broker.open("t", AccountRules(margin=True, participation_bps=None, settle=False), Weekdays())
    broker.list_instrument(Instrument("AAA"))
    broker.deposit("start", 100_000_000)
    broker.on_bar(BarTime(MONDAY, start(MONDAY, 0)), {"AAA": bar(10_000)})
    return broker


def by_hour(broker: Broker, day: date, first: int = 0, last: int = HOURS - 1) -> None:
    """Process the hourly bars of a session; that of hour h opens at 10000 + 100 h."""
    for hour in range(first, last + 1):
        step = BarTime(day, start(day, hour), first=hour == 0, last=hour == HOURS - 1)
        broker.on_bar(step, {"AAA": bar(10_000 + 100 * hour)})


def by_day(broker: Broker, day: date, price: int = 10_000) -> None:
    broker.on_bar(BarTime(day, start(day, 0)), {"AAA": bar(price)})


def send(broker: Broker, made: OrderTerms, *exits: OrderTerms) -> RejectReason | None:
    return broker.submit(OrderRequest(made, exits)).reason


def prices(broker: Broker) -> list[tuple[str, int]]:
    return [(event.order_id, event.price) for event in broker.journal.events if isinstance(event, OrderFilled)]


def breaches(broker: Broker) -> list[str]:
    return [breach for check in check_book(broker.journal, broker.book) for breach in check.breaches]


def timed(
    order_id: str, good_after: int, kind: str = "market", limit: int | None = None, tif: str = "day"
) -> OrderTerms:
    return replace(terms(order_id, "buy", 10, kind, limit=limit, tif=tif), good_after=good_after)


@pytest.mark.parametrize(
    ("minutes", "price"),
    [(0, 10_300), (1, 10_400), (-1, 10_300)],
    ids=["at_a_bar", "inside_a_bar", "just_before_a_bar"],
)
def test_the_first_bar_that_starts_at_the_moment_or_later_fills_the_order(minutes: int, price: int) -> None:
    broker = account()
    assert send(broker, timed("a", at(TUESDAY, 3, minutes))) is None
    by_hour(broker, TUESDAY)
    assert prices(broker) == [("a", price)]
    assert not breaches(broker)


def test_a_limit_that_a_bar_before_the_moment_reaches_waits() -> None:
    broker = account()
    send(broker, timed("early", at(TUESDAY, 1), "limit", 9_990))
    send(broker, timed("late", at(TUESDAY, 4), "limit", 10_395))
    by_hour(broker, TUESDAY)
    assert prices(broker) == [("late", 10_395)]
    assert broker.book.order("early").status == "expired"


def test_on_the_last_bar_a_market_order_fills_at_the_close_and_a_limit_order_expires() -> None:
    broker = account()
    send(broker, timed("market", at(TUESDAY, 3)))
    send(broker, timed("limit", at(TUESDAY, 3), "limit", 10_500))
    by_day(broker, TUESDAY)
    assert prices(broker) == [("market", 10_010)]
    assert broker.book.order("limit").status == "expired"
    assert not breaches(broker)


@pytest.mark.parametrize("tif", ["day", "gtc"])
def test_an_order_stays_until_the_session_of_its_moment(tif: str) -> None:
    broker = account()
    send(broker, timed("a", at(WEDNESDAY, 2), tif=tif))
    by_day(broker, TUESDAY)
    assert broker.book.order("a").status == "open"
    by_hour(broker, WEDNESDAY)
    assert prices(broker) == [("a", 10_200)]


@pytest.mark.parametrize("tif", ["opg", "cls", "ioc", "fok"])
def test_a_moment_and_an_order_for_one_moment_exclude_each_other(tif: str) -> None:
    assert send(account(), timed("a", at(TUESDAY, 3), tif=tif)) is RejectReason.BAD_TERMS


def test_a_halt_does_not_fill_and_the_day_ends_the_order() -> None:
    broker = account()
    send(broker, timed("a", at(TUESDAY, 3)))
    broker.on_bar(BarTime(TUESDAY, start(TUESDAY, 0)), {})
    assert broker.book.order("a").status == "expired"


def test_verification_finds_a_fill_before_the_moment() -> None:
    broker = account()
    send(broker, timed("a", at(TUESDAY, 3)))
    by_hour(broker, TUESDAY)
    events = broker.journal.events
    (place,) = (n for n, event in enumerate(events) if isinstance(event, OrderAccepted))
    accepted = events[place]
    assert isinstance(accepted, OrderAccepted)
    events[place] = replace(accepted, terms=replace(accepted.terms, good_after=at(TUESDAY, 3, 1)))
    assert any("before the moment" in breach for breach in breaches(broker))


def slices(broker: Broker, count: int = 4) -> None:
    """Send the slices of a bracket over the first bars of Tuesday: stop at 95.00, target at 150.00."""
    for number in range(count):
        name = f"o-s{number + 1}"
        entry = replace(terms(name, "buy", 10), good_after=at(TUESDAY, number), slice_of="o")
        target = terms(f"{name}.tp", "sell", 10, "limit", limit=15_000, tif="gtc", parent=name, group=f"{name}.tp")
        stop = terms(f"{name}.sl", "sell", 10, "stop", stop=9_500, tif="gtc", parent=name, group=f"{name}.tp")
        assert send(broker, entry, target, stop) is None


def test_an_exit_that_is_reached_cancels_the_slices_that_have_not_been_sent() -> None:
    broker = account()
    slices(broker)
    by_hour(broker, TUESDAY, last=1)
    fall = IntegerBar(9_400, 9_400, 9_300, 9_400, 1_000_000)
    broker.on_bar(BarTime(TUESDAY, start(TUESDAY, 2), first=False, last=False), {"AAA": fall})
    assert prices(broker) == [("o-s1", 10_000), ("o-s2", 10_100), ("o-s1.sl", 9_400), ("o-s2.sl", 9_400)]
    assert {broker.book.order(f"o-s{n}").reason for n in (3, 4)} == {RejectReason.EXIT_FILLED}
    assert not broker.book.live_orders()
    assert not breaches(broker)


def test_an_account_that_is_replayed_between_two_slices_reaches_the_same_state() -> None:
    broker = account()
    slices(broker)
    by_hour(broker, TUESDAY)
    events = broker.journal.events
    closed = [n for n, event in enumerate(events) if isinstance(event, BarClosed) and event.session == "2024-01-02"]
    for hour, place in enumerate(closed):
        again = Broker.replayed(events[: place + 1], Weekdays())
        by_hour(again, TUESDAY, first=hour + 1)
        assert again.book.state_hash() == broker.book.state_hash()
        assert list(again.journal.rows()) == list(broker.journal.rows())


def test_the_moment_is_part_of_the_state_and_of_the_terms_of_a_repeated_order() -> None:
    one, other = account(), account()
    made = timed("a", at(TUESDAY, 3))
    send(one, made)
    send(other, replace(made, good_after=at(TUESDAY, 4)))
    assert one.book.state_hash() != other.book.state_hash()
    assert one.submit(OrderRequest(made)).accepted
    assert made.tif is TimeInForce.DAY
