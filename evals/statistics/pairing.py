"""Pairs of two arms: the same session, symbol and seed in both, and their differences clustered by session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np

from ...performance.returns import Floats


@dataclass(frozen=True, slots=True, order=True)
class PairKey:
    """What two arms have in common.

    Attributes:
        session: the trading day of the decision or return.
        symbol: the symbol; empty for a figure of the whole book.
        seed: the seed of the run.
    """

    session: date
    symbol: str = ""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """How much a mean difference depends on the seed.

    Attributes:
        means: the mean difference by seed.
        deviation: the sample standard deviation of these; None with fewer than two seeds.
    """

    means: Mapping[int, float]
    deviation: float | None


@dataclass(frozen=True, slots=True)
class PairedDifferences:
    """Differences first - second of all pairs, sorted by key.

    Attributes:
        keys: one key a pair, without repetition.
        values: one difference a pair.
        unpaired: the number of keys that only one arm has; these are dropped.
    """

    keys: tuple[PairKey, ...]
    values: Floats
    unpaired: int

    @property
    def sessions(self) -> int:
        """Return the number of different sessions: the independent observations are at most these."""
        return len({key.session for key in self.keys})

    @property
    def identical(self) -> bool:
        """Return whether there are pairs and every difference is exactly 0."""
        return bool(len(self.values)) and not self.values.any()

    def by_session(self) -> Floats:
        """Return one value a session, oldest first, whose mean is the mean of all pairs.

        The value is mean + (sum of the session - mean * pairs of the session) / average pairs of a session: the
        influence of the session on the mean of all pairs. With equal numbers of pairs it is the session's mean. All
        pairs of a session (symbols, seeds) stay together, since they share the market's day.
        """
        if not self.keys:
            return np.zeros(0)
        starts = [
            0,
            *np.flatnonzero([a.session != b.session for a, b in zip(self.keys, self.keys[1:], strict=False)]) + 1,
        ]
        sums, counts = np.add.reduceat(self.values, starts), np.diff([*starts, len(self.keys)])
        mean = self.values.mean()
        values: Floats = mean + (sums - mean * counts) / counts.mean()
        return values

    def seed_spread(self) -> SeedSpread:
        """Return the mean difference of each seed, and the deviation of these."""
        order = sorted(range(len(self.keys)), key=lambda place: self.keys[place].seed)
        means = {
            seed: float(self.values[list(places)].mean())
            for seed, places in groupby(order, key=lambda place: self.keys[place].seed)
        }
        return SeedSpread(means, float(np.std(list(means.values()), ddof=1)) if len(means) > 1 else None)


def pair(first: Mapping[PairKey, float], second: Mapping[PairKey, float]) -> PairedDifferences:
    """Return the differences first - second over the keys that both arms have.

    Raises ValueError for values that are infinite or not a number.
    """
    keys = tuple(sorted(first.keys() & second.keys()))
    values = np.array([first[key] - second[key] for key in keys], dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("a paired value is not finite")
    return PairedDifferences(keys, values, len(first.keys() ^ second.keys()))
