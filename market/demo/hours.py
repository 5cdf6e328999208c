"""Hourly bars of one session of the demo market, which aggregate exactly to its daily bar.

The path between open and close is a Brownian bridge in the range of the day, drawn from a stream of its own per ticker
and session. So one session can be generated alone, and daily data does not depend on it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from ...domain.market import Bar
from .random_streams import random_stream

HOUR = timedelta(hours=1)
WANDER = 0.35
"""Standard deviation of a bridge over the whole session before it is tied to the close, as a share of the range."""
REACH = 0.12
"""Mean reach of an hour's high and low beyond its open and close, as a share of the day's range, times 1.25."""
MIDDAY, EDGES = 1.0, 0.9
"""Relative volume of an hour at midday, and the increase towards open and close (the U shape of intraday volume)."""


def hourly_bars(day: Bar, close: datetime, seed: int) -> tuple[Bar, ...]:
    """Return the bars that start at the open of `day` and every hour after it; the last one ends at `close`.

    Their first open, highest high, lowest low, last close and total volume are those of `day`. Each opens at the close
    of the one before. `day` has prices in whole cents and a whole volume.
    """
    starts = _starts(day.start, close)
    draws = random_stream(seed, day.symbol, "hours", day.session.isoformat()).standard_normal((len(starts), 4)).tolist()
    marks = _path(day, [row[0] for row in draws])
    highs, lows = _extremes(day, marks, draws)
    volumes = _volumes(int(day.volume), [row[3] for row in draws])
    rows = zip(starts, pairwise(marks), highs, lows, volumes, strict=True)
    return tuple(
        Bar(
            symbol=day.symbol,
            session=day.session,
            start=start,
            known_at=min(start + HOUR, close),
            open=_dollars(opened),
            high=_dollars(high),
            low=_dollars(low),
            close=_dollars(closed),
            volume=Decimal(volume),
        )
        for start, (opened, closed), high, low, volume in rows
    )


def _starts(start: datetime, close: datetime) -> Sequence[datetime]:
    count = -((start - close) // HOUR)
    return [start + number * HOUR for number in range(count)]


def _path(day: Bar, noise: Sequence[float]) -> list[int]:
    """Return the prices in cents at the start of each hour and at the close, within the range of the day."""
    opened, high, low, closed = (_cents(price) for price in (day.open, day.high, day.low, day.close))
    count, span = len(noise), (high - low) * WANDER
    walk = [0.0, *accumulate(step * span / count**0.5 for step in noise)]
    inner = [round(opened + (closed - opened - walk[-1]) * number / count + walk[number]) for number in range(1, count)]
    return [opened, *(min(max(price, low), high) for price in inner), closed]


def _extremes(day: Bar, marks: Sequence[int], draws: Sequence[Sequence[float]]) -> tuple[Sequence[int], Sequence[int]]:
    """Return the high and low of each hour in cents; the hours that reach furthest have those of the day."""
    high, low = _cents(day.high), _cents(day.low)
    reach = (high - low) * REACH
    tops = [max(ends) + abs(row[1]) * reach for ends, row in zip(pairwise(marks), draws, strict=True)]
    bottoms = [min(ends) - abs(row[2]) * reach for ends, row in zip(pairwise(marks), draws, strict=True)]
    highs, lows = [min(int(top), high) for top in tops], [max(-int(-bottom), low) for bottom in bottoms]
    highs[tops.index(max(tops))], lows[bottoms.index(min(bottoms))] = high, low
    return highs, lows


def _volumes(total: int, noise: Sequence[float]) -> list[int]:
    """Return the shares traded in each hour: more at the edges of the session; rounded down but for the last hour."""
    count = len(noise)
    middle = (count - 1) / 2 or 1.0
    weights = [
        (MIDDAY + EDGES * ((number - middle) / middle) ** 2) * (1 + 0.15 * max(-2.0, min(2.0, draw)))
        for number, draw in enumerate(noise)
    ]
    limits = [0, *(min(total, int(total * part / sum(weights))) for part in accumulate(weights))]
    limits[-1] = total
    return [end - start for start, end in pairwise(limits)]


def _cents(price: Decimal) -> int:
    return int(price.scaleb(2))


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
