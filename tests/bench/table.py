"""Rows of the performance table, and where it is kept."""

import platform
import re
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
        "Written by `make bench`. Figures are from one run on one machine; they are informative and not limits.",
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {platform.machine()}, {_cores()} cores.",
    ]
    PAGE.write_text("\n\n".join([*head, *sections]) + "\n", encoding="utf-8")


def keep_part(title: str, section: str) -> None:
    """Put one section anew into the page, under the day on which it was measured; a new one is put at the end."""
    heading, body = section.split("\n", 1)
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=\n\n## |\Z)", page, re.DOTALL | re.MULTILINE)
    dated = f"{heading}\nMeasured {datetime.now(UTC):%Y-%m-%d}.\n\n{body}"
    if found is None:
        PAGE.write_text(f"{page.rstrip()}\n\n{dated}\n", encoding="utf-8")
        return
    PAGE.write_text(page[: found.start()] + dated + page[found.end() :].rstrip("\n") + "\n", encoding="utf-8")


def _cores() -> int:
    import os

    return os.cpu_count() or 0
