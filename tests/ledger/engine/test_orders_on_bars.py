"""Orders as the broker works them: families, caps, times in force, trailing, halts, intraday bars."""

import pytest
from openoutcry.domain.errors import DuplicateOrder, LedgerError, OrderRejected
from openoutcry.ledger.broker import Broker, Receipt
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.bar_time import BarTime
from openoutcry.ledger.model.order import OrderTerms, RejectReason
from openoutcry.ledger.model.order_events import OrderFilled, StopTriggered
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.pricing.slippage import Slippage, SlippageKind
from openoutcry.tests.ledger.harness import (
    Floor,
    Prices,
    Weekdays,
    quiet_floor,
    terms,
)

FLAT = IntegerBar(10_000, 10_000, 10_000, 10_000, 1_000)


def send(floor: Floor, made: OrderTerms, *exits: OrderTerms) -> Receipt:
    receipt = floor.broker.submit(OrderRequest(made, exits))
    assert receipt.accepted, receipt
    return receipt


def bracket(floor: Floor, *, limit: int | None = None, quantity: int = 10, tif: str = "day") -> None:
    send(
        floor,
        terms("p", "buy", quantity, "limit" if limit else "market", limit=limit, tif=tif),
        terms("p.tp", "sell", quantity, "limit", limit=11_000, tif="gtc", parent="p", group="p.tp"),
        terms("p.sl", "sell", quantity, "stop", stop=9_000, tif="gtc", parent="p", group="p.tp"),
    )


def test_an_order_never_fills_on_the_bar_after_which_it_was_accepted() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 5))
    assert floor.fills((10_100, 10_200, 10_000, 10_050, 9)) == [("a", 5, 10_100)]


def test_children_of_a_parent_filled_at_the_open_may_fill_in_that_bar() -> None:
    floor = quiet_floor()
    bracket(floor)
    assert floor.fills((10_000, 11_500, 9_500, 11_000, 99)) == [("p", 10, 10_000), ("p.tp", 10, 11_000)]
    assert floor.status("p.sl") == "canceled"


def test_children_of_a_parent_filled_inside_the_bar_that_it_leaves_open_fill_on_the_next() -> None:
    floor = quiet_floor()
    bracket(floor, limit=9_500)
    assert floor.fills((10_000, 10_500, 9_100, 9_200, 99)) == [("p", 10, 9_500)]
    assert floor.fills((8_900, 9_000, 8_000, 8_500, 99)) == [("p.sl", 10, 8_900)]
    assert floor.status("p.tp") == "canceled"


def test_the_stop_wins_and_is_flagged_when_both_exits_are_reached() -> None:
    floor = quiet_floor()
    bracket(floor)
    floor.bar(FLAT)
    fill = next(event for event in floor.bar((10_000, 11_500, 8_500, 10_000, 99)) if isinstance(event, OrderFilled))
    assert (fill.order_id, fill.price, fill.ambiguous) == ("p.sl", 9_000, True)


@pytest.mark.parametrize(
    ("finer", "winner", "ambiguous"),
    [
        ([(10_000, 11_200, 10_000, 11_000, 1), (11_000, 11_500, 8_500, 10_000, 1)], "p.tp", False),
        ([(10_000, 10_100, 8_900, 9_000, 1), (9_000, 11_500, 8_500, 10_000, 1)], "p.sl", False),
        ([(10_000, 11_500, 8_500, 10_000, 1)], "p.sl", True),
    ],
)
def test_a_finer_series_settles_which_exit_came_first(finer: list[Prices], winner: str, ambiguous: bool) -> None:
    floor = quiet_floor()
    bracket(floor)
    floor.bar(FLAT)
    step = BarTime(floor.day.replace(day=25), floor.clock + 1)
    events = floor.broker.on_bar(
        step, {"AAA": IntegerBar(10_000, 11_500, 8_500, 10_000, 99)}, {"AAA": [IntegerBar(*bar) for bar in finer]}
    )
    fill = next(event for event in events if isinstance(event, OrderFilled))
    assert (fill.order_id, fill.ambiguous) == (winner, ambiguous)


