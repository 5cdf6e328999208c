"""Writing a decision's report to a file the operator names."""

import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from ..domain.decision import Decision
from ..domain.errors import ConfigError, DataError
from ..domain.market import Bar, Split
from ..market.source import MarketSource
from ..market.view import MarketView
from .memory_section import MemorySection

CHART_BARS = 130
ENDINGS = (".md", ".html")


def check_report(path: Path | None) -> None:
    """Raise ConfigError, before any work is done, when a report could not be written to `path`."""
    if path is None:
        return
    if path.suffix not in ENDINGS:
        raise ConfigError(f"--report {path}: the name must end in .md or .html")
    if not path.absolute().parent.is_dir() or path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise ConfigError(f"--report {path}: cannot be written there; name a file in a folder of yours")


def write_report(path: Path, decision: Decision, source: MarketSource, memory: MemorySection | None = None) -> None:
    """Write the report; raises ConfigError when the file cannot be written."""
    from .render import html, markdown  # noqa: PLC0415 -- jinja2 is imported for a report only

    text = (markdown if path.suffix == ".md" else html)(decision, chart_bars(decision, source), memory)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--report {path}: cannot be written: {error.strerror}") from error


def chart_bars(decision: Decision, source: MarketSource) -> tuple[Bar, ...]:
    """Return the last bars before the decision in the units of its last close; empty where there are none."""
    view = MarketView(source, decision.as_of)
    try:
        return in_units_of_last(view.bars(decision.ticker, count=CHART_BARS), view.splits(decision.ticker))
    except DataError:
        return ()


def in_units_of_last(bars: Sequence[Bar], splits: Sequence[Split]) -> tuple[Bar, ...]:
    """Return `bars` with prices and volumes before a split restated, so that a chart has no cliff."""
    return tuple(_restated(bar, splits) for bar in bars)


def _restated(bar: Bar, splits: Sequence[Split]) -> Bar:
    ratio = Decimal(1)
    for split in splits:
        if bar.session < split.ex_date:
            ratio *= split.ratio
    return replace(
        bar,
        open=bar.open / ratio,
        high=bar.high / ratio,
        low=bar.low / ratio,
        close=bar.close / ratio,
        volume=bar.volume * ratio,
    )
