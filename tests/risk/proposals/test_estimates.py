"""Mean-variance, Black-Litterman and hierarchical weights against independent computations."""

import sys
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from openoutcry.domain.errors import ConfigError, InvalidOutput, NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.proposal import Direction, DirectionProposal
from openoutcry.risk.proposals.black_litterman import posterior_returns, prior_returns
from openoutcry.risk.proposals.compile import compile_proposals
from openoutcry.risk.proposals.facts import EstimateFacts
from openoutcry.risk.proposals.hrp import hrp_weights
from openoutcry.risk.proposals.quadratic import WeightBounds, best_weights

from tests.risk.proposals.builders import AAA, BBB, dec, facts, rules

CCC = Symbol("CCC")
CLOSES = {
    AAA: (100, 101, 100, 102, 103, 102, 104),
    BBB: (50, 49, 50, 49, 48, 49, 48),
    CCC: (20, 20.5, 20.1, 20.9, 20.4, 21, 20.6),
}
PRICES = {AAA: "104", BBB: "48", CCC: "20.6"}


def known(**more: object) -> EstimateFacts:
    closes = {symbol: tuple(dec(each) for each in values) for symbol, values in CLOSES.items()}
    return EstimateFacts(closes=closes, **more)


def views(**sides: str) -> list[DirectionProposal]:
    ways = {Symbol(name): Direction(side) for name, side in sides.items()}
    return [DirectionProposal(symbol, way, Decimal(way.sign)) for symbol, way in ways.items()]


def weights(proposals, sizing, **more: object) -> np.ndarray:
    given = facts(prices=PRICES, cash=10_000_000, estimates=more.pop("estimates", known()), **more)
    compiled = compile_proposals(proposals, rules(sizing), given)
    reached = {each.symbol: each.quantity * dec(PRICES[each.symbol]) / given.equity for each in compiled.targets}
    return np.array([float(reached.get(proposal.symbol, Decimal(0))) for proposal in proposals])


def moments(share: float) -> tuple[np.ndarray, np.ndarray]:
    prices = np.array([CLOSES[AAA], CLOSES[BBB], CLOSES[CCC]], dtype=float)
    returns = np.diff(prices) / prices[:, :-1]
    mean, sample = returns.mean(axis=1), np.cov(returns)
    return (1 - share) * mean + share * mean.mean(), (1 - share) * sample + share * np.trace(sample) / 3 * np.eye(3)


def best_on_grid(mean, covariance, gamma, low, high, total=None, steps=60):
    """Return the best weights on a grid of the box, by trying all."""
    axes = [np.linspace(a, b, steps + 1) for a, b in zip(low, high, strict=True)]
    points = np.array([w for w in product(*axes) if total is None or abs(sum(w) - total) < 1e-9])
    values = points @ mean - gamma * np.einsum("ij,jk,ik->i", points, covariance, points)
    return points[values.argmax()]


def test_investorbench_with_bounds_by_action():
    found = weights(views(AAA="long", BBB="short", CCC="flat"), {"kind": "mean_variance", "risk_aversion": 8})
    mean, covariance = moments(0.1)
    expected = best_on_grid(mean, covariance, 8, (0, -1, 0), (1, 0, 1e-12))
    assert found == pytest.approx(expected, abs=1 / 60)
    assert found[1] < 0 < found[0]


def test_sentiment_mean_variance_with_a_cap_and_full_investment():
    sizing = {
        "kind": "mean_variance",
        "risk_aversion": 2,
        "cap": "0.4",
        "fully_invested": True,
        "views": True,
        "shrinkage": 0,
    }
    expected_returns = {AAA: dec("-0.004"), BBB: dec("0.01"), CCC: dec("0.001")}
    found = weights(
        views(AAA="long", BBB="long", CCC="long"), sizing, estimates=known(expected_returns=expected_returns)
    )
    mean, covariance = moments(0)
    mean = mean + np.array([-0.004, 0.01, 0.001])
    assert found == pytest.approx(best_on_grid(mean, covariance, 2, (0, 0, 0), (0.4, 0.4, 0.4), 1), abs=1 / 60)
    assert found.sum() == pytest.approx(1, abs=1e-4)


def test_turnover_is_limited():
    sizing = {"kind": "mean_variance", "fully_invested": True, "turnover": "0.2"}
    start = {AAA: 24_000, BBB: 100_000, CCC: 50_000}
    given = facts(prices=PRICES, held=start, cash=0, estimates=known())
    compiled = compile_proposals(views(AAA="long", BBB="long", CCC="long"), rules(sizing), given)
    moved = sum(
        abs(each.quantity - start[each.symbol]) * dec(PRICES[each.symbol]) / given.equity for each in compiled.targets
    )
    assert dec("0.19") < moved <= dec("0.2")


