"""Memory charts as inline SVG: layers over time, parts of a score, strength over time. CSS sets the colours."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from ..memory.inspection import StrengthPoint
from ..memory.record import Layer
from .chart_frame import ticks
from .memory_section import LayerCounts

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 1040, 200, 44, 112, 12, 24
BAR_WIDTH, BAR_HEIGHT, BAR_GAP = 132, 7, 3
LIFE_WIDTH, LIFE_HEIGHT = 120, 34
PARTS = ("relevance", "recency", "strength", "outcome")


def layers_chart(filled: Sequence[LayerCounts]) -> str:
    """Draw the number of recallable memories by layer, stacked; empty with fewer than two points in time."""
    limit = max((sum(each.by_layer.values()) for each in filled), default=0)
    if len(filled) < 2 or not limit:
        return ""
    span = (filled[-1].at - filled[0].at).total_seconds()
    xs = [LEFT + (WIDTH - LEFT - RIGHT) * (each.at - filled[0].at).total_seconds() / span for each in filled]
    label = f"recallable memories by layer, {filled[0].at:%Y-%m-%d} to {filled[-1].at:%Y-%m-%d}"
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    parts = [*_axes(filled, xs, limit), *_areas(filled, xs, limit)]
    return "\n".join([head, *parts, "</svg>"])


def parts_chart(parts: Mapping[str, Decimal]) -> str:
    """Draw each part of a score as a bar from 0 to 1; parts that are not in `PARTS` are omitted."""
    rows = [name for name in PARTS if name in parts]
    if not rows:
        return ""
    height = len(rows) * (BAR_HEIGHT + BAR_GAP)
    label = ", ".join(f"{name} {parts[name]:.2f}" for name in rows)
    drawn = [f'<svg class="parts" viewBox="0 0 {BAR_WIDTH} {height}" role="img" aria-label="{label}">']
    for row, name in enumerate(rows):
        y, share = row * (BAR_HEIGHT + BAR_GAP), max(0.0, min(1.0, float(parts[name])))
        drawn.append(f'<rect class="track" x="0" y="{y}" width="{BAR_WIDTH}" height="{BAR_HEIGHT}" rx="2"/>')
        bar = f'x="0" y="{y}" width="{share * BAR_WIDTH:.1f}" height="{BAR_HEIGHT}" rx="2"'
        drawn.append(f'<rect class="part {name}" {bar}><title>{name} {parts[name]:.2f}</title></rect>')
    return "\n".join([*drawn, "</svg>"])


def life_chart(curve: Sequence[StrengthPoint]) -> str:
    """Draw the strength of a memory from when it became known; empty with fewer than two points in time."""
    if len(curve) < 2 or curve[-1].at <= curve[0].at:
        return ""
    span = (curve[-1].at - curve[0].at).total_seconds()
    places = [
        (LIFE_WIDTH * (p.at - curve[0].at).total_seconds() / span, 2 + (LIFE_HEIGHT - 4) * (1 - p.strength))
        for p in curve
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    label = f"strength {curve[0].strength:.2f} on {curve[0].at:%Y-%m-%d}, {curve[-1].strength:.2f} at the decision"
    head = f'<svg class="life" viewBox="0 0 {LIFE_WIDTH} {LIFE_HEIGHT}" role="img" aria-label="{label}">'
    return (
        f"{head}<title>{label}</title>"
        f'<path class="grid" d="M0 {LIFE_HEIGHT - 2}H{LIFE_WIDTH}"/><path class="line" d="M{path}"/></svg>'
    )


def _axes(filled: Sequence[LayerCounts], xs: Sequence[float], limit: int) -> Iterator[str]:
    bottom = HEIGHT - FOOT
    for mark in (0.0, *ticks(0, limit * 1.02, 4)):
        if mark == int(mark):
            y = _y(mark, limit)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            yield f'<text class="axis" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{mark:,.0f}</text>'
    for place in range(0, len(filled), max(1, len(filled) // 6)):
        x, at = xs[place], filled[place].at
        yield f'<text class="axis" x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{at.day} {at:%b %Y}</text>'


def _areas(filled: Sequence[LayerCounts], xs: Sequence[float], limit: int) -> Iterator[str]:
    below = [0] * len(filled)
    labels: list[tuple[Layer, int, float]] = []
    for layer in Layer:
        above = [base + each.by_layer.get(layer, 0) for base, each in zip(below, filled, strict=True)]
        there = [f"{x:.1f} {_y(count, limit):.1f}" for x, count in zip(xs, above, strict=True)]
        back = [f"{x:.1f} {_y(count, limit):.1f}" for x, count in zip(reversed(xs), reversed(below), strict=True)]
        yield f'<path class="layer {layer}" d="M{"L".join(there + back)}Z"><title>{layer}</title></path>'
        labels.append((layer, above[-1] - below[-1], _y((above[-1] + below[-1]) / 2, limit)))
        below = above
    lowest = HEIGHT - FOOT + 16.0
    for layer, count, y in labels:
        lowest = min(y + 4, lowest - 16)
        place = f'x="{WIDTH - RIGHT + 10}" y="{lowest:.1f}"'
        yield f'<text class="layer {layer}" {place}>{layer} {count}</text>'


def _y(count: float, limit: int) -> float:
    return HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * count / (limit * 1.02)
