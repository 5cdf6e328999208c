"""Scores from 1 to 5 that a model has given, as positions."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date

import numpy as np

from ...market.adjustment import AdjustedSeries, Floats

WORST_SCORE, BEST_SCORE = 1, 5


@dataclass(frozen=True, slots=True)
class DatedScore:
    """A score from 1 (strongly negative) to 5 (strongly positive) that was given after the close of `session`."""

    session: date
    score: int


def score_position(score: int) -> float:
    """Return the position of a score, (score - 3) / 2: -1, -0.5, 0, 0.5 or 1; raises ValueError for another score."""
    if not WORST_SCORE <= score <= BEST_SCORE:
        raise ValueError(f"a score must be from {WORST_SCORE} to {BEST_SCORE}, not {score}")
    return (score - (WORST_SCORE + BEST_SCORE) / 2) / ((BEST_SCORE - WORST_SCORE) / 2)


@dataclass(frozen=True, slots=True)
class ScoreSignal:
    """The positions of past scores. Each is held from its session to the next score; of one session the last counts."""

    scores: tuple[DatedScore, ...]
    long_only: bool = False

    def positions(self, series: AdjustedSeries) -> Floats:
        """Return the position after the close of every session, shape (n,); nan before the first score."""
        positions = np.full(len(series), np.nan)
        for given in self._ordered():
            position = score_position(given.score)
            positions[bisect_left(series.sessions, given.session) :] = (
                max(0.0, position) if self.long_only else position
            )
        return positions

    def explain(self, series: AdjustedSeries) -> str:
        """Return the last score with its session; raises ValueError without a score."""
        known = [given for given in self._ordered() if given.session <= series.sessions[-1]]
        if not known:
            raise ValueError("there is no score to explain")
        return f"score {known[-1].score} of 5, given on {known[-1].session}"

    def _ordered(self) -> list[DatedScore]:
        return sorted(self.scores, key=lambda given: given.session)
