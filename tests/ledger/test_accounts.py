"""Accounts worked by hand: buying power, settlement, calls, fees, interest."""

from datetime import date

import pytest
from openoutcry.domain.errors import OrderRejected
from openoutcry.ledger.book.margin import available_cash, withdrawable
from openoutcry.ledger.model import chart_of_accounts
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import settlement_day
from openoutcry.ledger.model.events import (
    AccrualCharged,
    Accrued,
    MarginCallIssued,
    MarginCallMet,
)
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.tests.ledger.harness import (
    FLAT,
    Floor,
    Weekdays,
    assert_sound,
    at,
    quiet_floor,
    send,
    terms,
)


def cash_floor(cash: int = 1_000_000, *, settle: bool = True) -> Floor:
    floor = Floor(AccountRules(participation_bps=None, cushion_bps=0, settle=settle), cash=cash)
    floor.bar(FLAT)
    return floor


def test_trades_settle_after_one_session_since_may_2024_and_after_two_before() -> None:
    assert settlement_day(date(2024, 5, 24), Weekdays()) == date(2024, 5, 28)
    assert settlement_day(date(2024, 5, 27), Weekdays()) == date(2024, 5, 29)
    assert settlement_day(date(2024, 5, 28), Weekdays()) == date(2024, 5, 29)
    assert settlement_day(date(2016, 5, 2), Weekdays()) == date(2016, 5, 5)


def test_a_cash_account_buys_with_settled_cash_only() -> None:
    floor = cash_floor()
    book = floor.broker.book
    send(floor, terms("a", "buy", 100))
    assert available_cash(book) == 0
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 100))
    floor.bar(at(11_000))
    assert (book.cash, available_cash(book)) == (1_100_000, 0)
    assert floor.broker.submit(OrderRequest(terms("early", "buy", 1))).reason is RejectReason.NO_BUYING_POWER
    floor.bar(FLAT)
    floor.bar(FLAT)
    assert available_cash(book) == 1_100_000
    assert_sound(floor)


def test_open_orders_reserve_and_give_back() -> None:
    floor = cash_floor()
    send(floor, terms("a", "buy", 60, "limit", limit=9_000, tif="gtc"))
    assert floor.broker.book.reserved == 540_000
    assert (
        floor.broker.submit(OrderRequest(terms("b", "buy", 60, "limit", limit=9_000))).reason
        is RejectReason.NO_BUYING_POWER
    )
    floor.broker.cancel("a")
    assert floor.broker.book.reserved == 0
    send(floor, terms("c", "buy", 60, "limit", limit=9_000))


def test_a_gap_beyond_the_buying_power_cancels_the_order_at_the_fill() -> None:
    floor = cash_floor()
    send(floor, terms("a", "buy", 100))
    assert floor.fills(at(10_001)) == []
    assert floor.broker.book.order("a").reason is RejectReason.NO_BUYING_POWER
    assert floor.broker.book.cash == 1_000_000


def test_a_cash_account_cannot_sell_short() -> None:
    floor = cash_floor()
    assert floor.broker.submit(OrderRequest(terms("a", "short", 1))).reason is RejectReason.NO_SHORTS


def test_a_margin_account_opens_twice_its_equity_and_no_more() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, cushion_bps=0, settle=False), cash=1_000_000)
    floor.bar(FLAT)
    assert floor.broker.submit(OrderRequest(terms("a", "buy", 201))).reason is RejectReason.NO_BUYING_POWER
    send(floor, terms("b", "buy", 200))
    floor.bar(FLAT)
    assert floor.broker.book.cash == -1_000_000
    assert floor.broker.submit(OrderRequest(terms("c", "buy", 1))).reason is RejectReason.NO_BUYING_POWER
    send(floor, terms("out", "sell", 200))


def test_short_proceeds_are_collateral_and_cannot_be_withdrawn() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "short", 100))
    floor.bar(FLAT)
    book = floor.broker.book
    assert (book.cash, book.equity, withdrawable(book)) == (11_000_000, 10_000_000, 9_500_000)
    with pytest.raises(OrderRejected, match="9500000"):
        floor.broker.withdraw("w", 9_500_001)
    floor.broker.withdraw("w", 9_500_000)
    floor.broker.withdraw("w", 9_500_000)
    assert book.equity == 500_000


def test_a_maintenance_call_has_a_deadline_and_then_sells_the_worst_first() -> None:
    floor = Floor(
        AccountRules(margin=True, participation_bps=None, cushion_bps=0, settle=False),
        cash=1_000_000,
        symbols=("AAA", "BBB"),
    )
    floor.bar(FLAT, BBB=FLAT)
    send(floor, terms("a", "buy", 100))
    send(floor, terms("b", "buy", 100, symbol="BBB"))
    floor.bar(FLAT, BBB=FLAT)
    calls = [event for event in floor.bar(at(6_000), BBB=at(7_000)) if isinstance(event, MarginCallIssued)]
    assert [(call.amount, call.deadline) for call in calls] == [(25_000, "2024-01-08")]
    floor.bar(at(6_000), BBB=at(7_000))
    assert floor.broker.book.positions["AAA"].quantity == 100
    floor.bar(at(6_000), BBB=at(7_000))
    events = floor.bar(at(6_000), BBB=at(7_000))
    assert {symbol: held.quantity for symbol, held in floor.broker.book.positions.items()} == {"AAA": 83, "BBB": 100}
    assert any(isinstance(event, MarginCallMet) for event in events)
    assert_sound(floor)


