"""Bars that are withheld: a price far beyond the last accepted one, which nothing recorded explains.

Vendors mix up units (pence and pounds, a hundredfold price) for one bar, for a few, or for good. Such a bar is judged
by earlier bars alone, so that nothing later decides about it: it is withheld while its high or low lies beyond 20 times
the last accepted close. A split that is recorded between the two explains a jump of its ratio, and a person can accept
a jump by its ticker and date.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...domain.market import Bar, Split

MAX_JUMP = 20
"""A price above so many times the last accepted close, or below one in so many of it, is a jump."""
Accepts = Callable[[Bar], bool]


@dataclass(frozen=True, slots=True)
class WithheldBar:
    """A bar that is not served, and the last accepted bar, by which it was judged."""

    bar: Bar
    last: Bar

    @property
    def reason(self) -> str:
        """Return the ratio of the bar's price to the last accepted close, in words."""
        price = self.bar.high if self.bar.high > self.last.close * MAX_JUMP else self.bar.low
        ratio = price / self.last.close
        factor = f"{ratio:.4g} times" if ratio > 1 else f"1/{1 / ratio:.4g} of"
        return (
            f"{self.bar.symbol} on {self.bar.session} traded at {price}, {factor} the last accepted close "
            f"{self.last.close} of {self.last.session}, and no split explains it"
        )


def is_jump(before: object, after: object) -> bool:
    """Return whether two bars that follow each other lie so far apart that one of them may have to be withheld."""
    return isinstance(before, Bar) and isinstance(after, Bar) and _is_beyond(before.close, after)


def judge(
    bars: Sequence[Bar], splits: Sequence[Split], accepts: Accepts
) -> tuple[tuple[Bar, ...], tuple[WithheldBar, ...]]:
    """Return the bars to serve and those to withhold; `bars` are raw, oldest first, and the first one is accepted."""
    served: list[Bar] = []
    withheld: list[WithheldBar] = []
    for bar in bars:
        if not served or accepts(bar) or _is_explained(served[-1], bar, splits):
            served.append(bar)
        else:
            withheld.append(WithheldBar(bar, served[-1]))
    return tuple(served), tuple(withheld)


def blocks(withheld: Sequence[WithheldBar]) -> Iterator[tuple[WithheldBar, int]]:
    """Yield the first bar of each row of bars that were judged by the same accepted one, and how many there are."""
    start = 0
    for place, each in enumerate(withheld):
        if place + 1 == len(withheld) or withheld[place + 1].last is not each.last:
            yield withheld[start], place + 1 - start
            start = place + 1


def _is_explained(last: Bar, bar: Bar, splits: Sequence[Split]) -> bool:
    if not _is_beyond(last.close, bar):
        return True
    between = (split.ratio for split in splits if last.session < split.ex_date <= bar.session)
    return not _is_beyond(last.close / math.prod(between, start=Decimal(1)), bar)


def _is_beyond(close: Decimal, bar: Bar) -> bool:
    return bar.high > close * MAX_JUMP or bar.low * MAX_JUMP < close
