"""Weights of the analysts on one symbol, learned from the outcomes of earlier theses.

The excess return after a thesis, in standard deviations of its horizon, is modeled as z = sum of beta_k * score_k +
noise, with one score for each analyst and noise of variance one. The prior mean of beta_k follows from the desk's
fixed weights; each outcome updates it (Bayesian linear regression with a Gaussian prior: Lindley & Smith 1972; Bishop
2006, section 3.3). An analyst whose views are confirmed gains weight; the weight of one who is always wrong becomes
negative. The first outcome of one deviation changes the weight of an analyst with a full score by a quarter, the
fortieth by a fifteenth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SIGNAL_PER_CONVICTION = 0.3
"""Expected excess return, in deviations of the horizon, of a conviction of one (the skill of Grinold 1994)."""
PRIOR_SD = 0.3
"""Standard deviation of the prior of each beta around the fixed weight."""
OUTCOME_CLIP = 2.5
"""Outcomes are clipped to this many deviations."""


@dataclass(frozen=True, slots=True)
class OutcomeObservation:
    """One outcome: the analysts' scores at the time, the excess return in deviations, and its weight (0 to 1)."""

    scores: Mapping[str, float]
    outcome: float
    weight: float


@dataclass(frozen=True, slots=True)
class AnalystWeight:
    """The weight of an analyst: conviction per unit of score, with the standard deviation of the estimate."""

    weight: float
    deviation: float


def posterior_weights(usual: Mapping[str, float], lived: Sequence[OutcomeObservation]) -> dict[str, AnalystWeight]:
    """Return the weight of each analyst in `usual`, which holds the fixed weights per unit of score."""
    names = sorted(usual)
    prior = SIGNAL_PER_CONVICTION * np.array([usual[name] for name in names])
    scores = np.array([[e.scores.get(name, 0.0) for name in names] for e in lived]).reshape(len(lived), len(names))
    outcomes = np.clip(np.array([e.outcome for e in lived]), -OUTCOME_CLIP, OUTCOME_CLIP)
    counted = scores * np.array([e.weight for e in lived])[:, None]
    precision = np.eye(len(names)) / PRIOR_SD**2 + counted.T @ scores
    beta = np.linalg.solve(precision, prior / PRIOR_SD**2 + counted.T @ outcomes)
    deviations = np.sqrt(np.diag(np.linalg.inv(precision)))
    return {
        name: AnalystWeight(
            float(beta[place]) / SIGNAL_PER_CONVICTION, float(deviations[place]) / SIGNAL_PER_CONVICTION
        )
        for place, name in enumerate(names)
    }