def test_seven_prices_two_symbols_and_a_possible_sum_are_needed():
    pair = views(AAA="long", BBB="long")
    with pytest.raises(NoData, match="AAA has 7 closes, and this sizing needs 8"):
        weights(pair, {"kind": "mean_variance", "prices": 8})
    with pytest.raises(ConfigError, match="at least two symbols"):
        weights(pair[:1], {"kind": "mean_variance"})
    with pytest.raises(ConfigError, match=r"cannot sum to 1; raise the cap"):
        weights(pair, {"kind": "mean_variance", "fully_invested": True, "cap": "0.4"})
    with pytest.raises(NoData, match="no expected return is given for AAA, BBB"):
        weights(pair, {"kind": "mean_variance", "views": True})


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("total", [None, 1.0], ids=["free", "invested"])
def test_no_feasible_direction_improves_the_optimum(seed, total):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 12))
    returns = rng.normal(0.0005, 0.02, (count + 5, count))
    mean, covariance = returns.mean(axis=0), np.cov(returns, rowvar=False)
    high = np.full(count, max(0.4, 1.5 / count))
    found = best_weights(mean, covariance, 2.0, WeightBounds(np.zeros(count), high, total))
    gradient = mean - 4 * covariance @ found
    if total is None:
        corner = np.where(gradient > 0, high, 0.0)
    else:
        corner, left = np.zeros(count), 1.0
        for place in np.argsort(-gradient):
            corner[place] = min(high[place], left)
            left -= corner[place]
        assert found.sum() == pytest.approx(1, abs=1e-12)
    assert gradient @ (corner - found) <= 1e-8 * np.abs(mean).max()
    assert ((found >= 0) & (found <= high)).all()


def test_a_turnover_that_cannot_reach_the_bounds_moves_toward_the_optimum():
    bounds = WeightBounds(np.zeros(2), np.ones(2), 1.0, turnover=0.5, before=np.zeros(2))
    found = best_weights(np.array([0.02, 0.01]), np.eye(2) * 1e-4, 1.0, bounds)
    assert found == pytest.approx([0.5, 0])


def test_the_black_litterman_posterior_is_the_published_formula():
    rng = np.random.default_rng(4)
    covariance = np.cov(rng.normal(0, 0.02, (40, 3)), rowvar=False)
    picks, q, confidence, tau = np.array([[1.0, 0, 0], [0, 1, -1]]), np.array([0.01, -0.002]), (0.6, 0.3), 0.05
    prior = prior_returns(covariance, np.array([0.5, 0.3, 0.2]), 2.5)
    doubt = np.diag([(1 / c - 1) * p @ (tau * covariance) @ p for c, p in zip(confidence, picks, strict=True)])
    inverse, certain = np.linalg.inv(tau * covariance), np.linalg.inv(doubt)
    expected = np.linalg.inv(inverse + picks.T @ certain @ picks) @ (inverse @ prior + picks.T @ certain @ q)
    assert posterior_returns(prior, covariance, picks, q, confidence, tau) == pytest.approx(expected)
    with pytest.raises(InvalidOutput, match="not above 0 and below 1"):
        posterior_returns(prior, covariance, picks, q, (0.6, 1.0), tau)


def test_black_litterman_leans_toward_the_confident_view():
    sizing = {"kind": "black_litterman", "view_scale": "0.5", "shrinkage": "0.1", "risk_aversion": 60}
    pair = views(AAA="long", BBB="long")
    sure = weights(pair, sizing, estimates=known(view_confidence={AAA: dec("0.9"), BBB: dec("0.1")}))
    unsure = weights(pair, sizing, estimates=known(view_confidence={AAA: dec("0.1"), BBB: dec("0.9")}))
    assert sure[0] > unsure[0]
    assert sure[1] < unsure[1]
    with pytest.raises(NoData, match="confidence is known for AAA, BBB"):
        weights(pair, sizing)


def test_hierarchical_weights_of_two_symbols_are_inverse_variances():
    pytest.importorskip("skfolio")
    returns = np.random.default_rng(1).normal(0, (0.01, 0.03), (60, 2))
    variances = returns.var(axis=0, ddof=1)
    assert hrp_weights(returns) == pytest.approx(variances[::-1] / variances.sum())


def test_without_its_library_the_sizing_names_the_install_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "skfolio.optimization", None)
    with pytest.raises(ConfigError, match=r"pip install 'openoutcry\[portfolio\]'"):
        weights(views(AAA="long", BBB="long"), {"kind": "hrp", "prices": 7})
