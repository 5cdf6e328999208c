"""Volatility targeting, by hand and by property."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.account import Holding
from openoutcry.domain.brief import Brief
from openoutcry.risk.limit_settings import Limits
from openoutcry.risk.sizing import Sizing, target_quantity

Briefs = Callable[..., Brief]
Holdings = Callable[..., Holding]
Words = dict[str, object]

LOOSE = Limits(max_position=Decimal(10))


def size(brief: Brief, conviction: str = "1", limits: Limits = LOOSE) -> Sizing:
    return target_quantity(Decimal(conviction), brief.quote, brief.account, limits)


def test_a_hand_worked_size(brief: Briefs) -> None:
    # 0.6 * 0.10 / (0.02 * sqrt(252) = 0.317490) = 0.188982; * 100,000 / 50 = 377.96 shares
    sizing = size(brief(close=50, sigma="0.02"), "0.6")
    assert sizing.quantity == 377
    assert sizing.weight == pytest.approx(Decimal("0.188982"), abs=Decimal("1e-6"))


def test_a_short_mirrors_a_long_and_is_truncated_toward_zero(brief: Briefs) -> None:
    assert size(brief(close=50, sigma="0.02"), "-0.6").quantity == -377


def test_fractions_are_kept_where_they_are_traded(brief: Briefs) -> None:
    assert size(brief(close=50, sigma="0.02", whole=False), "0.6").quantity == Decimal("377.964473")


def test_the_largest_position_caps_the_weight(brief: Briefs) -> None:
    sizing = size(brief(sigma="0.01"), "1", Limits(max_position=Decimal("0.2")))
    assert sizing.weight == Decimal("0.2")
    assert sizing.quantity == 200
    assert "largest position" in sizing.reason


def test_equity_counts_positions_at_the_last_close(brief: Briefs, holding: Holdings) -> None:
    # the book's mark of CALDR is stale at 100; at a close of 50 the account is worth 50,000 + 500 * 50 + 20 * 100
    stale = brief(held=500, cash=50_000, others=(holding(20, 100, "OTHER"),))
    fresh = brief(held=500, cash=50_000, close=50)
    sizing = target_quantity(Decimal(1), fresh.quote, stale.account, Limits(max_position=Decimal("0.1")))
    assert sizing.quantity == 154


@pytest.mark.parametrize(
    ("account", "conviction", "words"),
    [
        ({"sigma": None}, "1", "unknown"),
        ({"sigma": 0}, "1", "not moved"),
        ({}, "0", "conviction of zero"),
        ({"cash": 0}, "1", "nothing to size"),
        ({"cash": -5}, "1", "nothing to size"),
        ({"margin": False}, "-0.5", "cash account cannot be short"),
    ],
    ids=str,
)
def test_where_nothing_can_be_sized_the_answer_is_zero_and_says_why(
    brief: Briefs, account: Words, conviction: str, words: str
) -> None:
    sizing = size(brief(**account), conviction)
    assert not sizing.quantity
    assert not sizing.weight
    assert words in sizing.reason


@given(
    conviction=st.decimals(-1, 1, places=3),
    sigma=st.decimals("0.0001", "0.5", places=4),
    close=st.decimals("0.01", 5000, places=2),
    cash=st.decimals(1, 10**8, places=2),
)
def test_the_position_never_exceeds_its_cap_and_never_turns_against_the_conviction(
    brief: Briefs, conviction: Decimal, sigma: Decimal, close: Decimal, cash: Decimal
) -> None:
    flat = brief(sigma=sigma, close=close, cash=cash)
    sizing = target_quantity(conviction, flat.quote, flat.account, Limits())
    assert abs(sizing.quantity) * close <= Decimal("0.2") * cash
    assert sizing.quantity * conviction >= 0
