"""Accounts worked by hand: buying power, settlement, calls, fees, interest, dividends, splits, delistings, lots."""

from datetime import date
from fractions import Fraction

import pytest
from openoutcry.domain.errors import Rejected
from openoutcry.ledger import chart
from openoutcry.ledger.broker import Receipt
from openoutcry.ledger.events import Accrued, Charged, MaintenanceCalled, MaintenanceMet
from openoutcry.ledger.instrument import Instrument
from openoutcry.ledger.invariants import check_book
from openoutcry.ledger.lots import LotMethod, Position
from openoutcry.ledger.margin import available_cash, withdrawable
from openoutcry.ledger.order import Reason, Terms
from openoutcry.ledger.rules import AccountRules, SplitOrders
from openoutcry.ledger.step import settlement_day
from openoutcry.ledger.ticket import Ticket
from openoutcry.tests.ledger.floor import Floor, Weekdays, quiet_floor, terms

FLAT = (10_000, 10_000, 10_000, 10_000, 1_000_000)


def send(floor: Floor, made: Terms) -> Receipt:
    receipt = floor.broker.submit(Ticket(made))
    assert receipt.accepted, receipt
    return receipt


def at(price: int) -> tuple[int, int, int, int, int]:
    return (price, price, price, price, 1_000_000)


def assert_sound(floor: Floor) -> None:
    assert not [check for check in check_book(floor.broker.journal, floor.broker.book) if check.breaches]


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
    assert floor.broker.submit(Ticket(terms("early", "buy", 1))).reason is Reason.NO_BUYING_POWER
    floor.bar(FLAT)
    floor.bar(FLAT)
    assert available_cash(book) == 1_100_000
    assert_sound(floor)


def test_open_orders_reserve_and_give_back() -> None:
    floor = cash_floor()
    send(floor, terms("a", "buy", 60, "limit", limit=9_000, tif="gtc"))
    assert floor.broker.book.reserved == 540_000
    assert floor.broker.submit(Ticket(terms("b", "buy", 60, "limit", limit=9_000))).reason is Reason.NO_BUYING_POWER
    floor.broker.cancel("a")
    assert floor.broker.book.reserved == 0
    send(floor, terms("c", "buy", 60, "limit", limit=9_000))


def test_a_gap_beyond_the_buying_power_cancels_the_order_at_the_fill() -> None:
    floor = cash_floor()
    send(floor, terms("a", "buy", 100))
    assert floor.fills(at(10_001)) == []
    assert floor.broker.book.order("a").reason is Reason.NO_BUYING_POWER
    assert floor.broker.book.cash == 1_000_000


def test_a_cash_account_cannot_sell_short() -> None:
    floor = cash_floor()
    assert floor.broker.submit(Ticket(terms("a", "short", 1))).reason is Reason.NO_SHORTS


def test_a_margin_account_opens_twice_its_equity_and_no_more() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, cushion_bps=0, settle=False), cash=1_000_000)
    floor.bar(FLAT)
    assert floor.broker.submit(Ticket(terms("a", "buy", 201))).reason is Reason.NO_BUYING_POWER
    send(floor, terms("b", "buy", 200))
    floor.bar(FLAT)
    assert floor.broker.book.cash == -1_000_000
    assert floor.broker.submit(Ticket(terms("c", "buy", 1))).reason is Reason.NO_BUYING_POWER
    send(floor, terms("out", "sell", 200))


