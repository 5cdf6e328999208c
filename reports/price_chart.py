"""A candlestick chart with volume, averages, events and order levels, as inline SVG. CSS sets the colours."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from math import ceil, floor, log10

from ..domain.decision import PositionSnapshot
from ..domain.market import Bar
from ..domain.orders import Order
from ..domain.text import strip_control
from .chart_frame import BOTTOM, HEIGHT, TOP, VOLUME, WIDE, ChartLayout, Frame, dates, separate_labels, ticks
from .chart_levels import Level, LevelRole, levels, position_levels
from .chart_overlays import averages, markers
from .report_facts import ChartMarker

VOLUME_PERCENTILE = 0.98
MAX_TAGS = 20
SHORT = {
    LevelRole.ENTRY: "Entry",
    LevelRole.TARGET: "Target",
    LevelRole.STOP: "Stop",
    LevelRole.LAST: "Last",
    LevelRole.COST: "Cost",
}


def chart(
    bars: Sequence[Bar],
    orders: Sequence[Order],
    position: PositionSnapshot | None = None,
    events: Sequence[ChartMarker] = (),
    layout: ChartLayout = WIDE,
) -> str:
    """Draw the last bars with the levels of `orders` and `position`; empty without bars.

    Earlier bars are used for the averages. `events` before the drawn sessions are left out.
    """
    if not (shown := bars[-layout.bars :]):
        return ""
    marks = chart_levels(orders, position, shown[-1].close)
    frame = _frame(shown, marks, layout)
    parts = [*_price_axis(frame), *_date_axis(shown, frame), *_volumes(shown, frame), *_candles(shown, frame)]
    parts += averages(bars, shown, frame)
    parts += markers(events, shown, frame)
    parts += _levels(marks, frame)
    label = escape(strip_control(f"{shown[-1].symbol}, daily bars from {shown[0].session} to {shown[-1].session}"))
    head = f'<svg class="chart {layout.css}" viewBox="0 0 {layout.width} {HEIGHT}" role="img" aria-label="{label}">'
    return "\n".join([head, *parts, "</svg>"])


def chart_levels(orders: Sequence[Order], position: PositionSnapshot | None, last_close: Decimal) -> tuple[Level, ...]:
    """Return the levels to draw, at most 20; of the others, those farthest from the last close are left out."""
    found = (*levels(orders, last_close), *position_levels(position, last_close))
    return tuple(sorted(found, key=lambda level: abs(level.price - last_close))[:MAX_TAGS])


def _frame(bars: Sequence[Bar], marks: Sequence[Level], layout: ChartLayout) -> Frame:
    """Return a frame that fits the bars, and the levels that are within one price range of them."""
    low, high = min(float(bar.low) for bar in bars), max(float(bar.high) for bar in bars)
    reach = (high - low) or high * 0.02
    near = [float(mark.price) for mark in marks if low - reach <= mark.price <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.05 * ((high - low) or reach)
    return Frame(len(bars), max(low - margin, 0.0), high + margin, layout)


def _price_axis(frame: Frame) -> Iterator[str]:
    marks = ticks(frame.low, frame.high)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    places = max(0, -floor(log10(step) + 1e-9))
    for price in marks:
        y = frame.y(price)
        yield f'<path class="grid" d="M{frame.left} {y:.1f}H{frame.right:.1f}"/>'
        yield f'<text class="axis" x="{frame.left - 8}" y="{y + 4:.1f}" text-anchor="end">{price:,.{places}f}</text>'


def _date_axis(bars: Sequence[Bar], frame: Frame) -> Iterator[str]:
    for place, label in dates([bar.session for bar in bars], 4 if frame.layout.short else 9):
        x = frame.x(place)
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{BOTTOM}"/>'
        yield f'<text class="axis" x="{x:.1f}" y="{BOTTOM + 18}" text-anchor="middle">{label}</text>'


def _volumes(bars: Sequence[Bar], frame: Frame) -> Iterator[str]:
    limit = volume_limit([float(bar.volume) for bar in bars])
    if limit <= 0:
        return
    width = frame.slot * 0.68
    for place, bar in enumerate(bars):
        tall = VOLUME * min(float(bar.volume) / limit, 1.0)
        css = f"volume {_direction(bar)}{' capped' if float(bar.volume) > limit else ''}"
        corner = f'x="{frame.x(place) - width / 2:.1f}" y="{BOTTOM - tall:.1f}"'
        yield f'<rect class="{css}" {corner} width="{width:.1f}" height="{tall:.1f}"/>'
    yield f'<path class="base" d="M{frame.left} {BOTTOM}H{frame.right:.1f}"/>'
    top = BOTTOM - VOLUME + 9
    yield f'<text class="axis" x="{frame.left - 8}" y="{top}" text-anchor="end">{abbreviate(limit)}</text>'
    yield f'<text class="axis" x="{frame.left - 8}" y="{BOTTOM}" text-anchor="end">Vol</text>'


def volume_limit(volumes: Sequence[float]) -> float:
    """Return the volume at the top of the pane: the 98th percentile (nearest rank) of those above zero; 0 if none."""
    traded = sorted(volume for volume in volumes if volume > 0)
    return traded[ceil(VOLUME_PERCENTILE * len(traded)) - 1] if traded else 0.0


def _candles(bars: Sequence[Bar], frame: Frame) -> Iterator[str]:
    width = min(frame.slot * 0.68, 12.0)
    for place, bar in enumerate(bars):
        x, top, bottom = frame.x(place), frame.y(float(bar.high)), frame.y(float(bar.low))
        ends = sorted((frame.y(float(bar.open)), frame.y(float(bar.close))))
        body = f'x="{x - width / 2:.1f}" y="{ends[0]:.1f}" width="{width:.1f}" height="{max(ends[1] - ends[0], 1):.1f}"'
        prices = f"O {bar.open:f}  H {bar.high:f}  L {bar.low:f}  C {bar.close:f}"
        title = f"{bar.session}  {prices}  V {abbreviate(float(bar.volume))}"
        wick = f"M{x:.1f} {top:.1f}V{bottom:.1f}"
        yield f'<g class="{_direction(bar)}"><title>{title}</title><path d="{wick}"/><rect {body}/></g>'


def _levels(marks: Sequence[Level], frame: Frame) -> Iterator[str]:
    layout, ordered = frame.layout, sorted(marks, key=lambda mark: -mark.price)
    heights = [frame.y(float(mark.price)) for mark in ordered]
    inset = 4 if layout.short else 7
    for mark, y, tag in zip(ordered, heights, separate_labels(heights), strict=True):
        edge, text = frame.right + 10, tag + 4
        css = f"level {mark.role}{' resting' if mark.resting else ''}"
        yield f'<g class="{css}"><path d="M{frame.left} {y:.1f}H{frame.right:.1f}L{edge:.1f} {tag:.1f}"/>'
        yield f'<rect x="{edge:.1f}" y="{tag - 9:.1f}" width="{layout.right - 12}" height="18" rx="3"/>'
        yield f'<text x="{edge + inset:.1f}" y="{text:.1f}">{_label(mark, layout)}</text>'
        price = _price(mark.price) + _off(mark, frame)
        yield f'<text x="{layout.width - 2 - inset}" y="{text:.1f}" text-anchor="end">{price}</text></g>'


def _label(mark: Level, layout: ChartLayout) -> str:
    return SHORT[mark.role] if layout.short else mark.label


def _off(mark: Level, frame: Frame) -> str:
    if mark.price > frame.high:
        return " ↑"
    return " ↓" if mark.price < frame.low else ""


def _price(price: Decimal) -> str:
    return f"{price:,.2f}" if price >= 1 else f"{price:.4g}"


def abbreviate(number: float) -> str:
    """Return a number in short form: 12.3M."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return f"{number:.0f}"


def _direction(bar: Bar) -> str:
    return "up" if bar.close >= bar.open else "down"
