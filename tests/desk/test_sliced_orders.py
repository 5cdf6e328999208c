"""Orders of a decision that are split over the hourly bars of the next session: schedules, fills, and what lapses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from decisions import decision, plain_order
from hourly_market import XNYS, hourly_market, rising
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.accounts.intraday_bars import bar_starts
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.desk.accounts.statement import orders
from openoutcry.desk.execution_plan import plan_execution
from openoutcry.domain.execution import ExecutionPlan
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, BarInterval
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.reports.audit import check_book
from openoutcry.market.view import MarketView
from openoutcry.risk.proposals.order_specs import (
    AlmgrenChrissExecution,
    NextOpenExecution,
    TwapExecution,
    VwapExecution,
)

AAA = Symbol("AAA")
HOURLY = AccountRules(margin=True, participation_bps=None, bars=BarInterval.HOURLY)
WEEK = XNYS.between(date(2025, 3, 3), date(2025, 3, 7))
BEFORE, LAST, NEXT = WEEK[0], WEEK[1], WEEK[2]


def opened(source, session, rules=HOURLY):
    """Return an account that has processed `session`."""
    account = InMemoryAccount.open("t", rules, 100_000_000, source)
    account.advance(session)
    return account


def decided(account, source, session, spec, *asked):
    """Return a decision with the orders at the close of `session`, with its execution plan."""
    view = MarketView(source, XNYS.close(session))
    plan = plan_execution(spec, asked, view, AAA, account.view(AAA))
    return replace(decision("run", "AAA", XNYS.close(session), *asked), execution=plan)


def sent(account, source, session, spec, *asked):
    """Submit the orders and return what the account has of them: id, start in UTC, and quantity."""
    account.submit([decided(account, source, session, spec, *asked)])
    return [(each.order_id, each.good_after[11:16], int(each.quantity)) for each in orders(account.book, every=True)]


def fills(account):
    found = (event for event in account.broker.journal.events if isinstance(event, OrderFilled))
    return [(event.order_id, event.quantity, event.price) for event in found]


def quantities(rows):
    return [quantity for _, _, quantity in rows]


def uneven(session, bar):
    """Return prices that change by one between bars, and volumes of a different curve in each session.

    The changes are +1 -1 +1 -1 +1 -1 +1 and their opposites, so that their mean over both sessions is 0.
    """
    if session >= NEXT:
        return rising(session, bar)
    first, way = (100, 1) if session == BEFORE else (101, -1)
    opening = first if bar % 2 == 0 else first + way
    closing = first + way if bar % 2 == 0 else first
    volume = {BEFORE: (100, 50, 50, 50, 50, 100, 100), LAST: (300, 100, 100, 100, 100, 150, 150)}[session][bar]
    return (opening, max(opening, closing), min(opening, closing), closing, volume)


TWAP_40 = [6, 5, 6, 6, 6, 5, 6]
"""Differences of the rounded 40 k / 7: 5.71, 11.43, 17.14, 22.86, 28.57, 34.29, 40."""
VWAP_40 = [10, 4, 4, 4, 4, 7, 7]
"""40 times the mean shares of volume .25 .1 .1 .1 .1 .175 .175, of .2 .1 .1 .1 .1 .2 .2 and .3 .1 .1 .1 .1 .15 .15."""
ALMGREN_CHRISS_100 = [39, 24, 15, 9, 6, 4, 3]
"""100 (1 - sinh(.5 (7 - j)) / sinh(3.5)): 39.44, 63.43, 78.08, 87.13, 92.90, 96.85, 100, rounded, and its differences.