def test_a_finer_series_settles_a_stop_limit_that_came_back() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 5, "stop_limit", stop=10_500, limit=10_200, tif="gtc"))
    finer = [IntegerBar(10_000, 10_600, 10_000, 10_500, 1), IntegerBar(10_500, 10_500, 10_100, 10_300, 1)]
    step = BarTime(floor.day.replace(day=25), floor.clock + 1)
    events = floor.broker.on_bar(step, {"AAA": IntegerBar(10_000, 10_600, 10_000, 10_300, 99)}, {"AAA": finer})
    assert [(event.order_id, event.price) for event in events if isinstance(event, OrderFilled)] == [("a", 10_200)]


def test_a_triggered_stop_limit_is_journalled_and_flagged_and_fills_as_a_limit_later() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 5, "stop_limit", stop=10_500, limit=10_200, tif="gtc"))
    events = floor.bar((10_000, 10_600, 10_000, 10_550, 99))
    assert [event.ambiguous for event in events if isinstance(event, StopTriggered)] == [True]
    assert floor.fills((10_400, 10_450, 10_150, 10_300, 99)) == [("a", 5, 10_200)]


def test_a_dead_parent_takes_its_waiting_children_along() -> None:
    floor = quiet_floor()
    bracket(floor, limit=9_200)
    floor.bar(FLAT)
    assert [floor.status(each) for each in ("p", "p.tp", "p.sl")] == ["expired", "canceled", "canceled"]


def test_an_oco_sibling_shrinks_with_a_partial_fill() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=5_000, settle=False))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 100))
    floor.bar(FLAT)
    send(
        floor,
        terms("x", "sell", 100, "limit", limit=10_500, tif="gtc", group="x"),
        terms("x.sl", "sell", 100, "stop", stop=9_500, tif="gtc", group="x"),
    )
    assert floor.fills((10_000, 10_600, 10_000, 10_000, 60)) == [("x", 30, 10_500)]
    assert floor.broker.book.order("x.sl").remaining == 70
    assert floor.fills((9_000, 9_000, 9_000, 9_000, 1_000)) == [("x.sl", 70, 9_000)]
    assert floor.status("x") == "canceled"


def test_exits_follow_a_parent_that_fills_in_parts_and_stop_the_rest_of_it() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False))
    floor.bar(FLAT)
    bracket(floor, limit=10_000, quantity=100, tif="gtc")
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 300)) == [("p", 30, 10_000)]
    assert floor.broker.book.order("p.sl").quantity == 30
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 200)) == [("p", 20, 10_000)]
    assert floor.broker.book.order("p.sl").quantity == 50
    floor.bar(None)
    assert floor.fills((10_100, 10_100, 8_000, 8_000, 400)) == [("p.sl", 40, 9_000)]
    assert [floor.status(each) for each in ("p", "p.tp")] == ["canceled", "open"]
    assert floor.fills((8_000, 8_000, 8_000, 8_000, 400)) == [("p.sl", 10, 8_000)]
    assert floor.broker.book.quantity("AAA") == 0


def test_the_volume_cap_is_shared_by_acceptance_and_day_orders_lose_the_rest() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 70))
    send(floor, terms("b", "buy", 70, tif="gtc"))
    send(floor, terms("c", "buy", 70, tif="fok"))
    assert floor.fills(FLAT) == [("a", 70, 10_000), ("b", 30, 10_000)]
    assert [floor.status(each) for each in "abc"] == ["filled", "partially_filled", "canceled"]
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 200)) == [("b", 20, 10_000)]


def test_immediate_orders_look_at_the_first_open_only() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 70, tif="ioc"))
    send(floor, terms("b", "buy", 70, "limit", limit=9_900, tif="ioc"))
    assert floor.fills((10_000, 10_000, 9_000, 10_000, 500)) == [("a", 50, 10_000)]
    assert [floor.status(each) for each in "ab"] == ["canceled", "canceled"]