def test_short_proceeds_are_collateral_and_cannot_be_withdrawn() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "short", 100))
    floor.bar(FLAT)
    book = floor.broker.book
    assert (book.cash, book.equity, withdrawable(book)) == (11_000_000, 10_000_000, 9_500_000)
    with pytest.raises(Rejected, match="9500000"):
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
    calls = [event for event in floor.bar(at(6_000), BBB=at(7_000)) if isinstance(event, MaintenanceCalled)]
    assert [(call.amount, call.deadline) for call in calls] == [(25_000, "2024-01-08")]
    floor.bar(at(6_000), BBB=at(7_000))
    assert floor.broker.book.positions["AAA"].quantity == 100
    floor.bar(at(6_000), BBB=at(7_000))
    events = floor.bar(at(6_000), BBB=at(7_000))
    assert {symbol: held.quantity for symbol, held in floor.broker.book.positions.items()} == {"AAA": 83, "BBB": 100}
    assert any(isinstance(event, MaintenanceMet) for event in events)
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
    charges: list[Charged] = []
    while not charges:
        charges = [event for event in floor.bar(FLAT) if isinstance(event, Charged)]
    assert (floor.day, charges[0].amount, charges[0].residue) == (date(2024, 2, 1), -7 * 29, 0)
    assert floor.broker.book.balance(chart.BORROW) == 7 * 29
    assert floor.broker.book.balance(chart.CHARGES_OWED) == 0


def test_what_daily_rounding_leaves_over_goes_to_the_rounding_account() -> None:
    floor = Floor(AccountRules(cash_bps=200, settle=False), cash=24_300)
    floor.bar()
    while floor.day < date(2024, 2, 1):
        floor.bar()
    book = floor.broker.book
    assert book.balance(chart.CASH) == 24_300 + 40
    # 1.35 a day: 18 single days booked as 1, four weekends of 4.05 as 4; 30 days are 40.5 exactly, and 40 is even.
    assert book.balance(chart.INTEREST) == -34
    assert book.balance(chart.ROUNDING) == -6
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


def test_a_dividend_is_due_on_the_ex_date_and_cash_on_the_pay_date_for_both_signs() -> None:
    # 10 x 24.75 cents, rounded to the even neighbour; a short also pays 10 cents for borrowing.
    for side, expected, borrow in (
        ("buy", 248, 0),
        ("short", -248, 10),
    ):
        floor = quiet_floor()
        send(floor, terms("a", side, 10))
        floor.bar(FLAT)
        cash, equity = floor.broker.book.cash, floor.broker.book.equity
        for _ in range(2):
            floor.broker.dividend("AAA", date(2024, 1, 4), Fraction("0.2475"), date(2024, 1, 5))
        floor.bar(FLAT)
        assert (floor.broker.book.cash, floor.broker.book.equity) == (cash, equity + expected - borrow)
        floor.bar(FLAT)
        assert floor.broker.book.cash == cash + expected
        assert_sound(floor)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_split_truncates_toward_zero_for_both_signs_and_pays_the_fraction(sign: int) -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy" if sign > 0 else "short", 25))
    floor.bar(FLAT)
    book = floor.broker.book
    cash, equity, before = book.cash, book.equity, floor.broker.journal.seq
    floor.broker.split("AAA", date(2024, 1, 4), Fraction(1, 10))
    assert book.quantity("AAA") == 2 * sign
    assert book.positions["AAA"].cost == sign * 250_000
    assert book.cash - cash == sign * 50_000
    nights = [event.amount for event in floor.broker.journal.events[before:] if isinstance(event, Accrued)]
    assert book.equity == equity + sum(nights)
    floor.broker.split("AAA", date(2024, 1, 4), Fraction(1, 10))
    assert book.quantity("AAA") == 2 * sign
    assert_sound(floor)


def test_a_position_that_a_split_swallows_realises_its_cost() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 3))
    floor.bar(FLAT)
    floor.broker.split("AAA", date(2024, 1, 4), Fraction(1, 10))
    book = floor.broker.book
    assert "AAA" not in book.positions
    assert book.balance(chart.realised("AAA")) == 30_000
    assert book.balance(chart.IN_LIEU) == -30_000
    assert_sound(floor)


