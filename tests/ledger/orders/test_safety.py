"""What a reducing and a halted account accept, cancel and keep."""

import pytest
from openoutcry.domain.account import AccountState
from openoutcry.ledger.book.wire_names import event_name
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.events import AccountHalted
from openoutcry.ledger.model.order import RejectReason
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.reports.account_view import account_view
from openoutcry.tests.ledger.harness import FLAT, Floor, Weekdays, at, quiet_floor, send, terms


def held_floor() -> Floor:
    """Return an account that is long 10 AAA, with a stop, a target order of 4, and two resting entries."""
    floor = quiet_floor()
    send(floor, terms("in", "buy", 10))
    floor.bar(FLAT)
    send(floor, terms("stop", "sell", 6, "stop", stop=9_000, tif="gtc"))
    send(floor, terms("target", "sell", 4, "limit", limit=11_000, tif="gtc"))
    send(floor, terms("more", "buy", 5, "limit", limit=9_500, tif="gtc"))
    bracket = OrderRequest(
        terms("b", "buy", 5, "limit", limit=9_400, tif="gtc"),
        (terms("b.sl", "sell", 5, "stop", stop=9_100, tif="gtc", parent="b"),),
    )
    assert floor.broker.submit(bracket).accepted
    return floor


def statuses(floor: Floor, *orders: str) -> list[str]:
    return [floor.status(each) for each in orders]


@pytest.mark.parametrize("halted", [False, True])
def test_resting_entries_and_their_held_exits_are_canceled_and_protective_orders_stay(halted: bool) -> None:
    floor = held_floor()
    (floor.broker.halt if halted else floor.broker.reduce)("drill")
    assert statuses(floor, "more", "b", "b.sl") == ["canceled"] * 3
    assert statuses(floor, "stop", "target") == ["open"] * 2
    assert floor.broker.book.order("more").reason == ("account_halted" if halted else "account_reducing")
    assert floor.fills(at(8_900)) == [("stop", 6, 8_900)]


def test_a_reducing_account_accepts_only_what_resting_exits_leave_of_the_position() -> None:
    floor = held_floor()
    floor.broker.cancel("stop")
    floor.broker.reduce("drill")
    assert floor.broker.submit(OrderRequest(terms("n", "buy", 1))).reason is RejectReason.REDUCING
    assert floor.broker.submit(OrderRequest(terms("s", "short", 1))).reason is RejectReason.REDUCING
    assert floor.broker.submit(OrderRequest(terms("x", "sell", 7))).reason is RejectReason.EXCEEDS_POSITION
    send(floor, terms("y", "sell", 6))
    floor.bar(at(12_000))
    assert floor.broker.book.quantity("AAA") == 0


def test_a_halted_account_rejects_exits_too_and_cancels_protective_orders_on_request() -> None:
    floor = held_floor()
    floor.broker.halt("drill")
    assert floor.broker.submit(OrderRequest(terms("x", "sell", 1))).reason is RejectReason.HALTED
    floor.broker.halt("again", cancel_all=True)
    assert statuses(floor, "stop", "target") == ["canceled"] * 2
    assert floor.broker.book.halted == "drill"


def test_a_halt_never_becomes_a_reduction_and_a_reduction_may_become_a_halt() -> None:
    floor = quiet_floor()
    states = []
    for act in (
        lambda: floor.broker.reduce("a"),
        lambda: floor.broker.halt("b"),
        lambda: floor.broker.reduce("c"),
        floor.broker.resume,
        floor.broker.resume,
    ):
        act()
        states.append(account_view(floor.broker.book).state)
    reducing, halted, active = AccountState.REDUCING, AccountState.HALTED, AccountState.ACTIVE
    assert states == [reducing, halted, halted, active, active]
    assert [event_name(event) for event in floor.broker.journal.events[-3:]] == [
        "AccountReducing", "AccountHalted", "AccountResumed",
    ]  # fmt: skip


def test_a_reducing_account_replays_to_the_same_state_and_an_active_one_has_another() -> None:
    floor = held_floor()
    before = floor.broker.book.state_hash()
    floor.broker.reduce("drill")
    again = Broker.replayed(floor.broker.journal.events, Weekdays())
    assert again.book.state_hash() == floor.broker.book.state_hash() != before
    assert again.book.reducing == "drill"


def test_entries_that_an_earlier_version_left_in_a_halted_account_do_not_fill() -> None:
    """A journal may hold a halt after which entries rest."""
    floor = quiet_floor()
    send(floor, terms("a", "buy", 1, tif="gtc"))

    events = [*floor.broker.journal.events, AccountHalted("before")]
    floor.broker = Broker.replayed(events, Weekdays())
    assert floor.status("a") == "open"
    assert floor.fills(FLAT) == []
    assert floor.status("a") == "canceled"


def test_a_forced_liquidation_goes_on_while_halted() -> None:
    floor = Floor(
        AccountRules(margin=True, participation_bps=None, cushion_bps=0, settle=False, call_sessions=1), cash=1_000_000
    )
    floor.bar(FLAT)
    send(floor, terms("a", "short", 200))
    floor.bar(FLAT)
    floor.broker.halt("drill")
    floor.bar(at(12_000))
    floor.bar(at(12_000))
    floor.broker.halt("drill", cancel_all=True)
    floor.bar(at(12_000))
    assert floor.broker.book.quantity("AAA") == -166
