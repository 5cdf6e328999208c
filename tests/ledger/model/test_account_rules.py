"""Rules that an account carries: who lends shares and for what, what splits spare, when the close is too near."""

import json
from datetime import date
from fractions import Fraction

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.ledger.book.book import Book
from openoutcry.ledger.book.fold import replay
from openoutcry.ledger.book.pattern_day_trader import count_fill, count_session
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, DayTrading, SplitPolicy
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.events import AccountOpened
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.tests.ledger.harness import (
    FLAT,
    Floor,
    Weekdays,
    assert_sound,
    terms,
)

DAY = date(2024, 3, 4)
CLOSE = int(Weekdays().close(DAY).timestamp())


def test_who_lends_and_at_what_rate() -> None:
    rules = AccountRules(borrow_bps=30, borrow=(("GME", 5_000),), locate=("GME", "AAA"))
    assert [rules.borrow_rate(symbol) for symbol in ("GME", "AAA")] == [5_000, 30]
    assert [rules.can_locate(symbol) for symbol in ("GME", "BBB")] == [True, False]
    assert AccountRules().can_locate("BBB")


@pytest.mark.parametrize("wrong", [{"borrow_bps": -1}, {"borrow": (("GME", -5),)}, {"call_sessions": -1}])
def test_a_rule_below_zero_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="zero or more"):
        AccountRules(**wrong)  # type: ignore[arg-type]


def test_rules_survive_the_journal_and_an_older_journal_gets_the_defaults_of_newer_ones() -> None:
    rules = AccountRules(borrow=(("GME", 5_000),), locate=("GME",), split_orders=SplitPolicy.ADJUST_PROTECTIVE)
    (opened,) = Broker.open("a", rules, Weekdays()).journal.events
    assert isinstance(opened, AccountOpened)
    assert replay([opened])[0].rules == rules
    older = {name: rule for name, rule in json.loads(opened.rules).items() if name not in ("borrow", "locate", "bars")}
    book, _ = replay([AccountOpened("a", "USD", json.dumps(older))])
    assert (book.rules.borrow, book.rules.locate, book.rules.split_orders) == ((), None, SplitPolicy.ADJUST_PROTECTIVE)


def test_a_split_can_spare_what_protects_a_position() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, split_orders=SplitPolicy.ADJUST_PROTECTIVE))
    floor.bar(FLAT)
    held = terms("held", "buy", 10)
    stop = terms("held.sl", "sell", 10, "stop", stop=9_000, tif="gtc", parent="held")
    assert floor.broker.submit(OrderRequest(held, (stop,))).accepted
    floor.bar(FLAT)
    entry = terms("entry", "buy", 10, "limit", limit=8_000, tif="gtc")
    waiting = terms("entry.sl", "sell", 10, "stop", stop=7_000, tif="gtc", parent="entry")
    assert floor.broker.submit(OrderRequest(entry, (waiting,))).accepted
    floor.broker.split("AAA", date(2024, 1, 4), Fraction(2))
    assert [floor.status(each) for each in ("held.sl", "entry", "entry.sl")] == ["open", "canceled", "canceled"]
    assert floor.broker.book.order("entry").reason is RejectReason.SPLIT
    assert floor.fills((5_000, 5_000, 4_400, 4_500, 9)) == [("held.sl", 20, 4_500)]
    assert_sound(floor)


@pytest.mark.parametrize(
    ("cutoff", "minutes", "reason"),
    [(10, 20, None), (10, 5, RejectReason.AFTER_CUTOFF), (0, 5, None), (30, 20, "late")],
)
def test_an_order_for_the_close_must_come_before_the_cutoff(cutoff: int, minutes: int, reason: object) -> None:
    rules = AccountRules(participation_bps=None, close_cutoff_minutes=cutoff, settle=False)
    floor = Floor(rules)
    broker = floor.broker

    def bar(before_close: int, *, first: bool = False, last: bool = False) -> None:
        broker.on_bar(BarTime(DAY, CLOSE - 60 * before_close, first, last), {"AAA": FLAT})

    bar(60, first=True)
    if minutes == 5:
        bar(20)
    assert broker.submit(OrderRequest(terms("cls", "buy", 1, tif="cls"))).accepted
    if minutes == 20:
        bar(20)
    bar(5, last=True)
    order = broker.book.order("cls")
    assert order.reason is (RejectReason.AFTER_CUTOFF if reason else None)
    assert bool(order.filled) is (reason is None)


def day_trade(floor: Floor, number: int) -> None:
    """Buy, and sell again on the same day."""
    assert floor.broker.submit(OrderRequest(terms(f"in{number}", "buy", 1))).accepted
    floor.bar(FLAT, last=False)
    assert floor.broker.submit(OrderRequest(terms(f"out{number}", "sell", 1))).accepted
    floor.bar(FLAT, first=False)


