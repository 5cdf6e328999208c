"""Small figures as inline SVG: rows of bars, stacked bars, dots and nodes. CSS sets the colours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ..domain.text import strip_control

WIDTH, LEFT, RIGHT, ROW, TOP = 340, 118, 62, 24, 6
BAR = 12
SPAN = WIDTH - LEFT - RIGHT
"""Sizes of a drawing in pixels: its width, the columns of names and of values, a row, a bar, and the longest bar."""
CHARACTER, SIDE = 7.3, 9
"""Width of a character, and the longest text at the end of a row; longer texts are cut and shown whole as a title."""


@dataclass(frozen=True, slots=True)
class FigurePart:
    """A piece of a bar, from `start` to `end` as shares of the width, with the class of its colour."""

    start: float
    end: float
    tone: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row: its name, the pieces of its bar, the text at its end, and what it says in words."""

    name: str
    parts: tuple[FigurePart, ...]
    shown: str
    words: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with its title; `svg` is safe to include in a page."""

    title: str
    svg: str


def rows_figure(title: str, rows: Sequence[FigureRow], *, base: float | None = None, left: int = LEFT) -> Figure:
    """Return the rows as a figure, with a line at the share `base` of the bars; `left` is the width of the names."""
    drawn = [element for place, row in enumerate(rows) for element in _row(row, TOP + ROW * place, left)]
    height = TOP + ROW * len(rows)
    if base is not None:
        drawn.append(f'<path class="base" d="M{left + (WIDTH - left - RIGHT) * base:.1f} {TOP}V{height - 4}"/>')
    return drawing(title, (row.words for row in rows), drawn, height)


def drawing(title: str, words: Iterable[str], drawn: Sequence[str], height: float) -> Figure:
    """Return a figure of SVG elements, whose texts are escaped, with `words` as its description."""
    label = attribute(f"{title}: {'; '.join(words)}")
    head = f'<svg class="figure" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{label}">'
    return Figure(title, "\n".join([head, *drawn, "</svg>"]))


def text(x: float, y: float, said: str, *, most: int, anchor: str = "start", tone: str = "axis") -> str:
    """Return a text element, cut to `most` characters, with the whole text as its title."""
    whole = " ".join(strip_control(said).split())
    short = whole if len(whole) <= most else f"{whole[: most - 1].rstrip()}…"
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{tone}" {place}>{escape(short)}<title>{escape(whole)}</title></text>'


def characters(width: float) -> int:
    """Return how many characters fit `width` pixels."""
    return int(width / CHARACTER)


def attribute(said: str) -> str:
    """Return `said` escaped for an attribute or a title, in one line."""
    return escape(" ".join(strip_control(said).split()), quote=True)


def _row(row: FigureRow, y: float, left: int) -> Iterable[str]:
    middle, span = y + ROW / 2, WIDTH - left - RIGHT
    yield text(left - 8, middle + 4, row.name, most=characters(left - 8), anchor="end")
    yield f'<rect class="track" x="{left}" y="{middle - BAR / 2:.1f}" width="{span}" height="{BAR}" rx="2"/>'
    for part in row.parts:
        start, end = (max(0.0, min(1.0, each)) for each in sorted((part.start, part.end)))
        place = f'x="{left + span * start:.1f}" y="{middle - BAR / 2:.1f}" height="{BAR}" rx="2"'
        bar = f'<rect class="bar {part.tone}" {place} width="{max(span * (end - start), 1.5):.1f}">'
        yield f"{bar}<title>{attribute(row.words)}</title></rect>"
    yield text(WIDTH - RIGHT + 8, middle + 4, row.shown, most=SIDE)
