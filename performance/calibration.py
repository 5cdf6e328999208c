"""Whether stated probabilities agree with what happened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .returns import Floats


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Forecasts of similar confidence.

    Attributes:
        low, high: the smallest and the largest stated probability of the bin.
        count: the number of forecasts.
        stated: the mean stated probability.
        observed: the share of forecasts that came true.
    """

    low: float
    high: float
    count: int
    stated: float
    observed: float


def brier_score(probabilities: Floats, outcomes: NDArray[np.bool_]) -> float | None:
    """Return mean((p - outcome) ** 2): 0 is perfect, 0.25 is what a constant 0.5 scores. None without forecasts.

    Brier, Monthly Weather Review 78 (1950), for two outcomes. Raises ValueError for values that are not probabilities
    and for another number of outcomes.
    """
    _check(probabilities, outcomes)
    return float(((probabilities - outcomes) ** 2).mean()) if len(probabilities) else None


def calibration_bins(probabilities: Floats, outcomes: NDArray[np.bool_], bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Return at most `bins` adaptive bins of about equal numbers of forecasts, by rising probability.

    Equal probabilities share a bin, so bins may be fewer or of unequal size. Nguyen & O'Connor, EMNLP (2015). Raises
    ValueError as `brier_score`, and for fewer than one bin.
    """
    _check(probabilities, outcomes)
    if bins < 1:
        raise ValueError("forecasts need at least one bin")
    order = np.argsort(probabilities, kind="stable")
    ordered, happened = probabilities[order], outcomes[order]
    wanted = np.arange(bins + 1) * len(ordered) // bins
    starts = np.unique(np.searchsorted(ordered, ordered[wanted[:-1]])) if len(ordered) else wanted[:0]
    ends = [*starts[1:], len(ordered)]
    return tuple(
        _bin(ordered[start:end], happened[start:end]) for start, end in zip(starts, ends, strict=True) if end > start
    )


def expected_calibration_error(probabilities: Floats, outcomes: NDArray[np.bool_], bins: int = 10) -> float | None:
    """Return sum(count / n * |observed - stated|) over adaptive bins; 0 is perfect. None without forecasts.

    The ECE of Naeini, Cooper & Hauskrecht, AAAI (2015), with the bins of `calibration_bins`. Raises ValueError as
    these. With few forecasts a bin the error is biased upwards: perfect forecasts score above 0 by chance.
    """
    if not len(probabilities):
        _check(probabilities, outcomes)
        return None
    found = calibration_bins(probabilities, outcomes, bins)
    return sum(each.count * abs(each.observed - each.stated) for each in found) / len(probabilities)


def _bin(stated: Floats, happened: NDArray[np.bool_]) -> CalibrationBin:
    return CalibrationBin(
        float(stated[0]), float(stated[-1]), len(stated), float(stated.mean()), float(happened.mean())
    )


def _check(probabilities: Floats, outcomes: NDArray[np.bool_]) -> None:
    if len(probabilities) != len(outcomes):
        raise ValueError(f"{len(probabilities)} forecasts need as many outcomes, not {len(outcomes)}")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability is between 0 and 1")
