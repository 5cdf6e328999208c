"""The Sharpe ratio of the best of many trials, judged against what the best of as many useless ones would reach."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, variance

from ...performance.ratios import sharpe_ratio
from ...performance.returns import Floats, defined, spread

EULER = 0.5772156649015329
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """A Sharpe ratio with the number of trials taken into account.

    Attributes:
        sharpe: the ratio per session.
        threshold: the expected largest ratio per session of `trials` variants without skill; 0 for one trial.
        probability: the probability that the true ratio exceeds the threshold. Above 0.95 is the usual criterion.
        trials: the number of variants tried.
        sessions: the number of returns.
    """

    sharpe: float
    threshold: float
    probability: float
    trials: int
    sessions: int


def expected_best_sharpe(variance_of_trials: float, trials: int) -> float:
    """Return sqrt(V) * ((1 - g) * Phi^-1(1 - 1 / N) + g * Phi^-1(1 - 1 / (N e))), g = 0.5772; 0 for one trial.

    The expected maximum of N independent normal ratios with mean 0 and variance V; Bailey & Lopez de Prado, Journal of
    Portfolio Management 40 (2014). Correlated trials are worth fewer than N, so the threshold is then too high. Raises
    ValueError for fewer than one trial and for a negative variance.
    """
    if trials < 1 or variance_of_trials < 0:
        raise ValueError("the best of trials needs at least one trial and a variance of 0 or more")
    if trials == 1:
        return 0.0
    quantiles = NORMAL.inv_cdf(1 - 1 / trials), NORMAL.inv_cdf(1 - 1 / (trials * math.e))
    return math.sqrt(variance_of_trials) * ((1 - EULER) * quantiles[0] + EULER * quantiles[1])


def sharpe_probability(
    sharpe: float, threshold: float, sessions: int, skewness: float = 0.0, kurtosis: float = 3.0
) -> float | None:
    """Return Phi((SR - SR0) * sqrt(T - 1) / sqrt(1 - g3 * SR + (g4 - 1) / 4 * SR ** 2)), SR and SR0 per session.

    The probability that the true ratio exceeds the threshold SR0, for T returns with skewness g3 and kurtosis g4 (3 for
    a normal distribution); Bailey & Lopez de Prado, Journal of Risk 15 (2012). None where the denominator is not
    positive, and with fewer than two sessions.
    """
    squared = defined(1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2)
    if squared is None or squared <= 0 or sessions < 2:
        return None
    return NORMAL.cdf((sharpe - threshold) * math.sqrt(sessions - 1) / math.sqrt(squared))


def deflated_sharpe(
    returns: Floats, trial_sharpes: Sequence[float] = (), *, trials: int | None = None
) -> DeflatedSharpe | None:
    """Return the deflated Sharpe ratio of `returns`, one element a session, chosen among `trials` variants.

    The `sharpe_probability` of the returns and their moments, with SR0 of `expected_best_sharpe` as the threshold;
    Bailey & Lopez de Prado, Journal of Portfolio Management 40 (2014). V is the sample variance of `trial_sharpes`,
    ratios per session of the variants on the same window; with fewer than two of them 1 / (T - 1), the variance of a
    ratio that is truly 0. `trials` is the number of all variants ever tried, by default the number of ratios and at
    least 1. Returns count as independent in time.

    None with fewer than three returns, where returns do not vary, and where the denominator is not positive. Raises
    ValueError for fewer trials than ratios.
    """
    count = max(1, len(trial_sharpes)) if trials is None else trials
    if count < max(1, len(trial_sharpes)):
        raise ValueError(f"{len(trial_sharpes)} Sharpe ratios come from at least as many trials, not {count}")
    sharpe, deviation = sharpe_ratio(returns, 1), spread(returns, 0)
    if sharpe is None or len(returns) < 3 or not deviation:
        return None
    scaled = (returns - returns.mean()) / deviation
    skewness, kurtosis = float((scaled**3).mean()), float((scaled**4).mean())
    of_trials = variance(trial_sharpes) if len(trial_sharpes) > 1 else 1 / (len(returns) - 1)
    threshold = expected_best_sharpe(of_trials, count)
    probability = sharpe_probability(sharpe, threshold, len(returns), skewness, kurtosis)
    return None if probability is None else DeflatedSharpe(sharpe, threshold, probability, count, len(returns))
