"""Charts of an experiment that are not over time: differences with intervals, and calibration. CSS sets the colours."""

from collections.abc import Callable, Iterator, Sequence
from html import escape

from .chart_frame import ticks
from .experiment_view import ArmView, DifferenceView

ROW, TOP, FOOT = 30, 8, 24
SIDE, MARGIN = 260, 36


def interval_chart(differences: Sequence[DifferenceView], periods: float, *, width: int, left: int, css: str) -> str:
    """Draw each difference a year with its interval, and a line at zero; empty if none has an interval."""
    rows = [each for each in differences if each.low is not None and each.high is not None]
    if not rows:
        return ""
    ends = [value * periods for each in rows for value in (each.low or 0.0, each.high or 0.0)] + [0.0]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.06 or 0.01
    low, high = low - room, high + room
    bottom = TOP + ROW * len(rows)

    def x(value: float) -> float:
        return left + (width - left - 16) * (value - low) / (high - low)

    parts = [f'<svg class="chart {css}" viewBox="0 0 {width} {bottom + FOOT}" role="img" aria-label="differences">']
    for mark in ticks(low, high, 4 if width < 500 else 7):
        parts.append(f'<path class="grid" d="M{x(mark):.1f} {TOP}V{bottom}"/>')
        shown = f"{mark * 100:+.1f} %"
        parts.append(f'<text class="axis" x="{x(mark):.1f}" y="{bottom + 16}" text-anchor="middle">{shown}</text>')
    parts.append(f'<path class="base" d="M{x(0.0):.1f} {TOP}V{bottom}"/>')
    for place, each in enumerate(rows):
        parts += _interval(each, periods, left, TOP + ROW * place + ROW / 2, x)
    return "\n".join([*parts, "</svg>"])


def _interval(each: DifferenceView, periods: float, left: int, y: float, x: Callable[[float], float]) -> Iterator[str]:
    start, end = x((each.low or 0.0) * periods), x((each.high or 0.0) * periods)
    kind = "proven" if each.proven else "open"
    yield f'<text class="axis" x="{left - 10}" y="{y + 4:.1f}" text-anchor="end">{escape(each.arm)}</text>'
    yield f'<path class="interval {kind}" d="M{start:.1f} {y:.1f}H{end:.1f}"/>'
    yield f'<circle class="interval {kind}" cx="{x((each.difference or 0.0) * periods):.1f}" cy="{y:.1f}" r="4.5"/>'


def calibration_chart(arm: ArmView) -> str:
    """Draw the share that came true over the stated probability, from 50 to 100 %; empty without convictions."""
    if not arm.calibration:
        return ""

    def x(value: float) -> float:
        return MARGIN + SIDE * (value - 0.5) * 2

    def y(value: float) -> float:
        return TOP + SIDE * (1 - value)

    size = SIDE + MARGIN + 24
    label = escape(f"calibration of {arm.name}", quote=True)
    parts = [f'<svg class="square" viewBox="0 0 {size} {size}" role="img" aria-label="{label}">']
    for mark in (0.5, 0.75, 1.0):
        place, foot = x(mark), TOP + SIDE + 18
        parts.append(f'<text class="axis" x="{place:.1f}" y="{foot}" text-anchor="middle">{mark:.0%}</text>')
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<path class="grid" d="M{MARGIN} {y(mark):.1f}H{MARGIN + SIDE}"/>')
        parts.append(f'<text class="axis" x="{MARGIN - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:.0%}</text>')
    parts.append(f'<path class="base" d="M{x(0.5):.1f} {y(0.5):.1f}L{x(1.0):.1f} {y(1.0):.1f}"/>')
    most = max(point.count for point in arm.calibration)
    for point in arm.calibration:
        radius = 3 + 5 * (point.count / most) ** 0.5
        shown = f"{point.count} decisions, stated {point.stated:.0%}, observed {point.observed:.0%}"
        centre = f'cx="{x(point.stated):.1f}" cy="{y(point.observed):.1f}" r="{radius:.1f}"'
        parts.append(f'<circle class="bin" {centre}><title>{shown}</title></circle>')
    return "\n".join([*parts, "</svg>"])
