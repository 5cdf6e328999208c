"""How far each analyst can be trusted on one ticker, learned from what became of earlier theses.

The excess return after a thesis, in deviations of its horizon, is taken as z = sum of beta_k * score_k + noise, with a
score for each analyst and noise of one. Before any outcome, beta_k is what the desk's fixed weights imply; each outcome
moves it (Bayesian linear regression with a Gaussian prior: Lindley & Smith 1972; Bishop 2006, section 3.3). An analyst
whose views are borne out gains weight, and one who has been wrong all along is read against the grain. A first outcome
of one deviation moves the weight of who gave a full score by a quarter, the fortieth by a fifteenth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SIGNAL_PER_CONVICTION = 0.3
"""Excess return, in deviations of the horizon, that a conviction of one stands for (Grinold 1994 calls it skill)."""
PRIOR_SD = 0.3
"""Standard deviation of the prior on each beta: how far from the fixed weights an analyst may turn out to be."""
OUTCOME_CLIP = 2.5
"""An outcome beyond this many deviations counts as this many."""


@dataclass(frozen=True, slots=True)
class OutcomeObservation:
    """One outcome: the analysts' scores then, the excess return in deviations, and how much it counts (0 to 1)."""

    scores: Mapping[str, float]
    outcome: float
    weight: float


@dataclass(frozen=True, slots=True)
class AnalystWeight:
    """What an analyst's score is worth: conviction for each unit of score, with the deviation of that estimate."""

    weight: float
    deviation: float


def posterior_weights(usual: Mapping[str, float], lived: Sequence[OutcomeObservation]) -> dict[str, AnalystWeight]:
    """Return the trust in each analyst that `usual` names, whose values are the fixed weights of a unit of score."""
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