@pytest.mark.parametrize(
    ("treatment", "status", "fills"), [(SplitOrders.CANCEL, "canceled", []), (SplitOrders.ADJUST, "open", [4_500])]
)
def test_a_split_cancels_or_adjusts_open_orders(treatment: SplitOrders, status: str, fills: list[int]) -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, split_orders=treatment))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 10, "limit", limit=9_000, tif="gtc"))
    floor.broker.split("AAA", date(2024, 1, 3), Fraction(2))
    assert floor.status("a") == status
    assert floor.fills((5_000, 5_000, 4_500, 5_000, 9)) == [("a", 20, price) for price in fills]


@pytest.mark.parametrize(("price", "cash"), [(4_000, 9_940_000), (None, 9_900_000)])
def test_a_delisting_pays_what_is_known_and_ends_the_symbol(price: int | None, cash: int) -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 10, "limit", limit=20_000, tif="gtc"))
    floor.broker.delist("AAA", date(2024, 1, 4), price)
    assert floor.broker.book.cash == cash
    assert floor.status("out") == "canceled"
    assert floor.broker.submit(Ticket(terms("b", "buy", 1))).reason is Reason.UNKNOWN_SYMBOL
    assert_sound(floor)


@pytest.mark.parametrize(
    ("method", "named", "cost", "left"),
    [
        (LotMethod.FIFO, (), 1_000 + 600, {"b": 600, "c": 800}),
        (LotMethod.LIFO, (), 800 + 600, {"a": 1_000, "b": 600}),
        (LotMethod.HIGHEST_COST, (), 1_200 + 500, {"a": 500, "c": 800}),
        (LotMethod.SPECIFIC, ("c", "b"), 800 + 600, {"a": 1_000, "b": 600}),
    ],
)
def test_lots_leave_in_the_order_of_the_method(
    method: LotMethod, named: tuple[str, ...], cost: int, left: dict[str, int]
) -> None:
    for sign in (1, -1):
        position = Position("AAA")
        costs = {"a": 1_000, "b": 1_200, "c": 800}
        if sign < 0 and method is LotMethod.HIGHEST_COST:
            costs, cost, left = {"a": 1_000, "b": 800, "c": 1_200}, 800 + 500, {"a": 500, "c": 1_200}
        for lot_id, each in costs.items():
            position.open(lot_id, sign * 10, sign * each)
        assert position.close(15, method, named) == sign * cost
        assert {lot.lot_id: abs(lot.cost) for lot in position.lots} == left
        assert position.quantity == sign * 15


def test_selling_through_zero_closes_first_and_opens_with_the_rest() -> None:
    position = Position("AAA")
    position.open("a", 3, 100)
    assert position.close(1, LotMethod.FIFO) == 33
    assert position.close(2, LotMethod.FIFO) == 67
    assert (position.quantity, position.cost) == (0, 0)


def test_cash_moves_once_per_reference() -> None:
    floor = quiet_floor()
    floor.broker.deposit("again", 5)
    floor.broker.deposit("again", 5)
    assert floor.broker.book.cash == 10_000_005
    with pytest.raises(Rejected):
        floor.broker.deposit("again", 6)
    with pytest.raises(Rejected):
        floor.broker.deposit("negative", -1)


def test_a_halted_account_takes_no_orders_and_goes_on_with_those_that_rest() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 1, tif="gtc"))
    floor.broker.halt("kill switch")
    assert floor.broker.submit(Ticket(terms("b", "buy", 1))).reason is Reason.HALTED
    assert floor.fills(FLAT) == [("a", 1, 10_000)]
    floor.broker.resume()
    send(floor, terms("c", "buy", 1))


def test_a_dividend_that_becomes_known_late_goes_to_who_held_before_the_ex_date() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("b", "buy", 5))
    floor.bar(FLAT)
    cash = floor.broker.book.cash
    floor.broker.dividend("AAA", date(2024, 1, 3), Fraction(1))
    floor.broker.dividend("AAA", date(2024, 1, 4), Fraction(1))
    floor.bar(FLAT)
    assert floor.broker.book.cash == cash + 1_000


