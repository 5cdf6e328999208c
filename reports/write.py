"""Writing of a decision's report to a file."""

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
    """Raise ConfigError if a report cannot be written to `path`; called before the decision is made."""
    if path is None:
        return
    if path.suffix not in ENDINGS:
        raise ConfigError(f"--report {path}: the name must end in .md or .html")
    if not path.absolute().parent.is_dir() or path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        raise ConfigError(f"--report {path}: cannot be written; name a file in a folder that you can write to")


def write_report(path: Path, decision: Decision, source: MarketSource, memory: MemorySection | None = None) -> None:
    """Write the report as Markdown or HTML, by the suffix of `path`; raises ConfigError if that fails."""
    from .render import html, markdown  # noqa: PLC0415 -- jinja2 is imported for a report only

    text = (markdown if path.suffix == ".md" else html)(decision, chart_bars(decision, source), memory)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--report {path}: cannot be written: {error.strerror}") from error


def chart_bars(decision: Decision, source: MarketSource) -> tuple[Bar, ...]:
    """Return the last daily bars before the decision, in the units of its last close; empty if there are none."""
    view = MarketView(source, decision.as_of)
    try:
        return in_units_of_last(view.bars(decision.ticker, count=CHART_BARS), view.splits(decision.ticker))
    except DataError:
        return ()


def in_units_of_last(bars: Sequence[Bar], splits: Sequence[Split]) -> tuple[Bar, ...]:
    """Return `bars` adjusted for splits: prices are divided and volumes multiplied by the ratio of later splits."""
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
