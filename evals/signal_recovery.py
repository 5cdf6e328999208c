"""Measure how much of the demo market's planted signals a rule desk captures, compared with an oracle.

Usage: `python -m openoutcry.evals.signal_recovery --help`.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial

from rich.console import Console

from ..desk.backtest import Every
from ..domain.errors import ConfigError, OpenOutcryError, is_bug
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_config import load_desk
from .demo_experiment import (
    CALENDAR,
    ExperimentConfig,
    ExperimentUnit,
    TradingCosts,
    UnitResult,
    margin_account,
    run_unit,
    units_of,
)
from .parallel import map_parallel
from .signal_recovery_report import SignalReport, report
from .signal_recovery_tables import document, tables
from .statistics.bootstrap import Resampling

YEARS = 5
NARROWEST = 190
"""Minimum console width in columns, so that the widest table fits."""


def main(arguments: Sequence[str], now: datetime) -> int:
    """Run the backtests and print the report; return 0, 2 for invalid arguments, or 1 for a bug."""
    asked = _parser().parse_args(arguments)
    try:
        config, units = _setting(asked, now), units_of(asked.seed, asked.tickers)
        work = partial(_walk, config=config)
        result = list(map_parallel(work, units, workers=asked.workers, description="running"))
    except OpenOutcryError as error:
        sys.stderr.write(f"{error}\n")
        return 1 if is_bug(error) else 2
    reports = _reports(result, Resampling(draws=asked.draws, seed=asked.bootstrap_seed))
    if asked.json:
        sys.stdout.write(json.dumps(document(reports, config), indent=1) + "\n")
        return 0
    console = Console()
    console.width = max(console.width, NARROWEST)
    console.print(_headline(config))
    for each in reports:
        for table in tables(each):
            console.print(table)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m openoutcry.evals.signal_recovery", description=__doc__)
    costs = TradingCosts()
    add = parser.add_argument
    add(
        "--from",
        dest="first",
        type=date.fromisoformat,
        help=f"first day of the backtest (default: {YEARS} years before --to)",
    )
    add("--to", dest="last", type=date.fromisoformat, help="last day (default: last completed session)")
    add("--seed", type=int, nargs="+", default=[7], help="seeds of the demo markets; several are also pooled")
    add("--tickers", type=lambda text: text.upper().split(","), help="tickers: A,B,C (default: all of the demo market)")
    add("--desk", default="debate", help="a name of `desks list`, or a desk file; rules answer for every role")
    add(
        "--every",
        choices=[each.value for each in Every],
        default=Every.MONTH.value,
        help="interval of decisions (default: month)",
    )
    add("--workers", type=int, default=2, help="number of processes")
    add("--commission-bps", type=int, default=costs.commission_bps, help="commission, in bp of a fill's value")
    add("--slippage-bps", type=int, default=costs.slippage_bps, help="slippage, in bp of a fill's price")
    add("--borrow-bps", type=int, default=costs.borrow_bps, help="yearly borrow fee, in bp of the short value")
    add("--draws", type=int, default=Resampling().draws, help="number of bootstrap draws")
    add("--bootstrap-seed", type=int, default=0, help="random seed of the bootstrap")
    add("--json", action="store_true", help="print one JSON document instead of tables")
    return parser


def _setting(asked: argparse.Namespace, now: datetime) -> ExperimentConfig:
    last = asked.last or trading_calendar(CALENDAR).last_completed(now)
    first = asked.first or _years_before(last)
    if min(asked.workers, asked.draws) < 1:
        raise ConfigError("--workers and --draws must be at least 1")
    if min(asked.commission_bps, asked.slippage_bps, asked.borrow_bps) < 0:
        raise ConfigError("costs must be 0 or more basis points")
    load_desk(asked.desk)
    costs = TradingCosts(asked.commission_bps, asked.slippage_bps, asked.borrow_bps)
    return ExperimentConfig(first, last, desk=asked.desk, every=Every(asked.every), rules=margin_account(costs))


def _years_before(last: date) -> date:
    """Return the same day `YEARS` years earlier."""
    return (last if (last.month, last.day) != (2, 29) else last.replace(day=28)).replace(year=last.year - YEARS)


def _walk(unit: ExperimentUnit, config: ExperimentConfig) -> UnitResult:
    return asyncio.run(run_unit(unit, config))


def _reports(result: Sequence[UnitResult], resampling: Resampling) -> list[SignalReport]:
    """Return a report for each seed and, if there are several, one for all of them together."""
    seeds = list(dict.fromkeys(each.unit.seed for each in result))
    single = [report([each for each in result if each.unit.seed == seed], resampling) for seed in seeds]
    return [*single, report(result, resampling)] if len(seeds) > 1 else single


def _headline(config: ExperimentConfig) -> str:
    rules, who = config.rules, f"Desk {config.desk!r} answered by rules"
    return (
        f"Synthetic market. {who}, one decision per {config.every} from {config.first} to {config.last}; "
        f"{config.cash:,} per ticker, {rules.commission.rate} bp commission, {rules.slippage.bps} bp slippage, "
        f"{rules.borrow_bps} bp borrow fee per year."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
