"""Layout of a table in the width of a terminal: text wraps, ids and numbers never do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

GAP = "  "
LEAST_TEXT = 10
"""Smallest width of a column with text that wraps."""
INSET = 4
"""Indent of a value that is printed on a line of its own, below its row."""


class Fit(StrEnum):
    """How the cells of a column fit into a width: `TEXT` wraps; `WHOLE` and `NUMBER` stay in one piece."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table; `cells` holds one line of text per row, numbers are aligned to the right."""

    heading: str
    fit: Fit
    cells: tuple[str, ...]

    @property
    def natural(self) -> int:
        """Return the width in which no cell wraps."""
        return max(map(cell_len, (self.heading, *self.cells)))

    @property
    def least(self) -> int:
        """Return the smallest width that the column can have."""
        if self.fit is Fit.TEXT:
            return min(self.natural, LEAST_TEXT)
        return max(map(cell_len, (*self.heading.split(), *self.cells)))


def lay_out(columns: Sequence[TableColumn], width: int) -> Iterator[str]:
    """Yield the lines of a table: headings, a rule, and the rows.

    Columns without any value are left out. If the columns do not fit into `width`, the widest id or number is
    printed on a line of its own below each row, with its heading, until the others fit. Only such a line can be
    longer than `width`.
    """
    shown, below = _divided([column for column in columns if any(column.cells)] or list(columns), width)
    widths = _widths(shown, width)
    yield from _row(shown, [column.heading for column in shown], widths)
    yield GAP.join("─" * each for each in widths)
    for number in range(len(columns[0].cells)):
        yield from _row(shown, [column.cells[number] for column in shown], widths)
        for column in below:
            if column.cells[number]:
                yield f"{' ' * INSET}{column.heading}{GAP}{column.cells[number]}"


def lay_out_record(pairs: Sequence[tuple[str, str, Fit]], width: int) -> Iterator[str]:
    """Yield the lines of one record: a name and a value a line; a long id is printed below its name."""
    names = max(cell_len(name) for name, _, _ in pairs)
    room = max(width - names - len(GAP), LEAST_TEXT)
    for name, value, fit in pairs:
        if fit is not Fit.TEXT and cell_len(value) > room:
            yield name
            yield f"{' ' * INSET}{value}"
            continue
        for number, line in enumerate([value] if fit is not Fit.TEXT else wrapped(value, room)):
            yield f"{_padded('' if number else name, names)}{GAP}{line}".rstrip()


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of `text` at `width`: broken between words, within a word only if it is longer than a line."""
    lines = Text(text).wrap(Console(width=width), width, overflow="fold")
    return [line.plain.rstrip() for line in lines] or [""]


def _divided(columns: Sequence[TableColumn], width: int) -> tuple[list[TableColumn], list[TableColumn]]:
    """Return the columns of the table, and those whose values are printed below the rows."""
    shown, below = list(columns), list[TableColumn]()
    while len(shown) > 1 and _total([column.least for column in shown]) > width:
        widest = max((column for column in shown if column.fit is not Fit.TEXT), key=_least, default=None)
        if widest is None:
            break
        shown.remove(widest)
        below.append(replace(widest, heading=" ".join(widest.heading.split())))
    return shown, below


def _least(column: TableColumn) -> int:
    return column.least


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _widths(columns: Sequence[TableColumn], width: int) -> list[int]:
    """Return the width of each column: the least one, and a share of what is left up to the natural one."""
    widths = [column.least for column in columns]
    while (left := width - _total(widths)) > 0:
        wanting = [place for place, column in enumerate(columns) if widths[place] < column.natural]
        if not wanting:
            break
        narrowest = min(wanting, key=lambda place: widths[place])
        widths[narrowest] += 1 if left < len(wanting) else max(1, min(left // len(wanting), 8))
        widths[narrowest] = min(widths[narrowest], columns[narrowest].natural)
    return widths


def _row(columns: Sequence[TableColumn], cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of one row; the cell of a value that is not text has one line, unless it is a heading."""
    lines = [
        [cell] if cell_len(cell) <= width else wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)
    ]
    for number in range(max(map(len, lines))):
        parts = [each[number] if number < len(each) else "" for each in lines]
        yield GAP.join(
            _padded(part, width, right=column.fit is Fit.NUMBER)
            for column, part, width in zip(columns, parts, widths, strict=True)
        ).rstrip()


def _padded(text: str, width: int, *, right: bool = False) -> str:
    missing = " " * (width - cell_len(text))
    return f"{missing}{text}" if right else f"{text}{missing}"


def one_line(text: str) -> str:
    """Return `text` with every run of tabs and line breaks replaced by one space."""
    return re.sub(r"[\t\n\r\x0b\x0c\u2028\u2029]+", " ", text)
