"""Rows of the performance table, and where it is kept."""

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "performance.md"


@dataclass(frozen=True)
class Row:
    """One figure, what it should be, and what it was elsewhere."""

    what: str
    measured: str
    target: str = ""
    elsewhere: str = ""


def written(title: str, rows: Iterable[Row]) -> str:
    """Return a section of the page."""
    lines = [f"## {title}", "| what | measured | target | elsewhere |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.measured} | {row.target} | {row.elsewhere} |" for row in rows]
    return "\n".join(lines)


def keep(sections: Iterable[str]) -> None:
    """Write the page that `make bench` regenerates."""
    head = [
        "# Performance",
        "Written by `make bench`; figures belong to one run on one machine and inform, they do not gate.",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}, {_cores()} cores.",
    ]
    PAGE.write_text("\n\n".join([*head, *sections]) + "\n", encoding="utf-8")


def _cores() -> int:
    import os

    return os.cpu_count() or 0
