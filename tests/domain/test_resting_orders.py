"""Resting orders as a desk sees them, and the actions of a plan on them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from decisions import plain_order
from openoutcry.domain.account import Account, RestingFacts
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import Action, RestingAction
from openoutcry.domain.outputs import OrderPlan, RestingInstruction
from openoutcry.domain.resting_orders import (
    account_after_actions,
    price_distance,
    resting_defects,
    resting_orders,
    stated_actions,
    without_canceled_exits,
)
from scripted_answers import ORDER

A = Symbol("A")
KEEP, REPLACE, CANCEL = RestingAction.KEEP, RestingAction.REPLACE, RestingAction.CANCEL
ENTRY = plain_order("entry", A, "buy", 10, limit="95")
TARGET = plain_order("target", A, "sell", 5, limit="120")
STOP = replace(plain_order("stop", A, "sell", 5), stop_price=Decimal(90))
OTHER = plain_order("other", Symbol("B"), "buy", 1, limit="1")
FACTS = {"entry": RestingFacts(3), "target": RestingFacts(1, "g"), "stop": RestingFacts(0, "g")}
ACCOUNT = Account(
    "t",
    Decimal(1000),
    open_orders=(TARGET, OTHER, STOP),
    superseded=(ENTRY,),
    resting_facts={ClientOrderId(name): facts for name, facts in FACTS.items()},
)
BUY, SELL = ORDER, ORDER.model_copy(update={"action": Action.SELL})
SMALL = SELL.model_copy(update={"quantity": Decimal(4)})


def plan(*orders, **actions):
    stated = tuple(RestingInstruction(order=label, action=action) for label, action in actions.items())
    return OrderPlan(orders=orders, rationale="A test.", resting=stated)


def defects(stated, account=ACCOUNT):
    return list(resting_defects(stated, resting_orders(account, A)))


def resolved(stated, account=ACCOUNT):
    return {each.client_order_id: each.action for each in stated_actions(stated, account, A)}


def test_every_open_order_of_the_symbol_has_a_label_its_age_and_the_labels_it_ends_with():
    shown = resting_orders(ACCOUNT, A)
    assert [(each.label, each.order.client_order_id, each.age) for each in shown] == [
        ("R1", "entry", 3), ("R2", "target", 1), ("R3", "stop", 0),
    ]  # fmt: skip
    assert [each.linked for each in shown] == [(), ("R3",), ("R2",)]
    assert not any(each.fixed for each in shown)


@pytest.mark.parametrize(
    ("order", "distance"),
    [
        (ENTRY, "-0.05"),
        (STOP, "-0.1"),
        (replace(STOP, limit_price=Decimal(80)), "-0.1"),
        (replace(STOP, stop_price=None, trail=Decimal(7)), "-0.07"),
        (plain_order("m", A, "buy", 1), None),
    ],
    ids=["limit", "stop", "stop-limit", "trail", "market"],
)
def test_the_distance_is_that_of_the_price_that_acts_first(order, distance):
    assert price_distance(order, Decimal(100)) == (None if distance is None else Decimal(distance))


def test_a_plan_without_a_list_states_nothing():
    assert stated_actions(OrderPlan(orders=(BUY,), rationale="r"), ACCOUNT, A) == ()


@pytest.mark.parametrize(
    ("stated", "entry", "exits"),
    [
        (plan(), KEEP, KEEP),
        (plan(SELL), KEEP, KEEP),
        (plan(BUY), REPLACE, KEEP),
        (plan(BUY, R1="keep"), KEEP, KEEP),
        (plan(R1="cancel"), CANCEL, KEEP),
        (plan(R2="cancel"), KEEP, CANCEL),
        (plan(SELL, R3="replace"), KEEP, REPLACE),
    ],
    ids=["hold", "exit", "entry", "keep", "cancel", "cancel-exit", "replace-exit"],
)
def test_what_is_not_named_is_kept_unless_the_plan_opens_and_linked_orders_end_together(stated, entry, exits):
    assert not defects(stated)
    assert resolved(stated) == {"entry": entry, "target": exits, "stop": exits}


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (plan(R4="keep"), "there is no resting order 'R4'; the resting orders are R1, R2, R3"),
        (plan(r1="cancel"), "there is no resting order 'r1'"),
        (plan(R1="replace"), "R1 is to be replaced, and the plan has no order that takes its place"),
        (plan(BUY, R2="replace"), "the replaced R2 close 5 shares, and the new exits of the plan only 0"),
        (
            plan(SMALL, R2="replace", R3="replace"),
            "the replaced R2 and R3 close 5 shares, and the new exits of the plan only 4",
        ),
        (plan(R2="keep", R3="cancel"), "R2 and R3 end together: give both one action, not keep and cancel"),
    ],
    ids=["unknown", "spelling", "nothing-new", "no-exit", "small-exit", "linked"],
)
def test_defects_name_the_order_and_the_reason(stated, words):
    (found,) = defects(stated)
    assert found.startswith(words)


def test_two_actions_on_one_order_are_a_defect_and_a_repetition_is_not():
    def twice(first, second):
        both = tuple(RestingInstruction(order="R1", action=action) for action in (first, second))
        return defects(OrderPlan(orders=(), rationale="r", resting=both))

    assert twice("keep", "cancel") == ["R1 has two actions, keep and cancel; give one"]
    assert twice("cancel", "cancel") == []


@pytest.mark.parametrize("why", ["starting", "forced"])
def test_an_order_that_cannot_be_canceled_can_only_be_kept(why):
    fixed = (
        replace(ACCOUNT, starting_ids=(ENTRY.client_order_id,), superseded=(), open_orders=(ENTRY,))
        if why == "starting"
        else replace(ACCOUNT, resting_facts={ENTRY.client_order_id: RestingFacts(0, forced=True)})
    )
    assert not defects(plan(R1="keep"), fixed)
    assert defects(plan(R1="cancel"), fixed)[0].startswith("R1 can only be kept: ")
    assert resolved(plan(BUY), fixed)["entry"] is KEEP


def test_no_label_is_known_where_nothing_rests():
    assert defects(plan(R1="cancel"), Account("t", Decimal(1))) == ["there is no resting order 'R1'; no order rests"]


def test_limits_see_what_is_kept_as_open_and_nothing_that_ends():
    kept = account_after_actions(ACCOUNT, stated_actions(plan(BUY, R1="keep", R2="cancel"), ACCOUNT, A))
    assert (kept.open_orders, kept.superseded) == ((ENTRY, OTHER), ())
    ended = account_after_actions(ACCOUNT, stated_actions(plan(BUY), ACCOUNT, A))
    assert (ended.open_orders, ended.superseded) == ((TARGET, OTHER, STOP), (ENTRY,))
    assert account_after_actions(ACCOUNT, ()) is ACCOUNT


def test_exits_can_be_kept_while_entries_end():
    actions = stated_actions(plan(R1="cancel", R2="cancel"), ACCOUNT, A)
    after = {each.client_order_id: each.action for each in without_canceled_exits(actions, ACCOUNT, A)}
    assert after == {"entry": CANCEL, "target": KEEP, "stop": KEEP}


def test_an_entry_that_awaits_an_exit_ends_with_it_and_cannot_be_kept_alone():
    close, entry = plain_order("close", A, "sell", 10), plain_order("turn", A, "short", 5)
    account = Account("t", Decimal(1000), open_orders=(close,), superseded=(replace(entry, awaits="close"),))
    assert [each.awaits for each in resting_orders(account, A)] == [("R2",), ()]
    for action in (CANCEL, REPLACE):
        assert resolved(plan(SELL, R2=action), account) == {"turn": action, "close": action}
        found = defects(plan(SELL, SELL, R1=KEEP, R2=action), account)
        assert found == ["R1 waits for R2 and ends with it: it cannot be kept"]
    assert resolved(plan(R1=CANCEL), account) == {"turn": CANCEL, "close": KEEP}
    assert not defects(plan(R1=KEEP, R2=KEEP), account)
    sliced = replace(account, open_orders=tuple(plain_order(f"close-s{n}", A, "sell", 5) for n in (1, 2)))
    sliced = replace(sliced, open_orders=tuple(replace(each, slice_of="close") for each in sliced.open_orders))
    assert resting_orders(sliced, A)[0].awaits == ("R2", "R3")
