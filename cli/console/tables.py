"""Output of records, for people and for pipes.

On a terminal a table fits the width: text wraps, ids and numbers do not. Without a terminal a table is a line of
headings and one line per record, with tabs between the values; nothing is truncated or wrapped.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.text import Text

from ...domain.text import escape_control, strip_control
from ...domain.times import iso_time
from .layout import Fit, TableColumn, lay_out, lay_out_record, one_line

WHOLE = frozenset(
    {
        "id",
        "setting",
        "run",
        "ticker",
        "as_of",
        "symbol",
        "session",
        "settles",
        "started_at",
        "available_at",
        "action",
        "type",
        "status",
        "time_in_force",
        "good_after",
        "acquired",
        "since",
        "until",
        "first",
        "last",
        "from",
        "to",
        "hash",
        "head",
        "key",
        "parent",
        "decision",
        "event",
        "namespace",
        "prompt",
        "role",
    }
)
"""Columns whose values are ids, dates or single words: they are never wrapped, like every column `..._id`."""

SHORT = {
    "time_in_force": "tif",
    "quantity": "qty",
    "order_id": "order",
    "commission": "fee",
    "stale_sessions": "stale",
    "looked_at": "checked",
    "version": "ver",
}
"""Table headings that differ from the attribute name. JSON uses the attribute names."""


def is_terminal() -> bool:
    """Return whether a person reads the output: standard output is a terminal."""
    return sys.stdout.isatty()


def print_rows(
    lines: Sequence[Any], *, as_json: bool, nothing: str, columns: Sequence[str] = (), title: str | None = None
) -> None:
    """Print records of one type as a JSON array, or as a table of `columns` (default: all attributes).

    `nothing` is printed in place of an empty table.
    """
    if as_json:
        write_json([asdict(line) for line in lines])
    elif not lines:
        print_line(nothing)
    else:
        names = columns or [field.name for field in fields(lines[0])]
        print_table(names, [[getattr(line, name) for name in names] for line in lines], title=title)


def print_table(names: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None) -> None:
    """Print rows of values under the names of their columns; `title` is shown on a terminal only."""
    if not is_terminal():
        for row in (names, *rows):
            sys.stdout.write("\t".join(_plain(cell) for cell in row) + "\n")
        return
    columns = [_column(name, [row[place] for row in rows]) for place, name in enumerate(names)]
    console = Console()
    if title is not None:
        console.print(plain_text(title), style="bold")
    for line in lay_out(columns, console.width):
        console.print(Text(line), soft_wrap=True)


def print_record(line: Any, *, as_json: bool) -> None:
    """Print one record as a JSON object, or with a name and a value per line."""
    if as_json:
        write_json(asdict(line))
    else:
        print_pairs([(field.name, getattr(line, field.name)) for field in fields(line)])


def print_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print one name and value per line; ids are not wrapped."""
    if not is_terminal():
        sys.stdout.writelines(f"{_plain(name)}\t{_plain(value)}\n" for name, value in pairs)
        return
    console = Console()
    shown = [(_heading(name), _cell(value), _fit(name, [value])) for name, value in pairs]
    for line in lay_out_record(shown, console.width):
        console.print(Text(line), soft_wrap=True)


def print_line(text: str) -> None:
    """Print one line of text; the terminal wraps it."""
    Console().print(plain_text(text), soft_wrap=True)


def print_notice(text: str) -> None:
    """Print one line of text to standard error."""
    Console(stderr=True).print(plain_text(text), soft_wrap=True)


def write_json(value: object) -> None:
    """Write one JSON document to standard output; decimals are written as strings, times as ISO 8601 with Z."""
    sys.stdout.write(escape_control(json.dumps(value, indent=2, ensure_ascii=False, default=_text)) + "\n")


def write_text(text: str) -> None:
    """Write text to standard output: unchanged to a pipe, without control characters to a terminal."""
    sys.stdout.write(strip_control(text) if is_terminal() else text)


def plain_text(text: str) -> Text:
    """Return `text` for a terminal, without markup and control characters."""
    return Text(strip_control(text))


def _column(name: str, values: Sequence[object]) -> TableColumn:
    return TableColumn(_heading(name), _fit(name, values), tuple(_cell(value) for value in values))


def _heading(name: str) -> str:
    return SHORT.get(name, name.replace("_", " "))


def _fit(name: str, values: Sequence[object]) -> Fit:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, Decimal | int) and not isinstance(value, bool) for value in present):
        return Fit.NUMBER
    return Fit.WHOLE if name in WHOLE or name.endswith("_id") else Fit.TEXT


def _cell(value: object) -> str:
    """Return a value for a terminal: numbers with thousands separators, times to the minute."""
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}Z"
    return _plain(value)


def _plain(value: object) -> str:
    """Return a value in one line, complete and without separators, for another program."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return one_line(strip_control(_text(value)))


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, tuple):
        return "; ".join(map(_text, value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
