"""Back-adjustment of prices for splits and dividends with an ex-date up to the last bar."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from ..domain.errors import InvalidData
from ..domain.market import Bar, Dividend, Split

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedSeries:
    """Adjusted bars as parallel read-only float arrays of shape (n,), oldest first; the last row is unadjusted.

    Prices are in quote currency per share. `volume` is in shares on the split basis of the last session.
    """

    sessions: tuple[date, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.sessions)


@dataclass(frozen=True, slots=True, eq=False)
class BarColumns:
    """Unadjusted bars and their values as float arrays of shape (5, n): open, high, low, close, volume."""

    bars: tuple[Bar, ...]
    values: Floats


def bar_columns(bars: tuple[Bar, ...], before: BarColumns | None = None) -> BarColumns:
    """Return the columns of `bars`. Those of `before` are reused for the bars that both have in common.

    Reuse needs `bars` to be those of `before` without some of the oldest ones, followed by newer ones.
    """
    if before is not None and bars and (common := _overlap(before.bars, bars)):
        fresh = _values(bars[common:])
        return BarColumns(bars, np.concatenate([before.values[:, len(before.bars) - common :], fresh], axis=1))
    return BarColumns(bars, _values(bars))


def _overlap(before: tuple[Bar, ...], bars: tuple[Bar, ...]) -> int:
    """Return how many of the last bars `before` are the first of `bars`, in the same order; 0 if they do not match."""
    start = bisect_left(before, bars[0].session, key=lambda bar: bar.session)
    common = len(before) - start
    return common if 0 < common <= len(bars) and before[start:] == bars[:common] else 0


def _values(bars: Sequence[Bar]) -> Floats:
    rows = [(float(bar.open), float(bar.high), float(bar.low), float(bar.close), float(bar.volume)) for bar in bars]
    return np.array(rows, dtype=np.float64).reshape(len(bars), 5).T.copy()


def adjust_bars(
    bars: Sequence[Bar],
    splits: Sequence[Split],
    dividends: Sequence[Dividend],
    columns: BarColumns | None = None,
) -> AdjustedSeries:
    """Return `bars` (one symbol, oldest first) adjusted for all splits and dividends up to the last bar.

    Every price before an ex-date is multiplied by a factor: 1 / ratio for a split, and 1 - D / P for a dividend D
    and the last close P before its ex-date (price factors of the CRSP Data Descriptions Guide, "Adjusted Data"). The
    close-to-close change over an ex-date is then the total return. Volume is multiplied by the split ratio. A spin-off
    given as a fractional ratio is treated as a split. An ex-date after the last bar has no effect. An ex-date on or
    before the first bar has no earlier price to adjust. `columns`, if given, are those of `bars`.

    Raises:
        InvalidData: a dividend is negative or not smaller than the close before it, or a ratio is not positive.
    """
    sessions = tuple(bar.session for bar in bars)
    shares = _share_factors(sessions, splits)
    prices = _dividend_factors(bars, splits, dividends) / shares
    raw = _values(bars) if columns is None else columns.values
    adjusted = (*(raw[place] * prices for place in range(4)), raw[4] * shares)
    for column in adjusted:
        column.setflags(write=False)
    return AdjustedSeries(sessions, *adjusted)


def _share_factors(sessions: Sequence[date], splits: Sequence[Split]) -> Floats:
    """Return, for each session, the number of shares at the last session that one share has become."""
    factors = np.ones(len(sessions))
    for split in splits:
        if split.ratio <= 0:
            raise InvalidData("splits", None, f"{split.symbol} has a ratio of {split.ratio} on {split.ex_date}")
        if sessions and split.ex_date <= sessions[-1]:
            factors[: bisect_left(sessions, split.ex_date)] *= float(split.ratio)
    return factors


def _dividend_factors(bars: Sequence[Bar], splits: Sequence[Split], dividends: Sequence[Dividend]) -> Floats:
    """Return, for each bar, the product of 1 - D / P over all later ex-dates; D sums all dividends of one ex-date."""
    sessions = [bar.session for bar in bars]
    factors = np.ones(len(bars))
    paid: defaultdict[date, float] = defaultdict(float)
    for dividend in dividends:
        paid[dividend.ex_date] += float(dividend.amount)
    for ex_date, amount in paid.items():
        place = bisect_left(sessions, ex_date)
        if not place or ex_date > sessions[-1]:
            continue
        last_close = _close_on_basis(bars[place - 1], ex_date, splits)
        if not 0 <= amount < last_close:
            reason = f"{bars[0].symbol} pays {amount:g} on {ex_date} after a close of {last_close:g}"
            raise InvalidData("dividends", None, reason)
        factors[:place] *= 1 - amount / last_close
    return factors


def _close_on_basis(bar: Bar, ex_date: date, splits: Sequence[Split]) -> float:
    """Return the close of `bar` on the split basis of `ex_date`."""
    ratios = [float(split.ratio) for split in splits if bar.session < split.ex_date <= ex_date]
    return float(bar.close) / float(np.prod(ratios))
