"""What holds for every plan, account and set of limits."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from openoutcry.domain.brief import Brief
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import Action, Order, OrderType
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.limits import apply_limits
from openoutcry.risk.projection import initial_projection
from openoutcry.risk.reference_prices import entry_levels

from .conftest import make_brief, make_holding, make_order


def numbers(low: object, high: object, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(str(low)), Decimal(str(high)), places=places)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    kind = draw(st.sampled_from(OrderType))
    level = numbers(70, 130)
    return make_order(
        draw(st.sampled_from(Action)),
        draw(st.integers(1, 2_000)),
        kind,
        limit=draw(level) if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else None,
        stop=draw(level) if kind in (OrderType.STOP, OrderType.STOP_LIMIT) else None,
        trail=draw(numbers(1, 30)) if kind is OrderType.TRAILING_STOP else None,
        stop_loss=draw(st.none() | level),
        name=f"o-{draw(st.integers(0, 10**6))}",
    )


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    other = make_holding(draw(st.integers(-400, 400)), 100, "OTHER")
    return make_brief(
        held=draw(st.integers(-400, 400)),
        cash=draw(st.integers(10_000, 200_000)),
        margin=draw(st.booleans()),
        sigma=draw(st.none() | numbers("0.002", "0.05", 3)),
        volume=draw(st.integers(0, 100_000)),
        whole=draw(st.booleans()),
        others=(other,),
    )


FRACTION = numbers(0, 1)
limits = st.builds(
    Limits,
    target_volatility=FRACTION,
    max_position=FRACTION,
    max_gross=numbers(0, 2),
    max_net=FRACTION,
    max_order_notional=numbers(0, 100_000),
    max_loss=numbers(0, "0.1", 3),
    price_collar=FRACTION,
    max_volume_share=FRACTION,
    min_price=numbers(0, 110),
    min_daily_notional=numbers(0, 2_000_000),
    restricted=st.sampled_from([frozenset(), frozenset({Symbol("CALDR")})]),
)
convictions = numbers(-1, 1)
plans = st.lists(orders(), max_size=4, unique_by=lambda order: order.client_order_id)


@given(plan=plans, brief=briefs(), limits=limits, conviction=convictions, scale=numbers(-1, 2))
def test_nothing_is_enlarged_and_every_order_ends_once(
    plan: list[Order], brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal
) -> None:
    outcome = apply_limits(plan, conviction, scale, brief, limits)
    asked = {order.client_order_id: order for order in plan}
    assert outcome.asked == tuple(plan)
    ends = [order.client_order_id for order in outcome.allowed] + [d.order.client_order_id for d in outcome.denied]
    assert sorted(ends) == sorted(asked)
    for order in outcome.allowed:
        assert 0 < order.quantity <= asked[order.client_order_id].quantity
        assert replace(order, quantity=asked[order.client_order_id].quantity) == asked[order.client_order_id]


@given(plan=plans, brief=briefs(), limits=limits, conviction=convictions, scale=FRACTION)
def test_the_record_accounts_for_every_share(
    plan: list[Order], brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal
) -> None:
    outcome = apply_limits(plan, conviction, scale, brief, limits)
    left = {order.client_order_id: order.quantity for order in outcome.allowed}
    for order in plan:
        clamps = [clamp for clamp in outcome.clamps if clamp.client_order_id == order.client_order_id]
        assert all(clamp.allowed < clamp.asked and clamp.reason for clamp in clamps)
        assert all(before.allowed == after.asked for before, after in pairwise(clamps))
        away = sum((clamp.asked - clamp.allowed for clamp in clamps), Decimal(0))
        assert order.quantity == left.get(order.client_order_id, Decimal(0)) + away


@given(plan=plans, brief=briefs(), limits=limits, conviction=convictions)
def test_exposure_limits_hold_once_everything_is_filled(
    plan: list[Order], brief: Brief, limits: Limits, conviction: Decimal
) -> None:
    """Nothing may break a limit that held; filled at each order's own price, and marked there or at the close."""
    start = initial_projection(brief, limits, conviction, Decimal(1))
    equity, close = start.equity, brief.quote.last_close
    held, other = brief.account.quantity(brief.symbol), start.other_net
    allowed = apply_limits(plan, conviction, Decimal(1), brief, limits).allowed
    openings = [order for order in allowed if order.action.opens]
    certain = [order for order in allowed if not order.action.opens and order.type is OrderType.MARKET]
    kept = held + sum(order.action.sign * order.quantity for order in certain)
    for at_own_price in (False, True):
        added = sum(
            order.action.sign * order.quantity * (entry_levels(order, close)[0] if at_own_price else close)
            for order in openings
        )
        value = kept * close + added
        if openings and abs(held * close) <= limits.max_position * equity:
            assert abs(value) <= limits.max_position * equity
        if openings and start.gross <= limits.max_gross * equity:
            assert start.other_gross + abs(value) <= limits.max_gross * equity
        if openings and abs(start.net) <= limits.max_net * equity:
            assert abs(other + value) <= limits.max_net * equity


