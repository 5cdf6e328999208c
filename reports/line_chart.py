"""Charts of values by session as inline SVG: lines, or one line with the area to zero. CSS sets the colours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from .chart_frame import ticks

TOP, FOOT = 12, 26
LABEL_STEP = 15
MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line: its label, its CSS class, and one value per session."""

    label: str
    role: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class LineLayout:
    """Width of a drawing and of its margins in pixels, the number of dates, and the CSS class of the drawing."""

    width: int = 1040
    left: int = 70
    right: int = 120
    dates: int = 6
    css: str = ""


PAGE_WIDE = LineLayout()
"""One drawing for every screen."""

SCREENS = (LineLayout(css=" wide"), LineLayout(width=390, left=62, right=112, dates=3, css=" narrow"))
"""Two drawings of which CSS shows one: for wide and for narrow screens."""


@dataclass(frozen=True, slots=True)
class _Pane:
    count: int
    low: float
    high: float
    height: int
    layout: LineLayout

    @property
    def edge(self) -> int:
        """Return the x coordinate of the right edge."""
        return self.layout.width - self.layout.right

    def x(self, place: int) -> float:
        """Return the x coordinate of a session."""
        left = self.layout.left
        return left + (self.edge - left) * place / max(self.count - 1, 1)

    def y(self, value: float) -> float:
        """Return the y coordinate of a value."""
        return TOP + self.height * (self.high - value) / (self.high - self.low)


def line_chart(
    title: str,
    sessions: Sequence[date],
    lines: Sequence[ChartLine],
    *,
    height: int,
    percent: bool,
    filled: bool = False,
    layout: LineLayout = PAGE_WIDE,
) -> str:
    """Draw `lines` over `sessions`; with `filled`, the area between the first line and zero is filled too.

    A single session is drawn as a point. Returns an empty text without sessions.
    """
    if not sessions:
        return ""
    values = [value for line in lines for value in line.values] + ([0.0] if filled else [])
    low, high = min(values), max(values)
    margin = (high - low) * 0.04 or abs(high) * 0.01 or 1.0
    pane = _Pane(len(sessions), low - margin, high + margin, height, layout)
    label = escape(f"{title}, {sessions[0]} to {sessions[-1]}", quote=True)
    size = f"0 0 {layout.width} {TOP + height + FOOT}"
    head = f'<svg class="chart{layout.css}" viewBox="{size}" role="img" aria-label="{label}">'
    area = list(_area(pane, lines[0])) if filled else []
    return "\n".join([head, *_axes(pane, sessions, percent), *area, *_lines(pane, lines), "</svg>"])


def _labels(marks: Sequence[float], *, percent: bool) -> Sequence[str]:
    """Return the labels of an axis, with as many decimals as keep them apart."""
    shown: list[str] = []
    for decimals in range(int(percent), MOST_DECIMALS + 1):
        shown = [f"{mark * 100:+.{decimals}f} %" if percent else f"{mark:,.{decimals}f}" for mark in marks]
        if len(set(shown)) == len(shown):
            break
    return shown


def _axes(pane: _Pane, sessions: Sequence[date], percent: bool) -> Iterator[str]:
    marks = ticks(pane.low, pane.high, 5)
    for mark, shown in zip(marks, _labels(marks, percent=percent), strict=True):
        y = pane.y(mark)
        yield f'<path class="grid" d="M{pane.layout.left} {y:.1f}H{pane.edge}"/>'
        yield f'<text class="axis" x="{pane.layout.left - 8}" y="{y + 4:.1f}" text-anchor="end">{shown}</text>'
    bottom = TOP + pane.height
    for place in range(0, len(sessions), max(1, -(-len(sessions) // pane.layout.dates))):
        day = sessions[place]
        text = f"{day.day} {day:%b %Y}"
        yield f'<text class="axis" x="{pane.x(place):.1f}" y="{bottom + 18}" text-anchor="middle">{text}</text>'


def _area(pane: _Pane, line: ChartLine) -> Iterator[str]:
    zero = pane.y(0.0)
    yield (
        f'<path class="area {line.role}" d="M{pane.x(0):.1f} {zero:.1f}L{_path(pane, line.values)}'
        f'L{pane.x(len(line.values) - 1):.1f} {zero:.1f}Z"/>'
    )


def _lines(pane: _Pane, lines: Sequence[ChartLine]) -> Iterator[str]:
    heights = _separated(pane, [pane.y(line.values[-1]) for line in lines])
    for line, height in zip(lines, heights, strict=True):
        if len(line.values) == 1:
            yield f'<circle class="dot {line.role}" cx="{pane.layout.left}" cy="{pane.y(line.values[0]):.1f}" r="3"/>'
        else:
            yield f'<path class="line {line.role}" d="M{_path(pane, line.values)}"/>'
        x = pane.edge + 8
        yield f'<text class="name {line.role}" x="{x}" y="{height + 4:.1f}">{escape(line.label)}</text>'


def _separated(pane: _Pane, heights: Sequence[float]) -> Sequence[float]:
    """Return label heights at least LABEL_STEP apart, in the order of `heights`, moved up where the pane ends.

    If labels do not fit above the lowest of them, all are moved down until the highest is inside the pane.
    """
    placed = dict[int, float]()
    limit = TOP + pane.height - 4.0
    for place in sorted(range(len(heights)), key=lambda each: -heights[each]):
        placed[place] = min(heights[place], limit)
        limit = placed[place] - LABEL_STEP
    room = max(0.0, TOP - min(placed.values()))
    return [placed[place] + room for place in range(len(heights))]


def _path(pane: _Pane, values: Sequence[float]) -> str:
    return "L".join(f"{pane.x(place):.1f} {pane.y(value):.1f}" for place, value in enumerate(values))
