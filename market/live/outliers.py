"""Bars that stand out so far from their neighbours that a slip of the vendor is likelier than the market."""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from ...domain.errors import InvalidData
from ...domain.market import Bar, Split
from ..archive.row_identity import decode_cells
from ..archive.store import Archive
from ..archive.tables import select_owner
from ..folder.layout import DatasetKind

FACTOR = 2.0
"""A close of so many times both its neighbours, or of one in so many, is not believed on one vendor's word."""
AGREE = Decimal("0.02")
"""Two vendors confirm each other where their closes differ by no more than this share."""


def find_outliers(bars: Sequence[Bar], splits: Sequence[Split]) -> tuple[Bar, ...]:
    """Return the bars that stand out, `bars` being daily and raw, oldest first.

    A bar is held against the one before and the one after it; the last one, which has none after it, against the two
    before. Closes are compared in shares of one size, so that a split does not stand out.
    """
    closes = [math.log(float(bar.close)) + _growth(splits, bar.session) for bar in bars]
    return tuple(bars[place] for place in _outliers(closes))


def is_confirmed(bar: Bar, closes: Sequence[Decimal]) -> bool:
    """Say whether one of `closes`, what other vendors say of the same bar, agrees with it."""
    return any(abs(close / bar.close - 1) <= AGREE for close in closes)


def last_gap_index(bars: Sequence[Bar], sessions: Sequence[date], max_length: int) -> int:
    """Return the place of the first bar after the last gap of more than `longest` sessions, 0 where there is none.

    A ticker that was silent for so long is not the same listing: it was given to somebody else.
    """
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
    """Return the logarithm of what one share of the last day is in shares of `session`, the other way round."""
    return -sum(math.log(float(split.ratio)) for split in splits if split.ex_date > session)


def closes_of_others(archive: Archive, kind: DatasetKind, bar: Bar) -> list[Decimal]:
    """Return the closes that other vendors give for the session of `bar`."""
    rows = archive.rows(kind, bar.symbol)
    own = {held.number for held in select_owner(rows)}
    cells = [decode_cells(held.cells) for held in rows if held.number not in own]
    return [Decimal(str(each["close"])) for each in cells if each["date"] == bar.session.isoformat()]


def unconfirmed(kind: DatasetKind, bar: Bar, asked: str) -> InvalidData:
    """Return the error for a bar that stands out and that no second vendor confirms; `asked` names the vendors."""
    return InvalidData(
        f"{bar.origin} {kind}",
        None,
        f"the close {bar.close} of {bar.symbol} on {bar.session} stands out from its neighbours, no split explains "
        f"it, and no second vendor confirms it ({asked})",
    )
