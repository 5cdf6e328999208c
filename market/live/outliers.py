"""Detection of outlier bars, which are more likely vendor errors than market moves."""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ...domain.errors import InvalidData
from ...domain.market import Bar, Split
from ...domain.trading_calendar import TradingCalendar
from ..archive.row_identity import decode_cells
from ..archive.store import Archive
from ..archive.tables import select_owner
from ..folder.layout import DatasetKind

FACTOR = 2.0
"""A close of more than FACTOR times both neighbours, or less than 1 / FACTOR of both, needs a second vendor."""
AGREE = Decimal("0.02")
"""Maximum relative difference of two closes that confirm each other."""


def find_outliers(bars: Sequence[Bar], splits: Sequence[Split]) -> tuple[Bar, ...]:
    """Return the outliers among `bars` (daily, unadjusted, oldest first).

    A bar is compared with the bars before and after it; the last bar with the two before it. Closes are compared on one
    split basis, so that a split is not an outlier.
    """
    closes = [math.log(float(bar.close)) + _growth(splits, bar.session) for bar in bars]
    return tuple(bars[place] for place in _outliers(closes))


def is_confirmed(bar: Bar, closes: Sequence[Decimal]) -> bool:
    """Return whether one of `closes`, reported by other vendors for the same bar, agrees with it."""
    return any(abs(close / bar.close - 1) <= AGREE for close in closes)


def last_gap(bars: Sequence[Bar], calendar: TradingCalendar, max_length: int) -> int:
    """Return the index of the first bar after the last gap of more than `max_length` sessions, 0 if there is none.

    After such a gap the ticker is considered reassigned to another listing.
    """
    if not bars:
        return 0
    sessions = calendar.between(bars[0].session, bars[-1].session)
    place = {day: number for number, day in enumerate(sessions)}
    last = 0
    for number, (before, after) in enumerate(pairwise(bars), start=1):
        if place.get(after.session, 0) - place.get(before.session, 0) > max_length:
            last = number
    return last


def _outliers(closes: Sequence[float]) -> Iterator[int]:
    step = math.log(FACTOR)
    for place in range(1, len(closes) - 1):
        rise, fall = closes[place] - closes[place - 1], closes[place] - closes[place + 1]
        if min(rise, fall) > step or max(rise, fall) < -step:
            yield place
    if len(closes) > 2:
        moves = closes[-1] - closes[-2], closes[-1] - closes[-3]
        if min(moves) > step or max(moves) < -step:
            yield len(closes) - 1


def _growth(splits: Sequence[Split], session: date) -> float:
    """Return minus the log of the product of later split ratios: the log factor that puts a close on the last basis."""
    return -sum(math.log(float(split.ratio)) for split in splits if split.ex_date > session)


def closes_of_others(archive: Archive, kind: DatasetKind, bar: Bar) -> list[Decimal]:
    """Return the archived closes of other vendors for the session of `bar`."""
    rows = archive.rows(kind, bar.symbol)
    own = {held.number for held in select_owner(rows)}
    cells = [decode_cells(held.cells) for held in rows if held.number not in own]
    return [Decimal(str(each["close"])) for each in cells if each["date"] == bar.session.isoformat()]


def unconfirmed(kind: DatasetKind, bar: Bar, asked: str) -> InvalidData:
    """Return the error for an outlier that no second vendor confirms; `asked` lists the queried vendors."""
    return InvalidData(
        f"{bar.origin} {kind}",
        None,
        f"the close {bar.close} of {bar.symbol} on {bar.session} stands out from its neighbours, no split explains "
        f"it, and no second vendor confirms it ({asked})",
    )
