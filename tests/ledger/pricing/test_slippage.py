"""What verify can say of a price without the bar's volume: every price that is paid lies within, others do not."""

import hypothesis.strategies as st
from hypothesis import given
from openoutcry.ledger.pricing.integer_bar import IntegerBar
from openoutcry.ledger.pricing.slippage import Slippage, SlippageKind

levels = st.tuples(*[st.integers(1, 20_000)] * 3).map(sorted)
models = st.builds(Slippage, st.sampled_from(SlippageKind), bps=st.integers(0, 300), impact_bps=st.integers(0, 900))
signs = st.sampled_from((1, -1))


@given(models, levels, signs, st.none() | st.integers(0, 500), st.integers(1, 900), st.integers(1, 900))
def test_a_price_lies_between_the_extremes_at_any_volume_and_fixed_slippage_leaves_one(
    model: Slippage, bar: list[int], sign: int, room: int | None, quantity: int, volume: int
) -> None:
    low, reference, high = bar
    limit = None if room is None else reference + sign * room
    price = model.price(reference, sign, (quantity, 1), limit, IntegerBar(reference, high, low, reference, volume))
    best, worst = model.extremes(reference, sign, limit, low, high)
    assert sign * reference <= sign * best <= sign * price <= sign * worst
    assert low <= min(best, worst) <= max(best, worst) <= high
    assert limit is None or sign * worst <= sign * limit
    assert best == worst or model.kind is SlippageKind.IMPACT


def test_impact_costs_half_the_spread_at_least_and_no_more_than_the_bar() -> None:
    model = Slippage(SlippageKind.IMPACT, bps=10, impact_bps=300)
    assert model.extremes(10_000, 1, None, 9_900, 10_100) == (10_010, 10_100)
    assert model.extremes(10_000, -1, None, 9_900, 10_100) == (9_990, 9_900)
    assert model.extremes(10_000, 1, 10_050, 9_900, 10_100) == (10_010, 10_050)
