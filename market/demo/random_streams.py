"""Reproducible random numbers: counter-based streams, and element-wise functions."""

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def random_stream(seed: int, *path: str) -> np.random.Generator:
    """Return the generator of one named stream; the same seed and path give the same numbers on every run.

    Draw in session-major order (one row per session), so that a longer market begins with the shorter one.
    """
    digest = hashlib.blake2b("/".join((str(seed), *path)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype="<u8")))


def exp(values: Floats) -> Floats:
    """Return e to the power of each value, computed with the scalar function.

    The vector loops of numpy may use another code path for the last elements of an array, so that a longer market could
    differ in the last bit of an earlier price.
    """
    return np.array([math.exp(value) for value in values.ravel().tolist()]).reshape(values.shape)


def log(values: Floats) -> Floats:
    """Return the natural logarithm of each value, element by element like `exp`."""
    return np.array([math.log(value) for value in values.ravel().tolist()]).reshape(values.shape)
