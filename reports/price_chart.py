"""A candlestick chart with volume and order levels, as inline SVG. CSS sets the colours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from html import escape
from itertools import pairwise
from math import floor, log10

from ..domain.market import Bar
from ..domain.orders import Order, OrderType
from ..domain.text import strip_control

BARS = 120
WIDTH, LEFT, RIGHT, TOP = 1040, 58, 152, 16
PRICE, GAP, VOLUME, FOOT = 320, 20, 70, 26
HEIGHT = TOP + PRICE + GAP + VOLUME + FOOT
TAG_STEP = 21


class LevelRole(StrEnum):
    """The role of a price level; also its CSS class."""

    ENTRY = "entry"
    TARGET = "target"
    STOP = "stop"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Level:
    """A price level of an order, or the last close."""

    role: LevelRole
    label: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Frame:
    """Coordinates of bars and prices on the canvas; `low` and `high` are the prices at the edges of the price pane."""

    count: int
    low: float
    high: float

    @property
    def slot(self) -> float:
        """Return the width available for one bar."""
        return (WIDTH - LEFT - RIGHT) / max(self.count, 20)

    @property
    def right(self) -> float:
        """Return the x coordinate of the panes' right edge."""
        return WIDTH - RIGHT

    def x(self, place: int) -> float:
        """Return the x coordinate of the centre of the bar at index `place`; the last bar is at the right edge."""
        return self.right - (self.count - place - 0.5) * self.slot

    def y(self, price: float) -> float:
        """Return the y coordinate of `price`, clipped to the price pane."""
        share = (price - self.low) / (self.high - self.low)
        return TOP + PRICE * (1 - max(0.0, min(1.0, share)))


def levels(orders: Sequence[Order], last_close: Decimal | None) -> tuple[Level, ...]:
    """Return the price levels of `orders` and the last close, without duplicates."""
    found = [level for order in orders for level in _waiting(order, last_close)]
    if last_close is not None:
        found.append(Level(LevelRole.LAST, "Last close", last_close))
    return tuple(dict.fromkeys(found))


def chart(bars: Sequence[Bar], orders: Sequence[Order]) -> str:
    """Draw the last 120 bars with the levels of `orders`; empty without bars."""
    if not (shown := bars[-BARS:]):
        return ""
    marks = levels(orders, shown[-1].close)
    frame = _frame(shown, marks)
    parts = [*_price_axis(frame), *_date_axis(shown, frame), *_volumes(shown, frame), *_candles(shown, frame)]
    parts += _levels(marks, frame)
    label = escape(strip_control(f"{shown[-1].symbol}, daily bars from {shown[0].session} to {shown[-1].session}"))
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    return "\n".join([head, *parts, "</svg>"])


def _waiting(order: Order, last_close: Decimal | None) -> Iterator[Level]:
    verb = order.action.capitalize()
    if order.limit_price is not None:
        yield Level(LevelRole.ENTRY if order.action.opens else LevelRole.TARGET, f"{verb} limit", order.limit_price)
    if order.stop_price is not None:
        yield Level(LevelRole.ENTRY if order.action.opens else LevelRole.STOP, f"{verb} stop", order.stop_price)
    if order.type is OrderType.TRAILING_STOP and order.trail is not None and last_close is not None:
        level = last_close + order.action.sign * order.trail
        yield Level(LevelRole.ENTRY if order.action.opens else LevelRole.STOP, f"{verb} trail", level)
    if order.take_profit is not None:
        yield Level(LevelRole.TARGET, "Take profit", order.take_profit.limit_price)
    if order.stop_loss is not None:
        trails = order.stop_loss.trail is not None
        yield Level(LevelRole.STOP, "Trailing stop loss" if trails else "Stop loss", order.stop_loss.stop_price)


