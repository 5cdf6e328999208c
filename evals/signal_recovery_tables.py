"""The signal recovery report as tables for the terminal and as a JSON document."""

from collections.abc import Iterator
from dataclasses import asdict

from rich.box import SIMPLE_HEAD
from rich.table import Table

from .demo_experiment import ExperimentConfig
from .signal_recovery_report import DecisionCount, ProfitRow, SignalReport
from .statistics.bootstrap import ConfidenceInterval

SCHEMA = "openoutcry.demo-signals/1"
NOTHING = "-"
FIGURES = ("net $", "gross $", "% a year", "Sharpe", "signal alone $", "of oracle's net", "of oracle's signal alone")


def tables(report: SignalReport) -> Iterator[Table]:
    """Yield the table of decisions, then the table of profits."""
    seeds = ", ".join(map(str, report.seeds))
    yield _decision_table(report, f"Decisions of the desk (seed {seeds})")
    yield _profit_table(report, f"Profit by planted signal (seed {seeds}), with 95 % intervals in brackets")


def _decision_table(report: SignalReport, title: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD)
    for name in ("signal", "ticker"):
        table.add_column(name)
    for name in ("decisions", "long", "short", "exit only", "hold", "abstain"):
        table.add_column(name, justify="right")
    table.add_column("causes")
    for row in report.decisions:
        table.add_row(row.signal, row.symbol, *map(str, _counts(row)), _causes(row))
    totals = [sum(column) for column in zip(*map(_counts, report.decisions), strict=True)]
    table.add_section()
    table.add_row("", "all", *map(str, totals), "")
    return table


def _counts(row: DecisionCount) -> tuple[int, ...]:
    return row.decisions, row.long, row.short, row.exits, row.holds, row.abstentions


def _causes(row: DecisionCount) -> str:
    return ", ".join(f"{cause} {count}" for cause, count in sorted(row.causes.items()))


def _profit_table(report: SignalReport, title: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD)
    for name in ("signal", "trader"):
        table.add_column(name, no_wrap=True)
    for name in FIGURES:
        table.add_column(name, justify="right", no_wrap=True)
    last = None
    for row in report.profits:
        if last not in (None, row.signal):
            table.add_section()
        table.add_row("" if row.signal == last else f"{row.signal} ({row.tickers})", row.trader, *_figures(row))
        last = row.signal
    return table


def _figures(row: ProfitRow) -> tuple[str, ...]:
    return (
        _shown(row.net, ",.0f"),
        f"{row.gross:,.0f}",
        f"{row.yearly:+.2%}",
        _shown(row.sharpe, ".2f"),
        _shown(row.planted, ",.0f"),
        _shown(row.share_of_oracle, ".0%"),
        _shown(row.planted_share, ".0%"),
    )


def _shown(figure: ConfidenceInterval | None, form: str) -> str:
    if figure is None or figure.low == figure.high:
        return NOTHING
    return f"{figure.value:{form}} [{figure.low:{form}}, {figure.high:{form}}]"


def document(reports: list[SignalReport], config: ExperimentConfig) -> dict[str, object]:
    """Return the reports as one JSON document; money in currency, ratios as numbers, undefined figures as null."""
    return {
        "schema": SCHEMA,
        "desk": config.desk,
        "from": config.first.isoformat(),
        "to": config.last.isoformat(),
        "cash": str(config.cash),
        "costs": {
            "commission_bps": config.rules.commission.rate,
            "slippage_bps": config.rules.slippage.bps,
            "borrow_bps": config.rules.borrow_bps,
        },
        "reports": [asdict(each) for each in reports],
    }
