"""The Black-Litterman posterior of expected returns."""

from collections.abc import Sequence

import numpy as np

from ...domain.errors import InvalidOutput
from .estimates import Matrix, Vector


def prior_returns(covariance: Matrix, weights: Vector, risk_aversion: float) -> Vector:
    """Return Pi = risk_aversion * S w, the returns for which `weights` are optimal."""
    return np.asarray(risk_aversion * covariance @ weights, dtype=np.float64)


def posterior_returns(
    prior: Vector, covariance: Matrix, picks: Matrix, views: Vector, confidence: Sequence[float], tau: float
) -> Vector:
    """Return mu = [(tau S)^-1 + P' O^-1 P]^-1 [(tau S)^-1 Pi + P' O^-1 q], with O_ii = (1 / c_i - 1) p_i tau S p_i'.

    After Black & Litterman, "Global Portfolio Optimization", Financial Analysts Journal 48 (1992), with the confidence
    of Idzorek (2005). It is evaluated as Pi + tau S P' (P tau S P' + O)^-1 (q - P Pi), which is equal and needs no
    inverse of S. Shapes: `prior` (n), `covariance` (n, n), `picks` P (k, n), `views` q (k), `confidence` c (k), above 0
    and below 1. Raises InvalidOutput for a confidence out of range.
    """
    if not len(views):
        return prior
    for each in confidence:
        if not 0 < each < 1:
            raise InvalidOutput(f"a confidence of {each:g} is not above 0 and below 1")
    spread = picks @ (tau * covariance) @ picks.T
    doubt = np.diag([(1 / c - 1) * spread[i, i] for i, c in enumerate(confidence)])
    update = np.linalg.solve(spread + doubt, views - picks @ prior)
    return np.asarray(prior + tau * covariance @ picks.T @ update, dtype=np.float64)
