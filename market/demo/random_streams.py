"""Chance that can be replayed: counter-based streams, and functions that treat every element alone."""

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def random_stream(seed: int, *path: str) -> np.random.Generator:
    """Return the generator of one named stream; the same name gives the same numbers on every run.

    Draw it in session-major order (one row a session), so that a longer market begins with the shorter one.
    """
    digest = hashlib.blake2b("/".join((str(seed), *path)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype="<u8")))


def exp(values: Floats) -> Floats:
    """Return e to each value.

    numpy's own loops may take another code path for the last few elements of an array; a market that is one session
    longer would then differ in the last bit of an earlier price. The scalar function cannot.
    """
    return np.array([math.exp(value) for value in values.ravel().tolist()]).reshape(values.shape)


def log(values: Floats) -> Floats:
    """Return the natural logarithm of each value, element by element like `exp`."""
    return np.array([math.log(value) for value in values.ravel().tolist()]).reshape(values.shape)