def test_a_halt_fills_nothing_expires_day_orders_and_keeps_the_others() -> None:
    floor = quiet_floor()
    send(floor, terms("day", "buy", 1))
    send(floor, terms("gtc", "buy", 1, tif="gtc"))
    send(floor, terms("opg", "buy", 1, tif="opg"))
    send(floor, terms("ioc", "buy", 1, tif="ioc"))
    assert floor.fills((10_000, 10_000, 10_000, 10_000, 0)) == []
    assert [floor.status(each) for each in ("day", "gtc", "opg", "ioc")] == ["expired", "open", "expired", "canceled"]
    assert floor.fills() == []
    assert floor.fills(FLAT) == [("gtc", 1, 10_000)]


def test_on_open_and_on_close_use_the_first_and_the_last_bar_of_a_session() -> None:
    floor = quiet_floor()
    send(floor, terms("opg", "buy", 1, tif="opg"))
    send(floor, terms("cls", "buy", 2, tif="cls"))
    floor.bar((10_000, 10_000, 10_000, 10_000, 9), last=False)
    send(floor, terms("late", "buy", 3, tif="opg"))
    send(floor, terms("day", "buy", 4, "limit", limit=9_000))
    floor.bar((10_050, 10_060, 10_040, 10_055, 9), first=False, last=False)
    floor.bar((10_060, 10_090, 10_050, 10_080, 9), first=False)
    fills = [event for event in floor.broker.journal.events if isinstance(event, OrderFilled)]
    assert [(fill.order_id, fill.price) for fill in fills] == [("opg", 10_000), ("cls", 10_080)]
    assert [floor.status(each) for each in ("late", "day")] == ["open", "expired"]
    assert floor.fills((10_100, 10_100, 10_100, 10_100, 9)) == [("late", 3, 10_100)]


def test_a_trailing_stop_is_tested_before_it_moves() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("t", "sell", 10, "trailing_stop", trail=300, tif="gtc"))
    assert floor.fills((10_000, 10_800, 9_800, 10_700, 9)) == []
    assert floor.broker.book.order("t").levels.stop == 10_500
    assert floor.fills((10_700, 10_750, 10_600, 10_700, 9)) == []
    assert floor.fills((10_600, 11_900, 10_400, 11_800, 9)) == [("t", 10, 10_500)]


def test_a_stop_that_was_reached_is_a_market_order_until_it_is_filled() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 10))
    floor.bar((10_000, 10_000, 10_000, 10_000, 1_000))
    send(floor, terms("cut", "sell", 10, "stop", stop=9_000, tif="gtc"))
    assert floor.fills((9_500, 9_500, 8_900, 9_400, 40)) == [("cut", 4, 9_000)]
    assert floor.fills((9_300, 9_500, 9_200, 9_400, 1_000)) == [("cut", 6, 9_300)]


def test_protective_stops_come_before_limits_inside_a_bar() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("add", "buy", 5, "limit", limit=9_800, tif="gtc"))
    send(floor, terms("cut", "sell", 10, "stop", stop=9_700, tif="gtc"))
    assert floor.fills((10_000, 10_000, 9_500, 9_600, 9)) == [("cut", 10, 9_700), ("add", 5, 9_800)]


def test_a_closing_order_never_turns_the_position() -> None:
    floor = quiet_floor()
    bracket(floor)
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 10))
    with pytest.raises(AssertionError, match="exceeds_position"):
        send(floor, terms("too-much", "sell", 1))
    assert floor.fills(FLAT) == [("out", 10, 10_000)]
    assert floor.broker.book.quantity("AAA") == 0
    assert floor.broker.book.live_orders() == []