@pytest.mark.parametrize(("rule", "start", "refused"), [
    (DayTrading.PATTERN, date(2024, 1, 1), RejectReason.DAY_TRADER),
    (DayTrading.PATTERN, date(2026, 6, 1), None),
    (DayTrading.NONE, date(2024, 1, 1), None),
])  # fmt: skip
def test_a_pattern_of_day_trades_stops_a_small_margin_account_while_the_rule_was_in_force(
    rule: DayTrading, start: date, refused: RejectReason | None
) -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, settle=False, day_trading=rule), cash=2_000_000)
    floor.day = start
    floor.bar(FLAT)
    for number in range(4):
        day_trade(floor, number)
    assert floor.broker.submit(OrderRequest(terms("more", "buy", 1))).reason is refused
    floor.broker.deposit("enough", 500_000)
    assert floor.broker.submit(OrderRequest(terms("again", "buy", 1))).accepted
    assert_sound(floor)


def test_day_trades_a_week_apart_are_no_pattern() -> None:
    rules = AccountRules(margin=True, participation_bps=None, settle=False, day_trading=DayTrading.PATTERN)
    floor = Floor(rules, cash=2_000_000)
    floor.bar(FLAT)
    for number in range(5):
        day_trade(floor, number)
        floor.bar(FLAT)
    assert floor.broker.submit(OrderRequest(terms("more", "buy", 1))).accepted


def by_the_hour(volume: int = 1_000_000) -> IntegerBar:
    return IntegerBar(10_000, 10_000, 10_000, 10_000, volume)


def day_traders(participation: int | None = None) -> Floor:
    rules = AccountRules(margin=True, participation_bps=participation, settle=False, day_trading=DayTrading.PATTERN)
    return Floor(rules, cash=2_000_000)


def test_an_order_that_fills_in_parts_is_one_day_trade() -> None:
    floor = day_traders(participation=1_000)
    floor.bar(by_the_hour())
    assert floor.broker.submit(OrderRequest(terms("b", "buy", 40))).accepted
    floor.bar(by_the_hour(), last=False)
    assert floor.broker.submit(OrderRequest(terms("s", "sell", 40))).accepted
    for hour in range(4):
        floor.bar(by_the_hour(100), first=False, last=hour == 3)
    assert floor.broker.book.quantity("AAA") == 0
    assert [order for _, order in floor.broker.book.day_trades] == ["s"]
    assert not floor.broker.book.day_trader


@pytest.mark.parametrize(
    ("days", "pattern"),
    [
        (["2024-11-26", "2024-11-27", "2024-11-29", "2024-12-03"], True),  # no session on Thanksgiving
        (["2024-11-25", "2024-11-27", "2024-11-29", "2024-12-03"], False),
        (["2024-11-12", "2024-11-20", "2024-11-27", "2024-12-03"], False),  # idle in between: no week is that long
    ],
)
def test_five_business_days_are_sessions_that_were_lived(days: list[str], pattern: bool) -> None:
    book = Book(rules=AccountRules(margin=True, day_trading=DayTrading.PATTERN))
    between = ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29", "2024-12-02", "2024-12-03"]
    for day in sorted({*days, *(between if days[0] > "2024-11-20" else [])}):
        if day in days:
            count_fill(book, "AAA", "b", day, closes=False, opens=True)
            count_fill(book, "AAA", "s", day, closes=True, opens=False)
        count_session(book, day)
    assert book.day_trader is pattern


@pytest.mark.parametrize(("others", "pattern"), [(58, False), (57, True)])
def test_day_trades_that_are_few_among_many_trades_are_no_pattern(others: int, pattern: bool) -> None:
    """Four are less than 6 % of sixty-seven orders and more of sixty-six; what is older than five days is left out."""
    book = Book(rules=AccountRules(margin=True, day_trading=DayTrading.PATTERN))
    count_fill(book, "OLD", "before", "2024-11-18", closes=False, opens=True)
    for day in ("2024-11-18", "2024-11-19", "2024-11-20", "2024-11-21", "2024-11-22"):
        count_session(book, day)
    for number in range(others + 1):
        for _ in range(2):  # an order counts once, however many fills it takes
            count_fill(book, "BBB", f"o{number}", "2024-11-25", closes=False, opens=True)
    for number in range(4):
        count_fill(book, f"S{number}", f"b{number}", "2024-11-25", closes=False, opens=True)
        count_fill(book, f"S{number}", f"s{number}", "2024-11-25", closes=True, opens=False)
    assert len(book.day_trades) == 4
    assert book.day_trader is pattern


def test_an_order_for_the_day_on_which_the_rule_ended_is_free_of_it() -> None:
    floor = day_traders()
    floor.day = date(2026, 6, 1)
    for number in range(4):
        floor.bar(by_the_hour(), first=number % 2 == 0, last=False)
        assert floor.broker.submit(OrderRequest(terms(f"b{number}", "buy", 1))).accepted
        floor.bar(by_the_hour(), first=False, last=False)
        assert floor.broker.submit(OrderRequest(terms(f"s{number}", "sell", 1))).accepted
        floor.bar(by_the_hour(), first=False, last=number % 2 == 1)
    book = floor.broker.book
    assert (book.session, book.day_trader) == ("2026-06-03", True)
    assert floor.broker.submit(OrderRequest(terms("x", "buy", 1))).accepted
