"""Limits of one symbol: an entry that is kept counts together with the new ones, one that ends does not count."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.orders import RestingAction, RestingOrderAction
from openoutcry.domain.resting_orders import account_after_actions
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.limits import apply_limits
from openoutcry.tests.risk.conftest import make_brief, make_order

SIZES = st.integers(1, 1500)
ENTRIES = st.lists(st.tuples(SIZES, st.sampled_from(RestingAction)), max_size=3)


def situation(held, entries):
    """Return a brief for an account with `held` shares and resting entries, before and after the actions on them."""
    resting = tuple(make_order("buy", size, "limit", limit=99, name=f"e{n}") for n, (size, _) in enumerate(entries))
    brief = make_brief(held=held, cash=100_000)
    before = replace(brief, account=replace(brief.account, superseded=resting))
    actions = [RestingOrderAction(o.client_order_id, a) for o, (_, a) in zip(resting, entries, strict=True)]
    return before, replace(before, account=account_after_actions(before.account, actions)), resting


@given(held=st.integers(0, 300), entries=ENTRIES, asked=st.lists(SIZES, min_size=1, max_size=2))
def test_held_kept_and_allowed_shares_together_stay_within_the_limits(held, entries, asked):
    _, after, resting = situation(held, entries)
    limits = Limits(max_position=Decimal("0.3"))
    orders = [make_order("buy", size, name=f"n{n}") for n, size in enumerate(asked)]
    allowed = apply_limits(orders, Decimal(1), Decimal(1), after, limits).allowed
    kept = sum(o.quantity for o, (_, action) in zip(resting, entries, strict=True) if action is RestingAction.KEEP)
    equity = 100_000 + held * 100
    worth = (held + kept + sum(order.quantity for order in allowed)) * 100
    if allowed:
        assert worth <= Decimal("0.3") * equity + kept  # a kept entry counts at its limit of 99


@given(held=st.integers(0, 300), entries=ENTRIES, asked=SIZES)
def test_what_ends_counts_as_if_it_had_never_rested(held, entries, asked):
    _, after, _ = situation(held, entries)
    _, without, _ = situation(held, [(size, action) for size, action in entries if action is RestingAction.KEEP])
    order = make_order("buy", asked)
    one, other = (
        apply_limits([order], Decimal(1), Decimal(1), brief, Limits(max_position=Decimal("0.3")))
        for brief in (after, without)
    )
    assert one == other


def test_a_canceled_stop_protects_nothing_in_the_limit_on_losses():
    stop = make_order("sell", 100, "stop", stop=99, name="stop")
    brief = make_brief(held=100, open_orders=(stop,))
    gone = RestingOrderAction(stop.client_order_id, RestingAction.CANCEL)
    bare = replace(brief, account=account_after_actions(brief.account, [gone]))
    order, limits = make_order("buy", 100, stop_loss=99), Limits(max_loss=Decimal("0.01"), max_position=Decimal(1))
    allowed = [
        sum(each.quantity for each in apply_limits([order], Decimal(1), Decimal(1), found, limits).allowed)
        for found in (brief, bare)
    ]
    assert allowed[0] > 0 == allowed[1]
