"""Writing of a decision's report to a file."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from ..domain.decision import Decision
from ..domain.errors import ConfigError, DataError
from ..domain.market import Bar, Split
from ..market.source import MarketSource
from ..market.view import MarketView
from ..storage.output_file import check_output, write_output
from .memory_section import MemorySection
from .report_facts import NO_FACTS, ReportFacts

CHART_BARS = 330
ENDINGS = (".md", ".html")
_MARKDOWN = re.compile(r"\A\s*# \S+: (ORDERS|HOLD|ABSTAIN)\b")


def check_report(path: Path | None, *, force: bool = False) -> None:
    """Raise ConfigError if a report must not be written to `path`; called before the decision is made.

    Without `force`, an existing file is overwritten only if it is a report.
    """
    if path is None:
        return
    if path.suffix not in ENDINGS:
        raise ConfigError(f"--report {path}: the name must end in .md or .html")
    check_output(path, _is_report, force=force)


def write_report(
    path: Path,
    decision: Decision,
    source: MarketSource,
    memory: MemorySection | None = None,
    facts: ReportFacts = NO_FACTS,
    *,
    force: bool = False,
) -> None:
    """Write the report as Markdown or HTML, by the suffix of `path`; raises ConfigError as `check_report`."""
    from .render import html, markdown  # noqa: PLC0415 -- jinja2 is imported for a report only

    text = (markdown if path.suffix == ".md" else html)(decision, chart_bars(decision, source), memory, facts)
    write_output(path, text, _is_report, force=force)


def _is_report(text: str) -> bool:
    """Return whether an existing file is a report: it has the heading of the HTML, or the last table of Markdown."""
    return "OpenOutcry decision report" in text or bool(_MARKDOWN.match(text))


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
