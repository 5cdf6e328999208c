"""Vectors without a model: signed feature hashing of words and pairs of words. The same on every machine, for ever."""

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from .port import Vectors

DIMENSIONS = 384
LONGEST = 20_000
"""Characters of a text that are read; the rest of a long filing changes the vector little and costs much."""

_WORD = re.compile(r"[^\W_]+(?:[.'][^\W_]+)*")


class HashingEmbedder:
    """Counts words and neighbouring pairs in 384 buckets, each with a sign of its own, and scales to length one.

    Weinberger et al., Feature Hashing for Large Scale Multitask Learning (2009). Counts are whole numbers, so no
    machine rounds them differently.
    """

    @property
    def name(self) -> str:
        return f"hashing-1-{DIMENSIONS}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text; a text without a word has zeros."""
        counts = np.zeros((len(texts), DIMENSIONS), dtype=np.float64)
        for row, text in zip(counts, texts, strict=True):
            _count(row, text)
        lengths = np.sqrt((counts * counts).sum(axis=1, keepdims=True))
        return np.divide(counts, np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def _count(row: np.ndarray, text: str) -> None:
    words = _WORD.findall(text[:LONGEST].lower())
    features = [*words, *(f"{one} {two}" for one, two in pairwise(words))]
    for bucket, sign in map(_place, features):
        row[bucket] += sign


@lru_cache(maxsize=200_000)
def _place(feature: str) -> tuple[int, int]:
    """Return the bucket and the sign of a feature."""
    number = int.from_bytes(blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "little")
    return number % DIMENSIONS, 1 if number >> 63 else -1
