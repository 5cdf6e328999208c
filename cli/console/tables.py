"""Output of dataclass records as tables or as JSON."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...domain.text import strip_control

NO_WRAP = frozenset(
    {
        "run_id",
        "ticker",
        "as_of",
        "symbol",
        "session",
        "settles",
        "action",
        "type",
        "status",
        "time_in_force",
        "lot_id",
        "acquired",
    }
)
"""Columns whose values are not wrapped."""

SHORT = {
    "time_in_force": "tif",
    "quantity": "qty",
    "order_id": "order",
    "commission": "fee",
    "stale_sessions": "stale",
    "looked_at": "checked",
}
"""Table headings that differ from the attribute name. JSON uses the attribute names."""


def print_rows(
    lines: Sequence[Any], *, as_json: bool, nothing: str, columns: Sequence[str] = (), title: str | None = None
) -> None:
    """Print records of one type as a JSON array, or as a table of `columns` (default: all attributes).

    `nothing` is printed in place of an empty table.
    """
    if as_json:
        write_json([asdict(line) for line in lines])
        return
    if not lines:
        Console().print(Text(strip_control(nothing)))
        return
    names = columns or [field.name for field in fields(lines[0])]
    table = Table(
        title=None if title is None else plain_text(title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for name in names:
        numeric = any(isinstance(getattr(line, name), Decimal | int) for line in lines)
        side: Literal["left", "right"] = "right" if numeric else "left"
        table.add_column(
            _heading(name),
            min_width=12 if name == "order_id" else None,
            justify=side,
            overflow="fold",
            no_wrap=numeric or name in NO_WRAP,
        )
    for line in lines:
        table.add_row(*(_cell(getattr(line, name)) for name in names))
    Console().print(table)


def print_record(line: Any, *, as_json: bool) -> None:
    """Print one record as a JSON object, or as a table with a name and a value per row."""
    if as_json:
        write_json(asdict(line))
        return
    table = Table(show_header=False)
    for field in fields(line):
        table.add_row(_heading(field.name), _cell(getattr(line, field.name)))
    Console().print(table)


def write_json(value: object) -> None:
    """Write one JSON document to standard output; decimals are written as strings."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_text) + "\n")


def _heading(name: str) -> str:
    return SHORT.get(name, name.replace("_", " "))


def plain_text(text: str) -> Text:
    """Return `text` for a terminal, without markup and control characters."""
    return Text(strip_control(text))


def _cell(value: object) -> Text:
    if isinstance(value, Decimal):
        return Text(f"{value:,f}")
    if isinstance(value, tuple):
        return plain_text("; ".join(map(str, value)))
    return plain_text("" if value is None else str(value))


def _text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
