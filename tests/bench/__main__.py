"""Prints the performance table and writes it to docs/performance.md."""

import sys

from tests.bench import (
    backtest,
    book,
    daily_run,
    decision,
    desks,
    killed_sessions,
    memory,
    model_port,
    startup,
)
from tests.bench.table import keep, keep_part, written

SECTIONS = {
    "One decision": decision.rows,
    "Desks": desks.rows,
    "The model port": model_port.rows,
    "Starting": startup.rows,
    "The book": book.rows,
    "Memory": memory.rows,
    "Backtest": backtest.rows,
    "The daily run": daily_run.rows,
    "Killed sessions": killed_sessions.rows,
}


def main() -> None:
    """Measure the sections named on the command line, or all of them, and keep what was measured."""
    wanted = sys.argv[1:] or list(SECTIONS)
    sections = []
    for title in wanted:
        sys.stderr.write(f"measuring: {title}\n")
        sections.append(written(title, SECTIONS[title]()))
        sys.stdout.write(sections[-1] + "\n\n")
        sys.stdout.flush()
    if len(wanted) == len(SECTIONS):
        keep(sections)
    else:
        for title, section in zip(wanted, sections, strict=True):
            keep_part(title, section)


if __name__ == "__main__":
    main()
