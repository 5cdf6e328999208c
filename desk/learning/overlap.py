"""The share of each outcome's time that no earlier outcome covers."""

from collections.abc import Iterable
from datetime import datetime

Span = tuple[datetime, datetime]


def non_overlapping_share(spans: Iterable[Span]) -> list[float]:
    """Return the share (0 to 1) of each span that lies in none of the spans before it."""
    covered = list[Span]()
    shares = []
    for start, end in spans:
        shares.append(_uncovered(start, end, covered))
        covered = _with(start, end, covered)
    return shares


def _uncovered(start: datetime, end: datetime, covered: Iterable[Span]) -> float:
    whole = (end - start).total_seconds()
    if whole <= 0:
        return 0.0
    shared = sum(max(0.0, (min(end, last) - max(start, first)).total_seconds()) for first, last in covered)
    return 1 - shared / whole


def _with(start: datetime, end: datetime, covered: Iterable[Span]) -> list[Span]:
    """Return the union of the disjoint spans `covered` and the new span, as disjoint spans."""
    apart = list[Span]()
    for first, last in covered:
        if last < start or first > end:
            apart.append((first, last))
        else:
            start, end = min(start, first), max(end, last)
    return [*apart, (start, end)]
