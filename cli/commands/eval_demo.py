"""`openoutcry eval signals` and `openoutcry eval memory-value`: the rule desk on the demo market, with known truth."""

from dataclasses import asdict, dataclass
from datetime import date

from rich.console import Console

from ...app.clock import now
from ...desk.backtest import Every
from ...domain.errors import ConfigError
from ...evals.demo_experiment import TradingCosts
from ...evals.memory_ablation import MemoryValue, measure_memory
from ...evals.memory_ablation_report import table
from ...evals.signal_recovery import headline, measure_signals
from ...evals.signal_recovery_tables import document, tables
from ...evals.statistics.bootstrap import Resampling
from ..console.exit_codes import ExitCode
from ..console.tables import write_json

MEMORY_SCHEMA = "openoutcry.memory-value/1"
SIGNALS_WIDTH, MEMORY_WIDTH = 190, 150
"""Minimum console widths in columns, so that the widest tables fit."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """The arguments that both commands share, as given."""

    first: str | None
    last: str | None
    seeds: str
    tickers: str | None
    workers: int
    draws: int
    bootstrap_seed: int
    as_json: bool

    @property
    def resampling(self) -> Resampling:
        """Return the parameters of the bootstrap."""
        return Resampling(draws=self.draws, seed=self.bootstrap_seed)

    def seed_numbers(self) -> list[int]:
        """Return the seeds; raises ConfigError for a text that is not a list of numbers."""
        try:
            return [int(text) for text in self.seeds.split(",")]
        except ValueError as error:
            raise ConfigError(f"--seeds {self.seeds!r}: give whole numbers such as 7,11,12") from error

    def ticker_names(self) -> list[str] | None:
        """Return the tickers in capitals; None for all."""
        return None if self.tickers is None else self.tickers.upper().split(",")


def signals_command(options: DemoOptions, desk: str, every: str, costs: tuple[int, int, int]) -> ExitCode:
    """Measure and print the share of the planted signals; `costs` are commission, slippage and borrow fee in bp."""
    found = measure_signals(
        _day(options.first, "--from"),
        _day(options.last, "--to"),
        options.seed_numbers(),
        options.ticker_names(),
        desk=desk,
        every=Every(every),
        costs=TradingCosts(*costs),
        workers=options.workers,
        resampling=options.resampling,
        now=now(),
    )
    if options.as_json:
        write_json(document(found.reports, found.config))
        return ExitCode.DONE
    console = _console(SIGNALS_WIDTH)
    console.print(headline(found.config))
    for report in found.reports:
        for shown in tables(report):
            console.print(shown)
    return ExitCode.DONE


def memory_value_command(options: DemoOptions, counted: str | None) -> ExitCode:
    """Measure and print the value of memory."""
    first = _day(options.first, "--from")
    if first is None:
        raise ConfigError("--from is missing; give the first day of the backtest")
    found = measure_memory(
        first,
        _day(counted, "--counted-from"),
        _day(options.last, "--to"),
        options.seed_numbers(),
        options.ticker_names(),
        workers=options.workers,
        resampling=options.resampling,
        now=now(),
    )
    if options.as_json:
        write_json(_memory_document(found, options))
        return ExitCode.DONE
    console = _console(MEMORY_WIDTH)
    console.print(
        f"Synthetic market. Desk 'debate' answered by rules, one decision per month from {found.config.first} to "
        f"{found.config.last} for both desks; months from {found.since} on are counted."
    )
    console.print(table(found.rows, options.seed_numbers()))
    return ExitCode.DONE


def _memory_document(found: MemoryValue, options: DemoOptions) -> dict[str, object]:
    return {
        "schema": MEMORY_SCHEMA,
        "from": str(found.config.first),
        "counted_from": str(found.since),
        "to": str(found.config.last),
        "seeds": options.seed_numbers(),
        "rows": [asdict(row) for row in found.rows],
    }


def _day(text: str | None, flag: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{flag} {text!r} is not a date such as 2025-03-03") from error


def _console(narrowest: int) -> Console:
    console = Console()
    console.width = max(console.width, narrowest)
    return console