The sample variance of the 14 changes of one is 14 / 13; a risk aversion of .25 * 13 / 14 with impact 1 gives k = .5.
"""
AVERSION = Decimal(13) / 56


@pytest.mark.parametrize(
    ("spec", "quantity", "expected", "paid"),
    [
        (TwapExecution(), 40, TWAP_40, 4_120),
        (VwapExecution(), 40, VWAP_40, 4_117),
        (AlmgrenChrissExecution(risk_aversion=AVERSION, impact=Decimal(1)), 100, ALMGREN_CHRISS_100, 10_143),
        (AlmgrenChrissExecution(risk_aversion=Decimal(0)), 40, TWAP_40, 4_120),
    ],
    ids=["twap", "vwap", "almgren_chriss", "almgren_chriss_without_aversion"],
)
def test_seven_hourly_bars_by_hand(tmp_path, spec, quantity, expected, paid):
    source = hourly_market(tmp_path, WEEK, uneven)
    account = opened(source, LAST)
    cash = account.view(AAA).cash
    rows = sent(account, source, LAST, spec, plain_order("o", "AAA", "buy", quantity))
    starts = ["14:30", "15:30", "16:30", "17:30", "18:30", "19:30", "20:30"]
    assert rows == [(f"o-s{bar + 1}", starts[bar], expected[bar]) for bar in range(7)]
    assert account.advance(NEXT).notices == ()
    assert fills(account) == [(f"o-s{bar + 1}", expected[bar], 1_000_000 + 10_000 * bar) for bar in range(7)]
    assert cash - account.view(AAA).cash == paid
    assert not [check for check in check_book(account.broker.journal, account.book) if check.breaches]


def test_the_impact_of_a_schedule_without_one_comes_from_the_visible_bars(tmp_path):
    """Eta is sigma / mean volume: with sigma^2 = 14 / 13 and (500 + 1000) / 14 shares a bar."""
    source = hourly_market(tmp_path, WEEK, uneven)
    account = opened(source, LAST)
    spec = AlmgrenChrissExecution(risk_aversion=Decimal("0.001"))
    plan = decided(account, source, LAST, spec, plain_order("o", "AAA", "buy", 40)).execution
    assert plan.volatility == pytest.approx(Decimal(14 / 13).sqrt())
    assert plan.impact == pytest.approx(Decimal(14 / 13).sqrt() * 14 / 1500)


def test_an_exit_is_sliced_and_a_resting_order_is_not(tmp_path):
    source = hourly_market(tmp_path, WEEK, uneven)
    account = opened(source, LAST)
    account.submit([decided(account, source, LAST, NextOpenExecution(), plain_order("in", "AAA", "buy", 40))])
    account.advance(NEXT)
    selling = plain_order("out", "AAA", "sell", 40)
    account.submit([replace(decided(account, source, NEXT, TwapExecution(), selling), run_id="two")])
    account.advance(WEEK[3])
    assert account.book.quantity("AAA") == 0
    assert [quantity for name, quantity, _ in fills(account) if name.startswith("out-")] == TWAP_40
    resting = plain_order("rest", "AAA", "buy", 40, limit=90)
    assert decided(account, source, WEEK[3], TwapExecution(), resting).execution is None


@pytest.mark.parametrize(
    ("rules", "without", "why"),
    [
        (replace(HOURLY, bars=BarInterval.DAILY), (), "matches its orders on daily bars"),
        (HOURLY, (LAST,), "has 0 of 7 hourly bars of AAA for 2025-03-04"),
        (HOURLY, WEEK, "no 1h bar"),
    ],
    ids=["daily_account", "last_session_without_hours", "no_hours"],
)
def test_without_hourly_bars_one_order_is_sent_and_the_decision_says_why(tmp_path, rules, without, why):
    source = hourly_market(tmp_path, WEEK, uneven, without)
    account = opened(source, LAST, rules)
    asked = decided(account, source, LAST, TwapExecution(), plain_order("o", "AAA", "buy", 40))
    assert (asked.execution.kind, asked.execution.starts) == ("twap", ())
    assert why in asked.execution.reason
    assert asked.execution.reason.endswith("one order is sent for the day")
    account.submit([asked])
    account.advance(NEXT)
    assert fills(account) == [("o", 40, 1_000_000)]


def test_the_slices_of_a_session_without_its_hours_fill_at_the_open_and_at_the_close_of_the_day(tmp_path):
    source = hourly_market(tmp_path, WEEK, uneven, without_hours=(NEXT,))
    account = opened(source, LAST)
    sent(account, source, LAST, TwapExecution(), plain_order("o", "AAA", "buy", 40))
    account.advance(NEXT)
    assert fills(account) == [("o-s1", 6, 1_000_000), *[(f"o-s{n}", TWAP_40[n - 1], 1_060_000) for n in range(2, 8)]]
    assert not [check for check in check_book(account.broker.journal, account.book) if check.breaches]


def test_slices_follow_the_clock_of_the_exchange_over_a_change_to_summer_time(tmp_path):
    friday, monday = date(2025, 3, 7), date(2025, 3, 10)
    source = hourly_market(tmp_path, XNYS.between(date(2025, 3, 5), monday))
    account = opened(source, friday)
    rows = sent(account, source, friday, TwapExecution(), plain_order("o", "AAA", "buy", 40))
    assert [start for _, start, _ in rows] == ["13:30", "14:30", "15:30", "16:30", "17:30", "18:30", "19:30"]
    account.advance(monday)
    assert [price for _, _, price in fills(account)] == [1_000_000 + 10_000 * bar for bar in range(7)]


@pytest.mark.parametrize(
    ("spec", "expected"), [(TwapExecution(), [10, 10, 10, 10]), (VwapExecution(), [20, 10, 5, 5])], ids=["twap", "vwap"]
)
def test_a_half_day_has_four_slices(tmp_path, spec, expected):
    """The volume curve is the first four bars of whole sessions: 4, 2, 1 and 1 of 8 parts."""

    def early(_, bar):
        return (100 + bar, 100 + bar, 100 + bar, 100 + bar, 1_000 * (4, 2, 1, 1, 1, 1, 2)[bar])

    whole, half = date(2024, 11, 27), date(2024, 11, 29)
    source = hourly_market(tmp_path, XNYS.between(date(2024, 11, 25), half), early)
    account = opened(source, whole)
    rows = sent(account, source, whole, spec, plain_order("o", "AAA", "buy", 40))
    assert [row[1] for row in rows] == ["14:30", "15:30", "16:30", "17:30"]
    assert quantities(rows) == expected
    account.advance(half)
    assert account.book.quantity("AAA") == 40


def test_a_slice_that_its_bar_cannot_fill_lapses_at_the_close_and_is_reported(tmp_path):
    """10 % of the volume is 2 shares in the bars from the fourth on, and a slice that is left fills there first."""

    def thin(session, bar):
        price = 100 + bar
        return (price, price, price, price, 1_000 if session < NEXT or bar < 3 else 20)

    source = hourly_market(tmp_path, WEEK, thin)
    account = opened(source, LAST, replace(HOURLY, participation_bps=1_000))
    sent(account, source, LAST, TwapExecution(), plain_order("o", "AAA", "buy", 40))
    notices = account.advance(NEXT).notices
    filled = 6 + 5 + 6 + 4 * 2
    assert account.book.quantity("AAA") == filled
    assert [notice.partition(": ")[2] for notice in notices] == [
        f"{40 - filled} of the 40 shares of order o were not filled, and their slices expired"
    ]
    assert not account.book.live_orders()


def test_slices_leave_out_a_bar_without_shares(tmp_path):
    source = hourly_market(tmp_path, WEEK)
    account = opened(source, LAST)
    rows = sent(account, source, LAST, TwapExecution(), plain_order("o", "AAA", "buy", 3))
    assert quantities(rows) == [1, 1, 1]
    account.advance(NEXT)
    assert account.book.quantity("AAA") == 3


def test_the_plan_does_not_depend_on_the_session_that_executes_it(tmp_path):
    """Other volumes and prices of the executing session, which the source already holds, change nothing."""

    def wild(session, bar):
        return (900, 990, 1, 500, 9_000 * (bar + 1)) if session >= NEXT else uneven(session, bar)

    plans = []
    for name, bars in (("calm", uneven), ("wild", wild)):
        source = hourly_market(tmp_path / name, WEEK, bars)
        account = opened(source, LAST)
        for spec in (VwapExecution(), AlmgrenChrissExecution(risk_aversion=Decimal("0.01"))):
            plans.append(decided(account, source, LAST, spec, plain_order("o", "AAA", "buy", 40)).execution)
    assert plans[:2] == plans[2:]


def falling(session, bar):
    """Return a session that falls through 95 in its third bar."""
    if session < NEXT:
        return (100, 101, 99, 100, 1_000)
    fall = [(100, 101, 99, 100, 9_000), (100, 101, 98, 99, 9_000), (99, 99, 90, 91, 9_000)]
    return fall[bar] if bar < len(fall) else (91, 92, 90, 91, 9_000)


def test_the_exits_of_slices_follow_what_is_filled_and_end_the_rest_of_the_entry(tmp_path):
    source = hourly_market(tmp_path, WEEK, falling)
    account = opened(source, LAST)
    bracket = plain_order("o", "AAA", "buy", 40, stop=95, target=120)
    account.submit([decided(account, source, LAST, TwapExecution(), bracket)])
    account.advance(NEXT)
    bought = [(name, quantity) for name, quantity, _ in fills(account) if "." not in name]
    sold = [(name, quantity, price) for name, quantity, price in fills(account) if "." in name]
    assert bought == [("o-s1", 6), ("o-s2", 5), ("o-s3", 6)]
    assert sold == [("o-s1.sl", 6, 950_000), ("o-s2.sl", 5, 950_000), ("o-s3.sl", 6, 950_000)]
    status = {each.order_id: (each.status, each.reason) for each in orders(account.book, every=True)}
    assert {status[f"o-s{n}"] for n in range(4, 8)} == {("canceled", "exit_filled")}
    assert account.book.quantity("AAA") == 0
    assert not account.book.live_orders()
    assert not [check for check in check_book(account.broker.journal, account.book) if check.breaches]


def test_an_order_whose_slices_do_not_all_pass_is_rejected_as_a_whole(tmp_path):
    source = hourly_market(tmp_path, WEEK)
    account = opened(source, LAST, replace(HOURLY, margin=False))
    asked = decided(account, source, LAST, TwapExecution(), plain_order("o", "AAA", "buy", 12_000))
    for _ in range(2):
        (answered,) = account.submit([asked])
        assert [(each.client_order_id, each.accepted, each.reason) for each in answered.submissions] == [
            ("o", False, "insufficient_buying_power")
        ]
        assert not account.book.live_orders()
        assert account.view(AAA).rejected_ids == ("o",)
    account.advance(NEXT)
    assert fills(account) == []


@settings(max_examples=60, deadline=None)
@given(
    quantity=st.integers(1, 5_000),
    kind=st.sampled_from(["twap", "vwap", "almgren_chriss"]),
    volumes=st.lists(st.integers(1, 10_000), min_size=7, max_size=7),
    action=st.sampled_from(["buy", "short"]),
)
def test_slices_fill_at_most_the_order_and_the_share_of_each_bar(quantity, kind, volumes, action):
    starts = bar_starts(XNYS, NEXT)
    plan = ExecutionPlan(
        kind, "", starts, tuple(map(Decimal, range(1, 8))), Decimal(1), Decimal(1), Decimal("0.1")
    )  # fmt: skip
    broker = Broker.open("t", replace(HOURLY, participation_bps=1_000), XNYS)
    broker.deposit("opening", 10**12)
    submit_orders(broker, [plain_order("o", "AAA", action, quantity)], Instrument("AAA"), "run", Decimal(100), plan)
    for number, (start, volume) in enumerate(zip(starts, volumes, strict=True)):
        step = BarTime(NEXT, int(start.timestamp()), first=number == 0, last=number == 6)
        before = abs(broker.book.quantity("AAA"))
        broker.on_bar(step, {"AAA": IntegerBar(10_000, 10_000, 10_000, 10_000, volume)})
        filled = abs(broker.book.quantity("AAA"))
        due = sum(each.terms.quantity for each in broker.book.parts("o") if each.terms.good_after <= step.start)
        assert filled - before == min(due - before, volume // 10)
        assert filled <= quantity
    assert sum(each.terms.quantity for each in broker.book.parts("o")) == quantity
    assert not broker.book.live_orders()
    assert not [check for check in check_book(broker.journal, broker.book) if check.breaches]


def test_a_process_that_ends_between_two_slices_continues_to_the_same_state(tmp_path):
    source = hourly_market(tmp_path, WEEK, uneven)
    account = opened(source, LAST)
    asked = decided(account, source, LAST, TwapExecution(), plain_order("o", "AAA", "buy", 40, stop=90, target=150))
    account.submit([asked])
    account.advance(NEXT)
    whole, expected = account.broker.journal.events, account.book.state_hash()
    submitted = next(place for place, event in enumerate(whole) if isinstance(event, OrderFilled))

    class Ends:
        """A market that fails after `left` reads of bars."""

        def __init__(self, left):
            self.left = left

        def __getattr__(self, name):
            return getattr(source, name)

        def bars(self, *args, **kwargs):
            self.left -= 1
            if self.left < 0:
                raise OSError("the process ended")
            return source.bars(*args, **kwargs)

    for left in range(2):
        again = InMemoryAccount(Broker.replayed(whole[:submitted], XNYS), Ends(left))
        with pytest.raises(OSError, match="ended"):
            again.advance(NEXT)
        resumed = InMemoryAccount(again.broker, source)
        resumed.submit([asked])
        resumed.advance(NEXT)
        assert resumed.book.state_hash() == expected