def test_a_call_is_lifted_when_cash_comes_in() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, cushion_bps=0, settle=False), cash=1_000_000)
    floor.bar(FLAT)
    send(floor, terms("a", "short", 200))
    floor.bar(FLAT)
    floor.bar(at(12_000))
    assert floor.broker.book.call is not None
    floor.broker.deposit("more", 200_000)
    floor.bar(at(12_000))
    assert floor.broker.book.call is None


def test_borrow_fees_accrue_by_calendar_day_and_are_charged_monthly() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "short", 7))
    floor.bar(FLAT)
    fees = [event for _ in range(3) for event in floor.bar(FLAT) if isinstance(event, Accrued)]
    assert [(fee.session, fee.micro, fee.amount) for fee in fees] == [
        ("2024-01-04", -7_000_000, -7),
        ("2024-01-05", -7_000_000, -7),
        ("2024-01-08", -21_000_000, -21),
    ]
    charges: list[AccrualCharged] = []
    while not charges:
        charges = [event for event in floor.bar(FLAT) if isinstance(event, AccrualCharged)]
    assert (floor.day, charges[0].amount, charges[0].residue) == (date(2024, 2, 1), -7 * 29, 0)
    assert floor.broker.book.balance(chart_of_accounts.BORROW) == 7 * 29
    assert floor.broker.book.balance(chart_of_accounts.CHARGES_OWED) == 0


def test_what_daily_rounding_leaves_over_goes_to_the_rounding_account() -> None:
    floor = Floor(AccountRules(cash_bps=200, settle=False), cash=24_300)
    floor.bar()
    while floor.day < date(2024, 2, 1):
        floor.bar()
    book = floor.broker.book
    assert book.balance(chart_of_accounts.CASH) == 24_300 + 40
    # 1.35 a day: 18 single days booked as 1, four weekends of 4.05 as 4; 30 days are 40.5 exactly, and 40 is even.
    assert book.balance(chart_of_accounts.INTEREST) == -34
    assert book.balance(chart_of_accounts.ROUNDING) == -6
    assert_sound(floor)


def test_a_short_neither_borrows_nor_earns_between_trade_and_settlement() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, cash_bps=360, margin_bps=3_600))
    floor.bar(FLAT)
    interest: list[Accrued] = []
    for number in range(8):
        if number in (1, 4):
            send(floor, terms(f"o{number}", "short" if number == 1 else "cover", 100))
        interest += [event for event in floor.bar(FLAT) if isinstance(event, Accrued) and event.kind != "borrow"]
    # at a price that stands still 100,000.00 are free all along: a hundredth of a percent of it a day
    days = [1, 1, 1, 3, 1, 1, 1, 1]
    assert [(event.kind, event.amount) for event in interest] == [("cash", 1_000 * each) for each in days]
    assert_sound(floor)


def test_cash_moves_once_per_reference() -> None:
    floor = quiet_floor()
    floor.broker.deposit("again", 5)
    floor.broker.deposit("again", 5)
    assert floor.broker.book.cash == 10_000_005
    with pytest.raises(OrderRejected):
        floor.broker.deposit("again", 6)
    with pytest.raises(OrderRejected):
        floor.broker.deposit("negative", -1)


def test_a_resumed_account_accepts_orders_again() -> None:
    floor = quiet_floor()
    floor.broker.halt("kill switch")
    assert floor.broker.submit(OrderRequest(terms("b", "buy", 1))).reason is RejectReason.HALTED
    floor.broker.resume()
    send(floor, terms("c", "buy", 1))


def test_a_short_is_covered_by_force_once_the_deadline_has_passed() -> None:
    floor = Floor(
        AccountRules(margin=True, participation_bps=None, cushion_bps=0, settle=False, call_sessions=1), cash=1_000_000
    )
    floor.bar(FLAT)
    send(floor, terms("a", "short", 200))
    floor.bar(FLAT)
    send(floor, terms("stop", "cover", 200, "stop", stop=20_000, tif="gtc"))
    floor.bar(at(12_000))
    floor.bar(at(12_000))
    assert floor.broker.book.order("stop").reason is RejectReason.FORCED
    # 30 % of 24,000.00 is 7,200.00; equity of 6,000.00 less borrowing carries 166 shares at 120.00
    floor.bar(at(12_000))
    book = floor.broker.book
    assert (book.quantity("AAA"), book.call) == (-166, None)
    assert_sound(floor)


def test_no_account_buys_more_than_can_be_counted() -> None:
    floor = Floor(AccountRules(calendar="24/7", participation_bps=None), cash=10**12, symbols=())
    floor.broker.list_instrument(Instrument("PEPE", price_scale=10**8, quantity_scale=10**6))
    floor.bar(PEPE=(1, 1, 1, 1, 10**15))
    buys = [terms(f"p{n}", "buy", 10**18, "limit", limit=1, tif="gtc", symbol="PEPE") for n in range(12)]
    reasons = [floor.broker.submit(OrderRequest(each)).reason for each in buys]
    assert reasons == [None] * 4 + [RejectReason.BAD_QUANTITY] * 8
    for _ in range(2):
        floor.bar(PEPE=(1, 1, 1, 1, 10**15))
    assert 0 < floor.broker.book.quantity("PEPE") < 2**62
    assert floor.broker.submit(OrderRequest(buys[0])).accepted  # the same one again, with its answer of before
    more = terms("more", "buy", 10**18, "limit", limit=1, tif="gtc", symbol="PEPE")
    assert floor.broker.submit(OrderRequest(more)).reason is RejectReason.BAD_QUANTITY
