"""Synthetic series with a known mean: autoregressive, with the fat tails of Student's t with four degrees."""

import numpy as np

WARM_UP = 50


def null_series(series, length, coefficient, seed, mean=0.0):
    """Return `series` rows of `length` values x[i] - mean = coefficient * (x[i - 1] - mean) + t4."""
    shocks = np.random.default_rng(seed).standard_t(4, size=(series, WARM_UP + length))
    values = shocks.copy()
    for place in range(1, WARM_UP + length):
        values[:, place] += coefficient * values[:, place - 1]
    return mean + values[:, WARM_UP:]