def test_a_split_that_comes_too_late_is_refused() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    with pytest.raises(Rejected, match="walked"):
        floor.broker.split("AAA", date(2024, 1, 3), Fraction(2))
    assert_sound(floor)


def test_parts_of_a_share_trade_in_millionths_for_plain_day_orders_only() -> None:
    floor = Floor(AccountRules(participation_bps=None, cushion_bps=0, settle=False), cash=100_000, symbols=())
    floor.broker.list_instrument(Instrument("AAA", quantity_scale=1_000_000))
    floor.bar((9_999, 9_999, 9_999, 9_999, 5))
    half = terms("gtc", "buy", 500_000, tif="gtc")
    assert floor.broker.submit(Ticket(half)).reason is Reason.FRACTION_NOT_ALLOWED
    send(floor, terms("a", "buy", 2_500_000))
    floor.bar((9_999, 9_999, 9_999, 9_999, 5))
    book = floor.broker.book
    assert (book.quantity("AAA"), book.cash, book.equity) == (2_500_000, 100_000 - 24_998, 100_000)
    floor.broker.split("AAA", date(2024, 1, 4), Fraction(1, 3))
    assert book.quantity("AAA") == 833_333
    assert_sound(floor)


def test_lots_that_a_split_swallows_leave_their_cost_to_the_next() -> None:
    position = Position("AAA")
    for lot_id, quantity, cost in (("a", 4, 400), ("b", 9, 950), ("c", 3, 330)):
        position.open(lot_id, quantity, cost)
    assert position.split(1, 10) == 1
    assert [(lot.lot_id, lot.quantity, lot.cost) for lot in position.lots] == [("b", 1, 1_680)]
    assert position.cost == 1_680


def test_an_opening_order_that_meets_the_other_side_closes_first_and_opens_the_rest() -> None:
    floor = quiet_floor()
    send(floor, terms("up", "short", 15, "limit", limit=11_000, tif="gtc"))
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 10, "limit", limit=12_000, tif="gtc"))
    floor.bar((11_000, 11_500, 10_900, 11_000, 9))
    book = floor.broker.book
    position = book.positions["AAA"]
    assert (position.quantity, position.cost) == (-5, -55_000)
    assert book.balance(chart.realised("AAA")) == -10_000
    floor.bar(at(12_500))
    assert floor.broker.book.order("out").reason is Reason.NOTHING_TO_CLOSE
    assert_sound(floor)


def test_a_closing_order_fills_no_more_than_what_is_left_to_close() -> None:
    floor = quiet_floor()
    send(floor, terms("up", "short", 4, "limit", limit=11_000, tif="gtc"))
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 10, "limit", limit=12_000, tif="gtc"))
    floor.bar(at(11_000))
    assert floor.fills(at(12_000)) == [("out", 6, 12_000)]
    assert floor.status("out") == "canceled"
    assert_sound(floor)


def test_volume_is_dealt_in_whole_lots() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False), symbols=())
    floor.broker.list_instrument(Instrument("AAA", lot=10))
    floor.bar(FLAT)
    assert floor.broker.submit(Ticket(terms("odd", "buy", 15))).reason is Reason.BAD_LOT
    send(floor, terms("a", "buy", 100, tif="gtc"))
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 390)) == [("a", 30, 10_000)]


def test_a_replaced_order_rests_at_its_new_level_only() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10, "limit", limit=9_900, tif="gtc"))
    floor.broker.replace("a", limit=9_500)
    resting = floor.broker.scribe.resting["AAA"]
    assert [order.terms.order_id for order in resting.all()] == ["a"]
    assert resting.take((10_000, 10_000, 9_800, 10_000, 9)) == []
    assert [order.terms.order_id for order in resting.take((10_000, 10_000, 9_400, 10_000, 9))] == ["a"]


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
    assert floor.broker.book.order("stop").reason is Reason.FORCED
    # 30 % of 24,000.00 is 7,200.00; equity of 6,000.00 less borrowing carries 166 shares at 120.00
    floor.bar(at(12_000))
    book = floor.broker.book
    assert (book.quantity("AAA"), book.call) == (-166, None)
    assert_sound(floor)