def _frame(bars: Sequence[Bar], marks: Sequence[Level]) -> Frame:
    """Return a frame that fits the bars, and the levels that are within one price range of them."""
    low, high = min(float(bar.low) for bar in bars), max(float(bar.high) for bar in bars)
    reach = (high - low) or high * 0.02
    near = [float(mark.price) for mark in marks if low - reach <= mark.price <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.05 * ((high - low) or reach)
    return Frame(len(bars), max(low - margin, 0.0), high + margin)


def ticks(low: float, high: float, about: int = 6) -> tuple[float, ...]:
    """Return round numbers between `low` and `high`, in steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = floor(low / step) + 1
    return tuple(step * place for place in range(first, floor(high / step) + 1))


def _price_axis(frame: Frame) -> Iterator[str]:
    marks = ticks(frame.low, frame.high)
    step = marks[1] - marks[0] if len(marks) > 1 else 1.0
    places = max(0, -floor(log10(step) + 1e-9))
    for price in marks:
        y = frame.y(price)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{frame.right:.1f}"/>'
        yield f'<text class="axis" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{price:,.{places}f}</text>'


def _date_axis(bars: Sequence[Bar], frame: Frame) -> Iterator[str]:
    bottom = TOP + PRICE + GAP + VOLUME
    for place, label in dates([bar.session for bar in bars]):
        x = frame.x(place)
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>'
        yield f'<text class="axis" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'


def dates(sessions: Sequence[date]) -> tuple[tuple[int, str], ...]:
    """Return the positions and labels of the date axis: the first session of a month, or every few sessions."""
    turns = [place + 1 for place, (a, b) in enumerate(pairwise(sessions)) if a.month != b.month]
    if len(turns) < 2:
        step = max(1, len(sessions) // 6)
        return tuple(
            (place, f"{sessions[place].day} {sessions[place]:%b %Y}") for place in range(0, len(sessions), step)
        )
    kept = turns[:: max(1, len(turns) // 9)]
    years = {sessions[place].year for place in kept}
    first = {min(place for place in kept if sessions[place].year == year) for year in years}
    return tuple((place, f"{sessions[place]:%b %Y}" if place in first else f"{sessions[place]:%b}") for place in kept)


def _volumes(bars: Sequence[Bar], frame: Frame) -> Iterator[str]:
    limit, floor_y = max(float(bar.volume) for bar in bars), TOP + PRICE + GAP + VOLUME
    if limit <= 0:
        return
    width = frame.slot * 0.68
    for place, bar in enumerate(bars):
        tall = VOLUME * float(bar.volume) / limit
        corner = f'x="{frame.x(place) - width / 2:.1f}" y="{floor_y - tall:.1f}"'
        yield f'<rect class="volume {_direction(bar)}" {corner} width="{width:.1f}" height="{tall:.1f}"/>'
    yield f'<path class="base" d="M{LEFT} {floor_y}H{frame.right:.1f}"/>'
    yield f'<text class="axis" x="{LEFT - 8}" y="{floor_y - VOLUME + 9}" text-anchor="end">{abbreviate(limit)}</text>'
    yield f'<text class="axis" x="{LEFT - 8}" y="{floor_y}" text-anchor="end">Vol</text>'


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
    ordered = sorted(marks, key=lambda mark: -mark.price)
    heights = [frame.y(float(mark.price)) for mark in ordered]
    for mark, y, tag in zip(ordered, heights, separate_labels(heights), strict=True):
        edge, text = frame.right + 10, tag + 4
        yield f'<g class="level {mark.role}"><path d="M{LEFT} {y:.1f}H{frame.right:.1f}L{edge:.1f} {tag:.1f}"/>'
        yield f'<rect x="{edge:.1f}" y="{tag - 9:.1f}" width="{RIGHT - 12}" height="18" rx="3"/>'
        yield f'<text x="{edge + 7:.1f}" y="{text:.1f}">{mark.label}</text>'
        price = _price(mark.price) + _off(mark, frame)
        yield f'<text x="{WIDTH - 8}" y="{text:.1f}" text-anchor="end">{price}</text></g>'


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
