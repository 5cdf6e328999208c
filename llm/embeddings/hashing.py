"""Deterministic embeddings without a model: signed feature hashing of words and word pairs."""

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from .port import Vectors

DIMENSIONS = 384
LONGEST = 20_000
"""Maximum characters of a text; the rest of a long filing changes the vector little at high cost."""

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")


class HashingEmbedder:
    """Counts words and adjacent word pairs in 384 buckets with hashed signs, and scales to length one.

    Weinberger et al., Feature Hashing for Large Scale Multitask Learning (2009). Counts are integers, so they are
    equal on every machine.
    """

    @property
    def name(self) -> str:
        return f"hashing-1-{DIMENSIONS}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row per text, shape (len(texts), 384); zeros for a text without words."""
        counts = np.array([_counts(text) for text in texts], np.float64).reshape(-1, DIMENSIONS)
        lengths = np.sqrt((counts * counts).sum(axis=1, keepdims=True))
        return np.divide(counts, np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


@lru_cache(maxsize=32)
def _counts(text: str) -> NDArray[np.float64]:
    """Return the sums of all buckets; cached, because the agents of a desk query the same texts in sequence."""
    words = _WORD.findall(text[:LONGEST].lower())
    places = [*map(_place, words), *map(_place_of_pair, words, words[1:])]
    counts = np.zeros(DIMENSIONS)
    if places:
        buckets, signs = zip(*places, strict=True)
        counts += np.bincount(buckets, signs, DIMENSIONS)
    counts.setflags(write=False)
    return counts


def _place_of_pair(one: str, two: str) -> tuple[int, int]:
    return _place(f"{one} {two}")


@lru_cache(maxsize=200_000)
def _place(feature: str) -> tuple[int, int]:
    """Return bucket and sign of a feature."""
    number = int.from_bytes(blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "little")
    return number % DIMENSIONS, 1 if number >> 63 else -1
