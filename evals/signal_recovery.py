"""Measure how much of the demo market's planted signals the rule desk earns, beside the oracle and buy-and-hold."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from ..desk.backtest import Every
from ..domain.errors import ConfigError
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
from .statistics.bootstrap import Resampling

YEARS = 5


@dataclass(frozen=True, slots=True)
class SignalRecovery:
    """The reports, one for each seed and one for all together, and the configuration of all units."""

    config: ExperimentConfig
    reports: list[SignalReport]


def measure_signals(
    first: date | None,
    last: date | None,
    seeds: Sequence[int],
    tickers: Sequence[str] | None,
    *,
    desk: str,
    every: Every,
    costs: TradingCosts,
    workers: int,
    resampling: Resampling,
    now: datetime,
) -> SignalRecovery:
    """Run desk, oracle and buy-and-hold on every seed and ticker, and report on them.

    By default the window ends with the last session completed at `now` and begins five years earlier. Raises
    ConfigError for an unknown desk or ticker and for an impossible window.
    """
    load_desk(desk)
    until = last or trading_calendar(CALENDAR).last_completed(now)
    since = first or _years_before(until)
    config, units = (
        ExperimentConfig(since, until, desk=desk, every=every, rules=margin_account(costs)),
        units_of(seeds, tickers),
    )
    if since > until:
        raise ConfigError(f"--from {since} is after --to {until}; exchange them")
    result = list(map_parallel(partial(_walk, config=config), units, workers=workers, description="running"))
    return SignalRecovery(config, _reports(result, resampling))


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


def headline(config: ExperimentConfig) -> str:
    """Return the configuration in two sentences."""
    rules, who = config.rules, f"Desk {config.desk!r} answered by rules"
    return (
        f"Synthetic market. {who}, one decision per {config.every} from {config.first} to {config.last}; "
        f"{config.cash:,} per ticker, {rules.commission.rate} bp commission, {rules.slippage.bps} bp slippage, "
        f"{rules.borrow_bps} bp borrow fee per year."
    )
