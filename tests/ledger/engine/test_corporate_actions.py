"""Dividends, splits and delistings, in time and late, worked by hand."""

from datetime import date
from fractions import Fraction

import pytest
from openoutcry.domain.errors import OrderRejected
from openoutcry.ledger.book.codec import schema_of, write_event
from openoutcry.ledger.book.fold import replay
from openoutcry.ledger.model import chart_of_accounts
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.ledger.model.events import Accrued, DividendBooked, SplitApplied
from openoutcry.ledger.model.lots import LotMethod, Position
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.reports.audit import check_book
from openoutcry.tests.ledger.harness import (
    FLAT,
    Floor,
    assert_sound,
    at,
    quiet_floor,
    send,
    terms,
)


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
    assert book.positions["AAA"].cost == sign * 200_000
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
    assert book.balance(chart_of_accounts.realised("AAA")) == 0
    assert book.balance(chart_of_accounts.CASH_IN_LIEU) == 0
    assert_sound(floor)


def two_lots(method: LotMethod) -> Floor:
    """Hold 5 shares at 100.00 and 5 at 130.00, marked at 130.00."""
    floor = Floor(AccountRules(margin=True, participation_bps=None, settle=False, lots=method))
    for price, order in ((10_000, "a"), (13_000, "b")):
        floor.bar(at(price))
        send(floor, terms(order, "buy", 5))
        floor.bar(at(price))
    return floor


@pytest.mark.parametrize(("method", "costs", "gain"), [
    (LotMethod.FIFO, [40_000, 65_000], 3_000),
    (LotMethod.LIFO, [50_000, 52_000], 0),
    (LotMethod.HIGHEST_COST, [50_000, 52_000], 0),
    (LotMethod.SPECIFIC, [40_000, 65_000], 3_000),
])  # fmt: skip
def test_the_fraction_of_a_split_is_sold_by_the_lot_method(method: LotMethod, costs: list[int], gain: int) -> None:
    # 10 shares become 10/3: a third of a share goes for 130.00, which is one share of before the split.
    floor = two_lots(method)
    cash, equity = floor.broker.book.cash, floor.broker.book.equity
    floor.broker.split("AAA", date(2024, 1, 20), Fraction(1, 3))
    book = floor.broker.book
    assert [lot.cost for lot in book.positions["AAA"].lots] == costs
    assert (book.quantity("AAA"), book.cash - cash, book.equity) == (3, 13_000, equity)
    assert book.balance(chart_of_accounts.realised("AAA")) == -gain
    assert book.balance(chart_of_accounts.CASH_IN_LIEU) == 0
    assert_sound(floor)


def test_a_fraction_larger_than_a_lot_takes_it_and_part_of_the_next() -> None:
    position = Position("AAA")
    for lot_id, quantity, cost in (("a", 4, 400), ("b", 9, 950), ("c", 3, 330)):
        position.open(lot_id, quantity, cost)
    # 16 shares become 1.6; of the 0.6 share, 0.4 are all of `a` and 0.2 are two ninths of `b`.
    assert position.fraction_costs(1, 10, LotMethod.FIFO) == (("a", 400), ("b", 211))
    assert position.fraction_costs(1, 8, LotMethod.FIFO) == ()


def test_a_split_of_an_older_journal_leaves_the_lots_their_cost() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    old = SplitApplied("AAA", "2024-01-20", 1, 3, 10_000, 30_000)
    assert '"sold"' not in write_event(old)
    assert schema_of(old) == 1
    book, _ = replay([*floor.broker.journal.events, old])
    assert (book.positions["AAA"].cost, book.balance(chart_of_accounts.CASH_IN_LIEU)) == (100_000, -10_000)


@pytest.mark.parametrize(
    ("treatment", "status", "fills"), [(SplitPolicy.CANCEL, "canceled", []), (SplitPolicy.ADJUST, "open", [4_500])]
)
def test_a_split_cancels_or_adjusts_open_orders(treatment: SplitPolicy, status: str, fills: list[int]) -> None:
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
    assert floor.broker.submit(OrderRequest(terms("b", "buy", 1))).reason is RejectReason.UNKNOWN_SYMBOL
    assert_sound(floor)


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
    with pytest.raises(OrderRejected, match="order a was filled in shares of after the split"):
        floor.broker.split("AAA", date(2024, 1, 3), Fraction(2))
    assert_sound(floor)