def test_protective_exits_stay_while_another_exit_rests_and_follow_the_position_when_it_fills() -> None:
    floor = quiet_floor()
    bracket(floor)
    floor.bar(FLAT)
    send(floor, terms("some", "sell", 4, "limit", limit=10_100, tif="day"))
    protection = {order.terms.order_id: order.remaining for order in floor.broker.book.live_orders()}
    assert protection == {"p.tp": 10, "p.sl": 10, "some": 4}
    assert floor.fills((10_000, 10_050, 9_990, 10_000, 9)) == []
    assert {order.remaining for order in floor.broker.book.live_orders()} == {10}
    send(floor, terms("more", "sell", 4))
    assert floor.fills(FLAT) == [("more", 4, 10_000)]
    assert {order.terms.order_id: order.remaining for order in floor.broker.book.live_orders()} == {
        "p.tp": 6,
        "p.sl": 6,
    }


def test_slippage_is_paid_inside_the_bar_and_never_beyond_the_limit() -> None:
    floor = Floor(
        AccountRules(margin=True, participation_bps=None, settle=False, slippage=Slippage(SlippageKind.FIXED, 100))
    )
    floor.bar(FLAT)
    for order_id, limit in (("free", None), ("bound", 10_050)):
        send(floor, terms(order_id, "buy", 1, "limit" if limit else "market", limit=limit))
    assert floor.fills((10_000, 10_300, 9_900, 10_000, 9)) == [("free", 1, 10_100), ("bound", 1, 10_050)]
    send(floor, terms("capped", "buy", 1))
    assert floor.fills((10_000, 10_020, 9_900, 10_000, 9)) == [("capped", 1, 10_020)]


def test_impact_grows_with_the_square_root_of_participation() -> None:
    model = Slippage(SlippageKind.IMPACT, bps=10, impact_bps=400)
    bar = IntegerBar(10_000, 20_000, 1, 10_000, 10_000)
    assert model.price(10_000, 1, (100, 1), None, bar) == 10_000 + 10 + 40
    assert model.price(10_000, -1, (400, 1), None, bar) == 10_000 - 10 - 80


def test_commission_takes_its_minimum_once_for_an_order_in_parts() -> None:
    tariff = Commission(CommissionKind.PER_SHARE, rate=500_000, minimum=100, cap_bps=100)
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False, commission=tariff))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 300, tif="gtc"))
    fees = [
        event.commission
        for _ in range(3)
        for event in floor.bar((10_000, 10_000, 10_000, 10_000, 1_000))
        if isinstance(event, OrderFilled)
    ]
    assert fees == [100, 0, 50]
    assert Commission(CommissionKind.PER_SHARE, 500_000).total(1, 1, 10_000) == 0
    assert Commission(CommissionKind.PER_SHARE, 500_000).total(3, 1, 30_000) == 2
    assert Commission(CommissionKind.BPS, 5).total(7, 1, 70_000) == 35


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (terms("a", "buy", 1, symbol="ZZZ"), RejectReason.UNKNOWN_SYMBOL),
        (terms("a", "buy", 0), RejectReason.BAD_QUANTITY),
        (terms("a", "buy", -5), RejectReason.BAD_QUANTITY),
        (terms("a", "buy", 10**15), RejectReason.BAD_QUANTITY),
        (terms("a", "buy", 1, "limit", limit=-1), RejectReason.BAD_PRICE),
        (terms("a", "buy", 1, "limit", limit=10**13), RejectReason.BAD_PRICE),
        (terms("a", "buy", 1, "limit"), RejectReason.BAD_TERMS),
        (terms("a", "buy", 1, "market", limit=5), RejectReason.BAD_TERMS),
        (terms("a", "buy", 1, "stop", stop=10_500, tif="ioc"), RejectReason.BAD_TERMS),
        (terms("a", "buy", 1, "stop", stop=9_900), RejectReason.WRONG_SIDE),
        (terms("a", "sell", 1), RejectReason.EXCEEDS_POSITION),
        (terms("a", "buy", 10_000), RejectReason.NO_BUYING_POWER),
    ],
)
def test_a_rejection_names_its_reason_and_books_nothing(made: OrderTerms, reason: RejectReason) -> None:
    floor = quiet_floor()
    receipt = floor.broker.submit(OrderRequest(made))
    assert (receipt.accepted, receipt.reason) == (False, reason)
    assert floor.status("a") == "rejected"
    assert floor.broker.book.reserved == 0


