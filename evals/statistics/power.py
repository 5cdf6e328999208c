"""What an experiment could have detected, and how much more data would settle it."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from .bootstrap import ConfidenceInterval
from .pairing import SeedSpread


@dataclass(frozen=True, slots=True)
class PowerStatement:
    """The sensitivity of a comparison.

    Attributes:
        detectable: the smallest true difference that the experiment would have detected with probability `power`.
        power: that probability.
        sessions_needed: sessions in all for a true difference as large as the observed one; None if that is 0.
        seeds_needed: seeds in all on the same sessions for the same; None with fewer than two seeds, if the observed
            difference is 0, and if no number of seeds suffices because the sessions alone vary too much.
    """

    detectable: float
    power: float
    sessions_needed: int | None
    seeds_needed: int | None


def detectable_difference(standard_error: float, critical: float = 1.96, power: float = 0.8) -> float:
    """Return (critical + Phi^-1(power)) * standard error: the true difference that is detected with that probability.

    Cohen, "Statistical power analysis" (1988); `critical` is half the width of the interval over the standard error.
    """
    return (critical + NormalDist().inv_cdf(power)) * standard_error


def power_statement(
    interval: ConfidenceInterval, standard_error: float, sessions: int, seeds: SeedSpread, power: float = 0.8
) -> PowerStatement:
    """Return what a comparison with this interval could detect, and the data needed for the observed difference.

    The standard error falls with the root of the sessions. Of its square, the variance of the seeds' means over the
    number of seeds is the part that more seeds reduce. The observed difference is itself uncertain, so the numbers
    needed are orders of magnitude, not promises. All is 0 or None for a constant difference.
    """
    critical = (interval.high - interval.low) / 2 / standard_error if standard_error else 0.0
    detectable = detectable_difference(standard_error, critical, power)
    effect = abs(interval.value)
    if not effect or not standard_error:
        return PowerStatement(detectable, power, None, None)
    needed = _ceiling(sessions * (detectable / effect) ** 2)
    allowed = (standard_error * effect / detectable) ** 2
    return PowerStatement(detectable, power, needed, _seeds_needed(standard_error**2, seeds, allowed))


def _seeds_needed(squared_error: float, seeds: SeedSpread, allowed: float) -> int | None:
    """Return the smallest number of seeds with shared part + seeds' part / number <= `allowed`."""
    if seeds.deviation is None:
        return None
    of_seeds = seeds.deviation**2
    shared = max(0.0, squared_error - of_seeds / len(seeds.means))
    return max(1, _ceiling(of_seeds / (allowed - shared))) if allowed > shared else None


def _ceiling(value: float) -> int:
    return math.ceil(min(value, 1e15))
