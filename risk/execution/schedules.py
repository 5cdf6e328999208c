"""Schedules that split a quantity over the bars of a session into whole units that sum to it."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ...domain.errors import ConfigError, NoData

SMALLEST_URGENCY = 1e-6
"""Below this value of kappa * T the Almgren-Chriss schedule is computed as its limit, equal slices."""


def twap(quantity: int, bars: int) -> tuple[int, ...]:
    """Return `quantity` units in equal slices, one a bar; they differ by one unit at most and sum to `quantity`.

    Raises ConfigError for a negative quantity or no bars.
    """
    _check(quantity, bars)
    return _split(quantity, [Fraction(bar, bars) for bar in range(1, bars + 1)])


def vwap(quantity: int, curve: Sequence[Decimal]) -> tuple[int, ...]:
    """Return `quantity` units in proportion to the volumes of `curve`, one a bar; they sum to `quantity`.

    Raises NoData for a curve with a negative or infinite volume, or without any volume.
    """
    _check(quantity, len(curve))
    if any(not volume.is_finite() or volume < 0 for volume in curve) or not any(curve):
        raise NoData("the volume curve must be finite, not negative, and not all 0")
    volumes = [Fraction(volume) for volume in curve]
    total = sum(volumes, Fraction(0))
    return _split(quantity, [sum(volumes[: bar + 1], Fraction(0)) / total for bar in range(len(curve))])


def mean_volume_curve(sessions: Sequence[Sequence[Decimal]]) -> tuple[Decimal, ...]:
    """Return the mean share of a session's volume by bar; sessions without volume do not count.

    Raises NoData for sessions of different numbers of bars, or without any volume.
    """
    traded = [session for session in sessions if sum(session, Decimal(0))]
    if not traded or len({len(session) for session in traded}) != 1:
        raise NoData("a volume curve needs sessions with volume and with the same number of bars")
    totals = [sum(session, Decimal(0)) for session in traded]
    return tuple(
        sum((volume / total for volume, total in zip(column, totals, strict=True)), Decimal(0)) / len(traded)
        for column in zip(*traded, strict=True)
    )


def almgren_chriss(
    quantity: int, bars: int, *, risk_aversion: float, volatility: float, impact: float
) -> tuple[int, ...]:
    """Return `quantity` units by the schedule of Almgren & Chriss, "Optimal execution", Journal of Risk 3 (2000).

    After bar j of T, x_j = X sinh(k (T - j)) / sinh(k T) units are left, with k^2 = risk_aversion * volatility^2 /
    impact. With a risk aversion of 0 it is `twap`. `volatility` is the standard deviation of the price change over one
    bar, in currency per share; `impact` the temporary impact in currency per share for one share a bar. Raises
    ConfigError for a negative or infinite parameter and an impact that is not above 0.
    """
    _check(quantity, bars)
    parameters = (risk_aversion, volatility, impact)
    if not all(map(math.isfinite, parameters)) or min(risk_aversion, volatility) < 0 or impact <= 0:
        raise ConfigError("Almgren-Chriss needs a risk aversion and volatility of at least 0 and an impact above 0")
    urgency = math.sqrt(risk_aversion * volatility**2 / impact)
    if urgency * bars < SMALLEST_URGENCY:
        return twap(quantity, bars)
    return _split(quantity, [1 - Fraction(_left(urgency, bars, bar)) for bar in range(1, bars + 1)])


def _left(urgency: float, bars: int, bar: int) -> float:
    """Return sinh(k (T - j)) / sinh(k T), written with exponents that cannot overflow."""
    return math.exp(-urgency * bar) * math.expm1(-2 * urgency * (bars - bar)) / math.expm1(-2 * urgency * bars)


def _check(quantity: int, bars: int) -> None:
    if quantity < 0 or bars < 1:
        raise ConfigError(f"{quantity} units over {bars} bars cannot be split; use at least 0 units and 1 bar")


def _split(quantity: int, cumulative: Sequence[Fraction]) -> tuple[int, ...]:
    """Return the differences of the rounded cumulative quantities; the last share is 1."""
    half = Fraction(1, 2)
    reached = [math.floor(quantity * share + half) for share in cumulative[:-1]] + [quantity]
    return tuple(after - before for before, after in zip([0, *reached], reached, strict=False))