@pytest.mark.parametrize("treatment", [SplitPolicy.ADJUST, SplitPolicy.ADJUST_PROTECTIVE])
@pytest.mark.parametrize("ratio", [Fraction(3, 2), Fraction(1, 4), Fraction(1, 20)])
def test_a_pair_that_filled_in_part_goes_over_a_split_with_equal_legs(treatment: SplitPolicy, ratio: Fraction) -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, split_orders=treatment, settle=False))
    floor.bar((10_000, 10_000, 10_000, 10_000, 100_000))
    target = terms("e.tp", "sell", 10, "limit", limit=11_000, tif="gtc", parent="e", group="e.tp")
    stop = terms("e.sl", "sell", 10, "stop", stop=9_000, tif="gtc", parent="e", group="e.tp")
    assert floor.broker.submit(OrderRequest(terms("e", "buy", 10), (target, stop))).accepted
    floor.bar((10_000, 10_000, 10_000, 10_000, 100_000))
    assert floor.fills((11_000, 11_000, 11_000, 11_000, 30)) == [("e.tp", 3, 11_000)]
    floor.broker.split("AAA", date(2024, 1, 20), ratio)
    held = int(7 * ratio)
    assert floor.broker.book.quantity("AAA") == held
    assert [floor.broker.book.order(leg).remaining for leg in ("e.tp", "e.sl")] == [held, held]
    assert not [check for check in check_book(floor.broker.journal, floor.broker.book) if check.breaches]


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


def went_in_and_out(side: str = "buy") -> Floor:
    """Open ten shares on Wednesday the third, and close them on Monday the eighth."""
    floor = quiet_floor()
    send(floor, terms("in", side, 10))
    for _ in range(3):
        floor.bar(FLAT)
    send(floor, terms("out", "sell" if side == "buy" else "cover", 10))
    floor.bar(FLAT)
    assert floor.broker.book.positions == {}
    return floor


def late(floor: Floor, *days: int) -> list[tuple[int, int]]:
    """Let dividends of 1.00 with ex-dates in January become known, each twice; return quantity and cents booked."""
    before = floor.broker.journal.seq
    for day in (*days, *days):
        floor.broker.dividend("AAA", date(2024, 1, day), Fraction(1))
    assert_sound(floor)
    booked = [event for event in floor.broker.journal.events[before:] if isinstance(event, DividendBooked)]
    return [(event.quantity, event.amount) for event in booked]


@pytest.mark.parametrize(("side", "sign"), [("buy", 1), ("short", -1)])
def test_a_dividend_heard_of_after_the_position_was_closed_goes_to_who_held_it(side: str, sign: int) -> None:
    floor = went_in_and_out(side)
    cash = floor.broker.book.cash
    assert late(floor, 3, 4, 6, 8, 9) == [(10 * sign, 1_000 * sign)] * 3
    floor.bar(FLAT)
    assert floor.broker.book.cash == cash + 3_000 * sign


def test_a_dividend_heard_of_after_a_split_is_on_the_shares_of_its_day() -> None:
    floor = quiet_floor()
    send(floor, terms("in", "buy", 25))
    floor.bar(FLAT)
    floor.bar(FLAT)
    floor.broker.split("AAA", date(2024, 1, 5), Fraction(1, 10))
    send(floor, terms("more", "buy", 3))
    floor.bar(at(100_000))
    assert late(floor, 4, 5, 8) == [(25, 2_500), (2, 200), (5, 500)]


def test_a_dividend_heard_of_after_the_delisting_is_on_what_was_held_before_it() -> None:
    floor = quiet_floor()
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    floor.bar(FLAT)
    floor.broker.delist("AAA", date(2024, 1, 5), 9_000)
    floor.bar()
    assert late(floor, 4, 5) == [(10, 1_000)]
    cash = floor.broker.book.cash
    floor.bar()
    assert floor.broker.book.cash == cash + 1_000


def test_two_dividends_of_one_ex_date_are_booked_and_paid_separately() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 100))
    floor.bar(FLAT)
    cash = floor.broker.book.cash
    for _ in range(2):
        floor.broker.dividend("AAA", date(2024, 1, 4), Fraction(1, 2), date(2024, 1, 4))
        floor.broker.dividend("AAA", date(2024, 1, 4), Fraction(7), date(2024, 1, 5), payment=2)
    book = floor.broker.book
    assert (len(book.dividends), book.balance(chart_of_accounts.DIVIDENDS_DUE)) == (2, 75_000)
    floor.bar(FLAT)
    assert book.cash - cash == 5_000
    floor.bar(FLAT)
    assert book.cash - cash == 75_000
    assert_sound(floor)


def test_a_dividend_of_an_older_journal_is_written_as_it_was() -> None:
    assert write_event(DividendBooked("AAA", "2024-01-04", "2024-01-05", 10, 500)) == (
        '{"amount":500,"ex_date":"2024-01-04","pay_date":"2024-01-05","quantity":10,"symbol":"AAA",'
        '"type":"DividendBooked"}'
    )
