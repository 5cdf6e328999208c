"""Schedules: they sum exactly, and are those of their formulas."""

import math
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import ConfigError, NoData
from openoutcry.risk.execution.schedules import almgren_chriss, mean_volume_curve, twap, vwap
from openoutcry.risk.execution.slices import SessionBars, split_order
from openoutcry.risk.proposals.order_specs import (
    AlmgrenChrissExecution,
    NextOpenExecution,
    TwapExecution,
    VwapExecution,
)

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


SIX = SessionBars(6, tuple(map(Decimal, (5, 2, 1, 1, 2, 5))), Decimal("0.9"))


@pytest.mark.parametrize(
    "execution",
    [TwapExecution(), VwapExecution(), AlmgrenChrissExecution(risk_aversion=Decimal("0.002"), impact=Decimal("0.01"))],
    ids=["twap", "vwap", "almgren_chriss"],
)
@pytest.mark.parametrize("quantity", ["103", "3", "0.5"])
def test_an_order_is_split_without_loss(execution, quantity):
    order = make_order("buy", quantity, name="o-7")
    slices = split_order(order, execution, SIX)
    assert sum(each.order.quantity for each in slices) == order.quantity
    assert all(each.order.quantity > 0 and each.order.client_order_id == f"o-7-s{each.bar}" for each in slices)
    if quantity != "0.5":
        assert all(each.order.quantity == int(each.order.quantity) for each in slices)


def test_what_is_not_split_stays_as_it_is():
    order, resting = make_order("buy", 10), make_order("buy", 10, "limit", limit=99)
    assert [each.order for each in split_order(order, NextOpenExecution(), SIX)] == [order]
    assert [each.order for each in split_order(order, TwapExecution(), SessionBars())] == [order]
    assert [each.order for each in split_order(resting, TwapExecution(), SIX)] == [resting]


def test_a_split_needs_its_inputs_and_an_order_without_legs():
    order = make_order("buy", 10)
    with pytest.raises(NoData, match="curve has 0 bars, and the session has 6"):
        split_order(order, VwapExecution(), SessionBars(6))
    with pytest.raises(NoData, match="volatility of a bar"):
        split_order(order, AlmgrenChrissExecution(risk_aversion=Decimal(1), impact=Decimal(1)), SessionBars(6))
    with pytest.raises(ConfigError, match="has protective legs"):
        split_order(make_order("buy", 10, stop_loss=90, order_class="oto"), TwapExecution(), SIX)