@given(plan=plans, brief=briefs(), limits=limits, conviction=convictions)
def test_openings_follow_the_conviction_and_exits_stay_within_the_position(
    plan: list[Order], brief: Brief, limits: Limits, conviction: Decimal
) -> None:
    allowed = apply_limits(plan, conviction, Decimal(1), brief, limits).allowed
    held = brief.account.quantity(brief.symbol)
    assert all(order.action.sign * conviction > 0 for order in allowed if order.action.opens)
    exits = [order for order in allowed if not order.action.opens]
    assert sum(order.quantity for order in exits) <= abs(held)
    assert all(order.action.sign * held < 0 for order in exits)


@given(
    brief=briefs(), limits=limits, conviction=convictions, share=st.integers(1, 100), kind=st.sampled_from(OrderType)
)
def test_an_exit_within_the_position_always_passes_whole(
    brief: Brief, limits: Limits, conviction: Decimal, share: int, kind: OrderType
) -> None:
    held = brief.account.quantity(brief.symbol)
    quantity = abs(held) * share // 100
    assume(quantity)
    exit_ = make_order("sell" if held > 0 else "cover", quantity, kind, limit=1, stop=1, trail=1)
    assert apply_limits([exit_], conviction, Decimal(1), brief, limits).allowed == (exit_,)


@given(plan=plans, brief=briefs(), limits=limits, conviction=convictions)
def test_a_scale_of_zero_denies_everything(
    plan: list[Order], brief: Brief, limits: Limits, conviction: Decimal
) -> None:
    outcome = apply_limits(plan, conviction, Decimal(0), brief, limits)
    assert outcome.allowed == ()
    assert len(outcome.denied) == len(plan)


@given(plan=plans, brief=briefs(), limits=limits, conviction=convictions, scale=FRACTION)
def test_the_same_question_has_the_same_answer(
    plan: list[Order], brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal
) -> None:
    assert apply_limits(plan, conviction, scale, brief, limits) == apply_limits(plan, conviction, scale, brief, limits)


TIGHTER_WHEN_LARGER = {"min_price", "min_daily_notional"}
NUMBERS = sorted(set(Limits.__dataclass_fields__) - {"restricted"})


@given(
    order=orders(),
    brief=briefs(),
    limits=limits,
    conviction=convictions,
    scale=FRACTION,
    name=st.sampled_from(NUMBERS),
    factor=FRACTION,
)
def test_a_tighter_limit_or_scale_never_enlarges_an_order(
    order: Order, brief: Brief, limits: Limits, conviction: Decimal, scale: Decimal, name: str, factor: Decimal
) -> None:
    now = getattr(limits, name)
    tight = now * (2 - factor) if name in TIGHTER_WHEN_LARGER else now * factor
    before = _left(apply_limits([order], conviction, scale, brief, limits).allowed)
    after = _left(apply_limits([order], conviction, scale, brief, replace(limits, **{name: tight})).allowed)
    scaled = _left(apply_limits([order], conviction, scale * factor, brief, limits).allowed)
    listed = replace(limits, restricted=frozenset({brief.symbol}))
    banned = _left(apply_limits([order], conviction, scale, brief, listed).allowed)
    assert max(after, scaled, banned) <= before


def _left(allowed: tuple[Order, ...]) -> Decimal:
    return sum((order.quantity for order in allowed), Decimal(0))
