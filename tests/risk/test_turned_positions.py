"""Orders that turn a position: the entry is limited as if the position were closed, and both never count together."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from decisions import decision
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import OrderType
from openoutcry.domain.outputs import OrderPlan, Rating, Thesis
from openoutcry.risk.execution.slices import is_splittable
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.limits import apply_limits
from openoutcry.risk.order_checks import check_order
from openoutcry.risk.order_conversion import to_orders
from openoutcry.risk.planned_turns import brief_for
from openoutcry.risk.portfolio import allocate
from openoutcry.risk.portfolio_limits import PortfolioLimits, Scaling
from openoutcry.risk.portfolio_room import PortfolioFacts
from openoutcry.risk.target_orders import orders_to_target
from openoutcry.tests.risk.conftest import CALDR, make_brief, make_planned

AS_OF = datetime(2025, 3, 3, 21, tzinfo=UTC)
PRICE, EQUITY = Decimal(10), Decimal(100_000)


def turn(symbol, held, target):
    return orders_to_target(
        Symbol(symbol), Decimal(held), Decimal(target), lambda leg: ClientOrderId(f"{symbol}-{leg}")
    )


def test_the_limits_of_orders_see_the_position_closed():
    brief = make_brief(held=150, cash=85_000)
    found = apply_limits(turn(CALDR, 150, -90), Decimal(-1), Decimal(1), brief, Limits())
    assert [(each.action, each.quantity) for each in found.allowed] == [("sell", 150), ("short", 90)]
    limited = replace(found.allowed[0], type=OrderType.LIMIT, limit_price=Decimal(101))
    again = apply_limits((limited, found.allowed[1]), Decimal(-1), Decimal(1), brief, Limits())
    assert [each.quantity for each in again.allowed] == [150, 90]


def test_the_committee_shrinks_the_entry_and_not_the_exit_and_a_veto_stops_both():
    brief, orders = make_brief(held=150, cash=85_000), turn(CALDR, 150, -90)
    half = apply_limits(orders, Decimal(-1), Decimal("0.5"), brief, Limits())
    assert [each.quantity for each in half.allowed] == [150, 45]
    assert not apply_limits(orders, Decimal(-1), Decimal(0), brief, Limits()).allowed


def test_an_entry_whose_exit_does_not_close_the_position_is_denied():
    brief, (close, entry) = make_brief(held=150, cash=85_000), turn(CALDR, 150, -90)
    for part in ((replace(close, quantity=Decimal(149)), entry), (entry,)):
        found = apply_limits(part, Decimal(-1), Decimal(1), brief, Limits())
        assert [each.order.action for each in found.denied] == ["short"]
        assert found.clamps[-1].limit == "opposite_position"


@pytest.mark.parametrize("kind", [OrderType.MARKET, OrderType.LIMIT])
def test_an_entry_is_denied_beside_a_resting_entry_of_the_side_that_its_exit_closes(kind):
    close, entry = turn(CALDR, 150, -90)
    close = replace(close, type=kind, limit_price=Decimal(101) if kind is OrderType.LIMIT else None)
    (more,) = orders_to_target(Symbol(CALDR), Decimal(0), Decimal(10), lambda _: ClientOrderId("more"))
    brief = make_brief(held=150, cash=85_000)
    brief = replace(brief, account=replace(brief.account, open_orders=(more,)))
    found = apply_limits((close, entry), Decimal(-1), Decimal(1), brief, Limits())
    assert [each.action for each in found.allowed] == ["sell"]
    assert found.clamps[-1].limit == "opposite_position"


def test_the_quantity_ahead_counts_an_entry_only_with_the_exit_that_it_awaits():
    close, entry = turn(CALDR, 150, -90)
    account = replace(
        make_brief(held=150, cash=85_000).account,
        starting_ids=(close.client_order_id, entry.client_order_id),
        open_orders=(close, entry),
    )
    assert account.quantity_ahead(CALDR) == -90
    part = replace(close, client_order_id=ClientOrderId("part"), slice_of=close.client_order_id)
    sliced = replace(account, open_orders=(part, entry), starting_ids=("part", entry.client_order_id))
    assert sliced.quantity_ahead(CALDR) == -90
    limited = replace(close, type=OrderType.LIMIT, limit_price=Decimal(120))
    assert replace(account, open_orders=(limited, entry)).quantity_ahead(CALDR) == 150


def test_a_plan_that_closes_and_opens_the_other_side_is_linked():
    brief = make_brief(held=150, cash=85_000)
    plan = OrderPlan(orders=(make_planned("sell", quantity=150), make_planned("short", quantity=90)), rationale="r")
    assert not check_order(plan.orders[1], brief_for(plan.orders, 1, brief))
    assert [each.awaits for each in to_orders(plan, brief, lambda leg: ClientOrderId(f"o-{leg}"))] == [None, "o-0"]
    part = OrderPlan(orders=(make_planned("sell", quantity=149), make_planned("short", quantity=90)), rationale="r")
    assert check_order(part.orders[1], brief_for(part.orders, 1, brief)) == (
        "the account is long 150 shares: sell first",
    )
    assert [each.awaits for each in to_orders(part, brief, lambda leg: ClientOrderId(f"o-{leg}"))] == [None, None]


def test_an_entry_that_waits_is_not_sliced():
    close, entry = turn(CALDR, 150, -90)
    assert (is_splittable(close), is_splittable(entry)) == (True, False)


SIZES = st.integers(-3_000, 3_000)


def after_every_stage(held, allowed):
    """Return (low, high, largest size) of each symbol's value while its orders fill in any order of the symbols."""
    for symbol, start in held.items():
        stages, position = [Decimal(start)], Decimal(start)
        for order in allowed.get(symbol, ()):
            assert order.awaits is None or position == 0
            position += order.action.sign * order.quantity
            stages.append(position)
        values = [each * PRICE for each in stages]
        yield min(values), max(values), max(map(abs, values))