def test_the_newer_of_two_opposing_marketable_orders_is_rejected() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("out", "sell", 4))
    assert floor.broker.submit(OrderRequest(terms("in", "buy", 4))).reason is RejectReason.SELF_CROSS
    send(floor, terms("far", "buy", 4, "limit", limit=9_000, tif="gtc"))
    assert (
        floor.broker.submit(OrderRequest(terms("x", "sell", 4, "limit", limit=9_000))).reason is RejectReason.SELF_CROSS
    )
    send(floor, terms("above", "sell", 4, "limit", limit=9_001))


def test_a_repeated_submission_gets_its_stored_answer_and_another_body_is_refused() -> None:
    floor = quiet_floor()
    first = send(floor, terms("a", "buy", 10))
    floor.bar(FLAT)
    seq = floor.broker.journal.seq
    assert floor.broker.submit(OrderRequest(terms("a", "buy", 10))) == first
    with pytest.raises(DuplicateOrder):
        floor.broker.submit(OrderRequest(terms("a", "buy", 11)))
    assert floor.broker.journal.seq == seq


def test_an_order_without_run_or_decision_cannot_exist() -> None:
    floor = quiet_floor()
    nameless = OrderTerms(
        "a", "AAA", 1, False, 1, *(terms("x", "buy", 1).type, None, None, None, terms("x", "buy", 1).tif), "", "d"
    )
    with pytest.raises(OrderRejected):
        floor.broker.submit(OrderRequest(nameless))


def test_a_replaced_order_goes_to_the_back_of_the_queue_and_keeps_its_terms_when_refused() -> None:
    floor = Floor(AccountRules(margin=True, participation_bps=1_000, settle=False))
    floor.bar(FLAT)
    send(floor, terms("a", "buy", 100, "limit", limit=9_900, tif="gtc"))
    send(floor, terms("b", "buy", 100, "limit", limit=9_900, tif="gtc"))
    floor.broker.replace("a", limit=9_950)
    floor.broker.replace("a", limit=9_900)
    with pytest.raises(OrderRejected, match="insufficient_buying_power"):
        floor.broker.replace("a", quantity=9_999)
    assert floor.fills((9_800, 9_900, 9_800, 9_800, 1_000)) == [("b", 100, 9_800)]


def test_a_bar_walked_twice_changes_nothing_and_an_older_one_is_refused() -> None:
    floor = quiet_floor()
    send(floor, terms("a", "buy", 1, tif="gtc"))
    floor.bar(FLAT)
    state = floor.broker.book.state_hash()
    assert floor.broker.on_bar(BarTime(floor.day, floor.clock), {"AAA": FLAT}) == ()
    with pytest.raises(LedgerError):
        floor.broker.on_bar(BarTime(floor.day, floor.clock - 1), {"AAA": FLAT})
    assert floor.broker.book.state_hash() == state


def test_a_bar_marks_the_same_symbols_after_a_restart() -> None:
    """A canceled order is no reason to mark its symbol, although its place among the resting orders is freed later."""
    floor = quiet_floor()
    send(floor, terms("a", "buy", 5, "limit", limit=9_000, tif="gtc"))
    floor.broker.cancel("a")
    restarted = Broker.replayed(floor.broker.journal.events, Weekdays())
    step = BarTime(Weekdays().next(floor.day), floor.clock + 3600, first=True, last=True)
    closed = [broker.on_bar(step, {"AAA": FLAT}) for broker in (floor.broker, restarted)]
    assert closed[0] == closed[1]