@pytest.mark.parametrize("treatment", [SplitOrders.ADJUST, SplitOrders.ADJUST_PROTECTIVE])
@pytest.mark.parametrize("ratio", [Fraction(3, 2), Fraction(1, 4), Fraction(1, 20)])
def test_a_pair_that_filled_in_part_goes_over_a_split_with_equal_legs(treatment: SplitOrders, ratio: Fraction) -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, split_orders=treatment, settle=False))
    floor.bar((10_000, 10_000, 10_000, 10_000, 100_000))
    target = terms("e.tp", "sell", 10, "limit", limit=11_000, tif="gtc", parent="e", group="e.tp")
    stop = terms("e.sl", "sell", 10, "stop", stop=9_000, tif="gtc", parent="e", group="e.tp")
    assert floor.broker.submit(Ticket(terms("e", "buy", 10), (target, stop))).accepted
    floor.bar((10_000, 10_000, 10_000, 10_000, 100_000))
    assert floor.fills((11_000, 11_000, 11_000, 11_000, 30)) == [("e.tp", 3, 11_000)]
    floor.broker.split("AAA", date(2024, 1, 20), ratio)
    held = int(7 * ratio)
    assert floor.broker.book.quantity("AAA") == held
    assert [floor.broker.book.order(leg).remaining for leg in ("e.tp", "e.sl")] == [held, held]
    assert not [check for check in check_book(floor.broker.journal, floor.broker.book) if check.breaches]


def test_no_account_buys_more_than_can_be_counted() -> None:
    floor = Floor(AccountRules(calendar="24/7", participation_bps=None), cash=10**12, symbols=())
    floor.broker.list_instrument(Instrument("PEPE", price_scale=10**8, quantity_scale=10**6))
    floor.bar(PEPE=(1, 1, 1, 1, 10**15))
    buys = [terms(f"p{n}", "buy", 10**18, "limit", limit=1, tif="gtc", symbol="PEPE") for n in range(12)]
    reasons = [floor.broker.submit(Ticket(each)).reason for each in buys]
    assert reasons == [None] * 4 + [Reason.BAD_QUANTITY] * 8
    floor.bar(PEPE=(1, 1, 1, 1, 10**15))
    assert floor.broker.book.quantity("PEPE") < 2**62
    assert floor.broker.submit(Ticket(buys[0])).accepted  # the same one again, with its answer of before
    more = terms("more", "buy", 10**18, "limit", limit=1, tif="gtc", symbol="PEPE")
    assert floor.broker.submit(Ticket(more)).reason is Reason.BAD_QUANTITY


@pytest.mark.parametrize("action", ["delisting", "split", "none"])
def test_the_nights_before_a_corporate_action_cost_what_they_cost(action: str) -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=None, settle=False, cash_bps=360))
    floor.bar(FLAT)
    send(floor, terms("s", "short", 1_000))
    while floor.day.weekday() != 4:
        floor.bar(FLAT)
    before, monday = floor.broker.journal.seq, date(2024, 1, 8)
    for _ in range(2):
        if action == "delisting":
            floor.broker.delist("AAA", monday, 10)
        elif action == "split":
            floor.broker.split("AAA", monday, Fraction(1, 2))
    floor.bar(FLAT)
    accrued = [event for event in floor.broker.journal.events[before:] if isinstance(event, Accrued)]
    assert [(each.kind, each.session) for each in accrued] == [("borrow", "2024-01-08"), ("cash", "2024-01-08")]
    assert accrued[0].micro == -10_000_000 * 360 * 3 * 1_000_000 // (10_000 * 360)
    assert_sound(floor)