@settings(max_examples=80, deadline=None)
@given(
    held=st.tuples(SIZES, SIZES, SIZES),
    targets=st.tuples(SIZES, SIZES, SIZES),
    scaling=st.sampled_from(Scaling),
    gross=st.decimals("0.05", "0.9", places=2),
    net=st.decimals("0.05", "0.9", places=2),
    name=st.decimals("0.05", "0.4", places=2),
)
def test_no_limit_of_the_account_is_exceeded_at_any_moment(held, targets, scaling, gross, net, name):
    """Positions are turned or enlarged; reductions are left out, since an exit is never cut by the net exposure."""
    start = dict(zip("ABC", held, strict=True))
    wanted = {
        s: start[s] if 0 <= target * start[s] < start[s] ** 2 else target
        for s, target in zip("ABC", targets, strict=True)
    }
    holdings = {Symbol(s): Holding(Symbol(s), Decimal(q), PRICE, PRICE) for s, q in start.items() if q}
    account = Account("a", EQUITY - sum(start.values()) * PRICE, margin=True, holdings=holdings)
    thesis = Thesis.model_construct(rating=Rating.BUY, conviction=0.5)
    decisions = [
        replace(decision(f"run-{s}", s, AS_OF, *turn(s, start[s], target)), thesis=thesis)
        for s, target in wanted.items()
    ]
    limits = PortfolioLimits(gross, net, name, None, None, max_turnover=None, scaling=scaling)
    facts = PortfolioFacts({Symbol(s): PRICE for s in "ABC"})
    allowed = {each.ticker: each.risk.allowed for each in allocate(decisions, account, facts, limits)}
    stages = list(after_every_stage(start, allowed))
    before = [q * PRICE for q in start.values()]
    assert sum(size for *_, size in stages) <= max(gross * EQUITY, sum(map(abs, before)))
    assert sum(high for _, high, _ in stages) <= max(net * EQUITY, sum(before), sum(max(0, each) for each in before))
    assert -sum(low for low, *_ in stages) <= max(net * EQUITY, -sum(before), -sum(min(0, each) for each in before))
    for (_, _, size), value in zip(stages, before, strict=True):
        assert size <= max(name * EQUITY, abs(value))


@pytest.mark.parametrize("scaling", list(Scaling))
def test_a_turned_position_takes_room_only_beyond_its_size(scaling):
    holdings = {Symbol("A"): Holding(Symbol("A"), Decimal(2_000), PRICE, PRICE)}
    account = Account("a", EQUITY - 20_000, margin=True, holdings=holdings)
    made = replace(
        decision("run-A", "A", AS_OF, *turn("A", 2_000, -3_000)),
        thesis=Thesis.model_construct(rating=Rating.SELL, conviction=-0.5),
    )
    limits = PortfolioLimits(max_name=Decimal("0.20"), scaling=scaling, max_turnover=None)
    (found,) = allocate([made], account, PortfolioFacts({Symbol("A"): PRICE}), limits)
    assert [each.quantity for each in found.risk.allowed] == [2_000, 2_000]


@pytest.mark.parametrize("scaling", list(Scaling))
def test_a_turned_position_leaves_the_room_of_other_entries(scaling):
    holdings = {Symbol("A"): Holding(Symbol("A"), Decimal(2_000), PRICE, PRICE)}
    account = Account("a", EQUITY - 20_000, margin=True, holdings=holdings)
    thesis = Thesis.model_construct(rating=Rating.SELL, conviction=-0.5)
    made = [
        replace(decision(f"run-{symbol}", symbol, AS_OF, *turn(symbol, *change)), thesis=thesis)
        for symbol, change in (("A", (2_000, -1_500)), ("B", (0, 500)))
    ]
    limits = PortfolioLimits(max_gross=Decimal("0.25"), scaling=scaling, max_turnover=None)
    found = allocate(made, account, PortfolioFacts({Symbol("A"): PRICE, Symbol("B"): PRICE}), limits)
    assert [[order.quantity for order in each.risk.allowed] for each in found] == [[2_000, 1_500], [500]]
