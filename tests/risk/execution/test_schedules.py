"""Schedules: they sum exactly, and are those of their formulas."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from math import sinh

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import ConfigError, NoData
from openoutcry.domain.execution import ExecutionPlan
from openoutcry.domain.orders import TimeInForce
from openoutcry.risk.execution.schedules import almgren_chriss, mean_volume_curve, twap, vwap
from openoutcry.risk.execution.slices import split_order

from tests.risk.conftest import make_order

quantities, bars = st.integers(0, 10**9), st.integers(1, 40)
volumes = st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=40).filter(any)


@given(quantity=quantities, count=bars)
def test_equal_slices_differ_by_one_unit_at_most(quantity, count):
    made = twap(quantity, count)
    assert (len(made), sum(made)) == (count, quantity)
    assert max(made) - min(made) <= 1


@given(quantity=quantities, curve=volumes)
def test_slices_follow_the_volume(quantity, curve):
    made = vwap(quantity, curve)
    assert sum(made) == quantity
    assert all(abs(part - quantity * volume / sum(curve)) <= 1 for part, volume in zip(made, curve, strict=True))


@given(quantity=quantities, count=bars, aversion=st.floats(0, 1e3), volatility=st.floats(0, 10))
def test_an_almgren_chriss_schedule_sums_and_never_buys_back(quantity, count, aversion, volatility):
    made = almgren_chriss(quantity, count, risk_aversion=aversion, volatility=volatility, impact=0.01)
    assert sum(made) == quantity
    assert min(made) >= 0
    assert all(later <= earlier + 1 for earlier, later in pairwise(made))


@given(quantity=quantities, count=bars, aversion=st.sampled_from([0.0, 1e-18, 1e-15]))
def test_without_risk_aversion_the_slices_are_equal(quantity, count, aversion):
    assert almgren_chriss(quantity, count, risk_aversion=aversion, volatility=0.3, impact=0.01) == twap(quantity, count)


def test_the_almgren_chriss_trajectory():
    made = almgren_chriss(10_000, 6, risk_aversion=0.002, volatility=0.9, impact=0.01)
    kappa = math.sqrt(0.002 * 0.9**2 / 0.01)
    left = [10_000 * math.sinh(kappa * (6 - j)) / math.sinh(kappa * 6) for j in range(7)]
    assert [10_000 - sum(made[:j]) for j in range(7)] == pytest.approx(left, abs=0.5)
    assert made[0] > 2 * made[-1]


def test_a_great_urgency_trades_at_once():
    assert almgren_chriss(100, 5, risk_aversion=1e6, volatility=10, impact=0.01) == (100, 0, 0, 0, 0)


def test_literal_tables():
    assert twap(10, 4) == (3, 2, 3, 2)
    assert twap(2, 5) == (0, 1, 0, 1, 0)
    assert vwap(100, [Decimal(5), Decimal(2), Decimal(1), Decimal(2)]) == (50, 20, 10, 20)
    assert vwap(7, [Decimal(0), Decimal(1)]) == (0, 7)


def test_the_mean_curve_weighs_sessions_alike():
    table = [[Decimal(100), Decimal(300)], [Decimal(3), Decimal(1)], [Decimal(0), Decimal(0)]]
    assert mean_volume_curve(table) == (Decimal("0.5"), Decimal("0.5"))
    for bad in ([], [[Decimal(0)]], [[Decimal(1)], [Decimal(1), Decimal(2)]]):
        with pytest.raises(NoData, match="volume curve needs sessions"):
            mean_volume_curve(bad)


def test_what_cannot_be_split_is_refused():
    for quantity, count in ((-1, 3), (5, 0)):
        with pytest.raises(ConfigError, match="cannot be split"):
            twap(quantity, count)
    with pytest.raises(NoData, match="volume curve"):
        vwap(5, [Decimal(0)])
    with pytest.raises(NoData, match="volume curve"):
        vwap(5, [Decimal("NaN"), Decimal(1)])
    with pytest.raises(ConfigError, match="Almgren-Chriss needs"):
        almgren_chriss(5, 3, risk_aversion=0.1, volatility=0.1, impact=0)


STARTS = tuple(datetime(2025, 3, 5, hour, 30, tzinfo=UTC) for hour in range(14, 20))
CURVE = tuple(map(Decimal, (5, 2, 1, 1, 2, 5)))
PLANS = {
    "twap": ExecutionPlan("twap", "", STARTS),
    "vwap": ExecutionPlan("vwap", "", STARTS, volume_curve=CURVE),
    "almgren_chriss": ExecutionPlan(
        "almgren_chriss",
        "",
        STARTS,
        volatility=Decimal("0.9"),
        impact=Decimal("0.01"),
        risk_aversion=Decimal("0.002"),
    ),
}


@pytest.mark.parametrize("kind", PLANS)
@pytest.mark.parametrize("quantity", ["103", "3", "0.5"])
def test_an_order_is_split_without_loss(kind, quantity):
    order = make_order("buy", quantity, name="o-7")
    slices = split_order(order, PLANS[kind])
    assert sum(each.quantity for each in slices) == order.quantity
    assert all(each.quantity > 0 and each.slice_of == "o-7" for each in slices)
    assert [each.good_after for each in slices] == sorted({each.good_after for each in slices})
    assert [each.client_order_id for each in slices] == [f"o-7-s{STARTS.index(each.good_after) + 1}" for each in slices]
    if quantity != "0.5":
        assert all(each.quantity == int(each.quantity) for each in slices)


@given(
    quantity=st.integers(1, 10**7),
    kind=st.sampled_from(sorted(PLANS)),
    volumes=st.lists(st.integers(0, 10**9), min_size=6, max_size=6).filter(any),
    urgency=st.decimals("0", "10", places=4),
)
def test_slices_reach_the_order_within_one_share_of_the_exact_schedule(quantity, kind, volumes, urgency):
    """No slice is negative, and after each bar the shares sent are the exact share of the order, rounded."""
    plan = replace(
        PLANS[kind], volume_curve=tuple(map(Decimal, volumes)), volatility=Decimal(1), impact=Decimal(1),
        risk_aversion=urgency**2,
    )  # fmt: skip
    sent = {each.good_after: each.quantity for each in split_order(make_order("sell", quantity), plan)}
    k, total = float(urgency), sum(volumes)
    reached = Decimal(0)
    for bar, start in enumerate(STARTS, 1):
        part = sent.get(start, Decimal(0))
        assert part >= 0
        reached += part
        if kind == "vwap":
            exact = Decimal(quantity) * sum(volumes[:bar]) / total
        elif kind == "twap" or k == 0:
            exact = Decimal(quantity) * bar / 6
        else:
            exact = Decimal(quantity * (1 - sinh(k * (6 - bar)) / sinh(k * 6)))
        tolerance = Decimal(1) if kind != "almgren_chriss" else 1 + Decimal(quantity) / 10**5
        assert abs(reached - exact) <= tolerance
    assert reached == quantity


def test_a_slice_carries_the_protective_orders_for_its_own_quantity():
    order = make_order("buy", 13, stop_loss=90, target=120, order_class="bracket")
    slices = split_order(order, PLANS["twap"])
    assert [each.quantity for each in slices] == [2, 2, 3, 2, 2, 2]
    assert {(each.order_class, each.stop_loss, each.take_profit) for each in slices} == {
        (order.order_class, order.stop_loss, order.take_profit)
    }


def test_what_is_not_split_stays_as_it_is():
    order, resting = make_order("buy", 10), make_order("buy", 10, "limit", limit=99)
    opening = replace(order, time_in_force=TimeInForce.OPG)
    assert split_order(order, None) == (order,)
    assert split_order(order, ExecutionPlan("twap", "")) == (order,)
    assert split_order(resting, PLANS["twap"]) == (resting,)
    assert split_order(opening, PLANS["twap"]) == (opening,)


def test_a_split_needs_its_inputs():
    order = make_order("buy", 10)
    with pytest.raises(NoData, match="curve has 0 bars, and the session has 6"):
        split_order(order, ExecutionPlan("vwap", "", STARTS))
    with pytest.raises(NoData, match="volatility of a bar"):
        split_order(order, replace(PLANS["almgren_chriss"], volatility=None))
