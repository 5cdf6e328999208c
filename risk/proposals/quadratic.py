"""The quadratic programme of mean-variance weights: max mu'w - gamma * w'Sw within bounds, a sum and a turnover.

Solved by the alternating direction method of multipliers (Boyd et al., "Distributed Optimization and Statistical
Learning via the Alternating Direction Method of Multipliers", 2011, sections 5.1 and 3.4) with exact projections.
"""

from dataclasses import dataclass

import numpy as np

from ...domain.errors import ConfigError, NoData
from .estimates import Matrix, Vector

STEPS, TOLERANCE, ACCEPTED, RELAXATION = 20_000, 1e-10, 1e-6, 1.6


@dataclass(frozen=True, slots=True)
class WeightBounds:
    """The constraints of a quadratic programme.

    Attributes:
        low, high: smallest and largest weight by symbol.
        total: the sum of all weights; None if it is free.
        turnover: largest sum of |w - before|; None for no limit.
        before: the weights before, needed for `turnover`.
    """

    low: Vector
    high: Vector
    total: float | None = None
    turnover: float | None = None
    before: Vector | None = None


def best_weights(mean: Vector, covariance: Matrix, risk_aversion: float, bounds: WeightBounds) -> Vector:
    """Return argmax mean'w - risk_aversion * w' covariance w within `bounds`.

    If no weights within bounds and total are as near as `turnover`, the result moves from `before` by that turnover
    toward the optimum without it. Raises ConfigError if the bounds do not allow the total, NoData for estimates that
    are not finite or for weights that are not found.
    """
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise NoData("the expected returns or the covariance are not finite")
    _check(bounds)
    turnover, before = bounds.turnover, bounds.before
    if turnover is None or before is None:
        return _solve(mean, covariance, risk_aversion, bounds, None)
    free = _solve(mean, covariance, risk_aversion, bounds, None)
    moved = float(np.abs(free - before).sum())
    if moved <= turnover:
        return free
    if _distance(before, bounds) < turnover:
        found = _solve(mean, covariance, risk_aversion, bounds, turnover)
        moved, free = float(np.abs(found - before).sum()), found
    return free if moved <= turnover else before + (free - before) * (turnover / moved)


def _check(bounds: WeightBounds) -> None:
    if bounds.total is not None and not bounds.low.sum() - 1e-9 <= bounds.total <= bounds.high.sum() + 1e-9:
        raise ConfigError(
            f"weights between {bounds.low.sum():.2f} and {bounds.high.sum():.2f} together cannot sum to "
            f"{bounds.total:g}; raise the cap or add symbols"
        )


def _distance(before: Vector, bounds: WeightBounds) -> float:
    """Return the smallest sum of absolute changes that leads from `before` to weights within bounds and total."""
    nearest = np.clip(before, bounds.low, bounds.high)
    missing = 0.0 if bounds.total is None else abs(bounds.total - float(nearest.sum()))
    return float(np.abs(nearest - before).sum()) + missing


def _solve(mean: Vector, covariance: Matrix, gamma: float, bounds: WeightBounds, turnover: float | None) -> Vector:
    """Alternate between the unconstrained quadratic step and the projections; the result is within bounds and total."""
    values, axes = np.linalg.eigh(2 * gamma * (covariance + covariance.T) / 2)
    values = np.maximum(values, 0)
    scale = max(float(np.abs(mean).max(initial=0)), float(values.max(initial=0)), 1e-300)
    values, linear = values / scale, mean / scale
    copies = 1 if turnover is None else 2
    rho, primal, dual, weights = 1.0, 0.0, 0.0, project_total(np.zeros_like(mean), bounds)
    kept, duals = [weights] * copies, [np.zeros_like(mean)] * copies
    for step in range(STEPS):
        right = linear + rho * sum((z - u for z, u in zip(kept, duals, strict=True)), np.zeros_like(mean))
        weights = axes @ ((axes.T @ right) / (values + copies * rho))
        last = kept
        mixed = [RELAXATION * weights + (1 - RELAXATION) * z for z in kept]
        kept = [_project(v + u, bounds, turnover, place) for place, (v, u) in enumerate(zip(mixed, duals, strict=True))]
        duals = [u + v - z for u, v, z in zip(duals, mixed, kept, strict=True)]
        primal = max(float(np.abs(weights - z).max()) for z in kept)
        dual = rho * max(float(np.abs(z - old).max()) for z, old in zip(kept, last, strict=True))
        if max(primal, dual) < TOLERANCE:
            return kept[0]
        if step % 50 == 49 and max(primal, dual) > 10 * min(primal, dual):
            factor = 2.0 if primal > dual else 0.5
            rho, duals = rho * factor, [u / factor for u in duals]
    if max(primal, dual) > ACCEPTED:
        raise NoData(f"the weights of {len(mean)} symbols were not found within {STEPS} steps")
    return kept[0]


def _project(point: Vector, bounds: WeightBounds, turnover: float | None, place: int) -> Vector:
    if place == 0 or turnover is None or bounds.before is None:
        return project_total(point, bounds)
    return bounds.before + project_l1(point - bounds.before, turnover)


def project_total(point: Vector, bounds: WeightBounds) -> Vector:
    """Return the nearest weights within the bounds that sum to the total, if there is one: bisection of the shift."""
    inside = np.clip(point, bounds.low, bounds.high)
    if bounds.total is None:
        return np.asarray(inside, dtype=np.float64)
    reach = float(np.abs(point).max() + np.abs(bounds.low).max() + np.abs(bounds.high).max()) + 1
    low, high = -reach, reach
    for _ in range(100):
        middle = (low + high) / 2
        inside = np.clip(point - middle, bounds.low, bounds.high)
        low, high = (middle, high) if inside.sum() > bounds.total else (low, middle)
    return np.asarray(inside, dtype=np.float64)


def project_l1(point: Vector, radius: float) -> Vector:
    """Return the nearest point whose absolute values sum to at most `radius`: Duchi et al., ICML 2008, figure 1."""
    sizes = np.abs(point)
    if sizes.sum() <= radius:
        return point
    ordered = np.sort(sizes)[::-1]
    excess = (np.cumsum(ordered) - radius) / np.arange(1, len(ordered) + 1)
    threshold = excess[np.nonzero(ordered > excess)[0][-1]]
    return np.asarray(np.sign(point) * np.maximum(sizes - threshold, 0), dtype=np.float64)
