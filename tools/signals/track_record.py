"""What a signal would have earned over the last sessions, beside buy-and-hold."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from ...market.adjustment import AdjustedSeries, Floats
from ...performance.summary import PerformanceSummary, summarize

LEAST_SESSIONS = 20
"""With fewer sessions there is no track record."""


class FillTime(StrEnum):
    """When a position that was decided after a close is taken: at the next session's open or close."""

    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Performance over `sessions` sessions from `first` to `last`, marked at the close, before costs.

    Attributes:
        signal: performance of the signal's position, a constant fraction of equity within a session.
        buy_and_hold: performance of one share over the same sessions, dividends included.
        changes: number of sessions in which the position changed.
    """

    sessions: int
    first: date
    last: date
    signal: PerformanceSummary
    buy_and_hold: PerformanceSummary
    changes: int

    @property
    def excess_return(self) -> float:
        """Return the total return beyond that of buy-and-hold."""
        return self.signal.total_return - self.buy_and_hold.total_return


def compute_track_record(
    series: AdjustedSeries,
    positions: Floats,
    sessions: int,
    *,
    fill: FillTime = FillTime.OPEN,
    sessions_a_year: int = 252,
) -> TrackRecord | None:
    """Return the track record over the last `sessions` sessions, or over all with a known position if they are fewer.

    The position of a session is the one decided after the close of the session before (filled at the open), with the
    position decided one session earlier held until the fill. With a fill at the close, it is the one decided two
    sessions before. So no session is traded on its own prices. Returns None if fewer than LEAST_SESSIONS remain.

    Args:
        series: adjusted bars.
        positions: position after the close of every session, in [-1, 1], shape (n,); nan where undefined.
        sessions: the most sessions to evaluate.
        fill: when a decided position is taken.
        sessions_a_year: for annualisation of the Sharpe ratio.
    """
    undefined = np.flatnonzero(np.isnan(positions))
    start = (int(undefined[-1]) + 1 if len(undefined) else 0) + 2
    start = max(start, len(series) - sessions)
    count = len(series) - start
    if count < LEAST_SESSIONS:
        return None
    growth = _growth(series, positions, fill)[start:]
    decided = positions[start - 2 : -1]
    return TrackRecord(
        sessions=count,
        first=series.sessions[start],
        last=series.sessions[-1],
        signal=summarize(_equity(growth), sessions_a_year),
        buy_and_hold=summarize(_equity((series.close[1:] / series.close[:-1])[start - 1 :]), sessions_a_year),
        changes=int(np.count_nonzero(np.diff(decided))),
    )


def _growth(series: AdjustedSeries, positions: Floats, fill: FillTime) -> Floats:
    """Return equity after over equity before each session, shape (n,); 1 for the first two sessions, never negative."""
    growth = np.ones(len(series))
    before, after = positions[:-2], positions[1:-1]
    close, last, opened = series.close[2:], series.close[1:-1], series.open[2:]
    if fill is FillTime.CLOSE:
        growth[2:] = 1 + before * (close / last - 1)
    else:
        overnight, session = 1 + before * (opened / last - 1), 1 + after * (close / opened - 1)
        growth[2:] = np.maximum(overnight, 0) * session
    return np.maximum(growth, 0)


def _equity(growth: Floats) -> list[float]:
    return [1.0, *np.cumprod(growth).tolist()]
