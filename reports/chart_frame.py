"""Geometry of a price chart: layouts, coordinates, axes' ticks and places of labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import floor, log10

TOP, PRICE, GAP, VOLUME, FOOT = 16, 320, 34, 70, 26
BOTTOM = TOP + PRICE + GAP + VOLUME
HEIGHT = BOTTOM + FOOT
TAG_STEP = 21


@dataclass(frozen=True, slots=True)
class ChartLayout:
    """Width of a chart and of its margins, in pixels, and the number of bars that it shows.

    `short` selects the short labels of levels; `css` is the class of the drawing.
    """

    width: int
    left: int
    right: int
    bars: int
    css: str
    short: bool = False
    tag: int = 18

    @property
    def edge(self) -> int:
        """Return the x coordinate of the panes' right edge."""
        return self.width - self.right


WIDE = ChartLayout(width=1040, left=58, right=190, bars=120, css="wide")
NARROW = ChartLayout(width=346, left=46, right=116, bars=60, css="narrow", short=True)


@dataclass(frozen=True, slots=True)
class Frame:
    """Coordinates of bars and prices on the canvas; `low` and `high` are the prices at the edges of the price pane."""

    count: int
    low: float
    high: float
    layout: ChartLayout = WIDE

    @property
    def slot(self) -> float:
        """Return the width available for one bar."""
        return (self.layout.edge - self.layout.left) / max(self.count, 20)

    @property
    def left(self) -> int:
        """Return the x coordinate of the panes' left edge."""
        return self.layout.left

    @property
    def right(self) -> float:
        """Return the x coordinate of the panes' right edge."""
        return self.layout.edge

    def x(self, place: int) -> float:
        """Return the x coordinate of the centre of the bar at index `place`; the last bar is at the right edge."""
        return self.right - (self.count - place - 0.5) * self.slot

    def y(self, price: float) -> float:
        """Return the y coordinate of `price`, clipped to the price pane."""
        share = (price - self.low) / (self.high - self.low)
        return TOP + PRICE * (1 - max(0.0, min(1.0, share)))


def ticks(low: float, high: float, about: int = 6) -> tuple[float, ...]:
    """Return round numbers between `low` and `high`, in steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = floor(low / step) + 1
    return tuple(step * place for place in range(first, floor(high / step) + 1))


def dates(sessions: Sequence[date], about: int = 9) -> tuple[tuple[int, str], ...]:
    """Return the positions and labels of the date axis: the first session of a month, or every few sessions."""
    turns = [place + 1 for place, (a, b) in enumerate(pairwise(sessions)) if a.month != b.month]
    if len(turns) < 2:
        step = max(1, len(sessions) // min(6, about))
        return tuple(
            (place, f"{sessions[place].day} {sessions[place]:%b %Y}") for place in range(0, len(sessions), step)
        )
    kept = turns[:: max(1, -(-len(turns) // about))]
    years = {sessions[place].year for place in kept}
    first = {min(place for place in kept if sessions[place].year == year) for year in years}
    return tuple((place, f"{sessions[place]:%b %Y}" if place in first else f"{sessions[place]:%b}") for place in kept)


def separate_labels(heights: Sequence[float]) -> tuple[float, ...]:
    """Return label positions that do not overlap, within the pane; `heights` and the result are in ascending order."""
    placed: list[float] = []
    for y in heights:
        placed.append(max(y, placed[-1] + TAG_STEP) if placed else max(y, TOP + 0.0))
    end = TOP + PRICE + GAP + VOLUME + 0.0
    for place in range(len(placed) - 1, -1, -1):
        placed[place] = min(placed[place], end)
        end = placed[place] - TAG_STEP
    return tuple(placed)
