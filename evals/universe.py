"""The symbols of an experiment, and the checks that they existed when its window began."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..app.as_of import read_symbol
from ..app.factories import DEMO
from ..app.known_ticker import check_ticker
from ..app.settings import Settings
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import trading_calendar
from ..market.source import MarketSource
from .experiment import Experiment, IndexUniverse, ProtocolUniverse
from .experiment_file import ExperimentFile
from .protocol import load_protocol
from .protocol_data import protocol_gaps

MEMBERSHIP = "{index}_ticker_start_end.csv"
"""A file of the market folder with the columns ticker, start_date, end_date; an empty end: still a member."""


def universe_of(file: ExperimentFile, settings: Settings, source: MarketSource) -> tuple[Symbol, ...]:
    """Return the symbols in canonical spelling, sorted.

    Raises ConfigError for a protocol or index that is not there, a protocol whose names or days the market lacks,
     an empty universe, and a symbol that occurs twice.
    """
    universe = file.experiment.universe
    if isinstance(universe, ProtocolUniverse):
        names: Sequence[str] = _protocol_symbols(universe, file, source)
    elif isinstance(universe, IndexUniverse):
        names = _members(universe, file, settings)
    else:
        names = universe
    symbols = [read_symbol(name) for name in names]
    if twice := sorted({symbol for symbol in symbols if symbols.count(symbol) > 1}):
        raise ConfigError(f"experiment file {file.path}: universe: {twice[0]} occurs twice; name each symbol once")
    return tuple(sorted(symbols))


def check_universe(experiment: Experiment, symbols: Sequence[Symbol], source: MarketSource, settings: Settings) -> None:
    """Raise ConfigError if a symbol had no bar yet when the window began, NoData for an unknown symbol."""
    first = experiment.window.first
    for symbol in symbols:
        check_ticker(settings, source, symbol)
        calendar = trading_calendar(source.calendar_name(symbol))
        days = calendar.between(first, experiment.window.last)
        if not days:
            raise ConfigError(f"window: there is no session of {calendar.name} from {first}; give a longer window")
        if not source.bars(symbol, Interval.DAY, until=calendar.close(days[0]), count=1):
            raise ConfigError(
                f"universe: {symbol} did not exist on {days[0]}, the first session of the window: it has no bar yet; "
                "remove it, or begin the window later"
            )


def universe_notes(experiment: Experiment, source: MarketSource) -> tuple[str, ...]:
    """Return what is to be said of the names with every comparison: the protocol, its conditions, names left out."""
    universe = experiment.universe
    if not isinstance(universe, ProtocolUniverse):
        return ()
    spec = load_protocol(universe.protocol)
    gaps = protocol_gaps(spec, experiment.window, source) if universe.restrict else ()
    kept = len(spec.universe) - len(gaps)
    first = f"Protocol {spec.name}: all of its {len(spec.universe)} names."
    if gaps:
        left = "; ".join(f"{gap.symbol}: {gap.reason}" for gap in gaps)
        first = f"Protocol {spec.name}, restricted to {kept} of its {len(spec.universe)} names; left out: {left}."
    return (first, *spec.conditions)


def _protocol_symbols(universe: ProtocolUniverse, file: ExperimentFile, source: MarketSource) -> Sequence[str]:
    try:
        spec = load_protocol(universe.protocol)
    except ConfigError as error:
        raise ConfigError(f"experiment file {file.path}: universe.protocol: {error}") from error
    gaps = protocol_gaps(spec, file.experiment.window, source)
    missing = {gap.symbol for gap in gaps}
    kept = [name for name in spec.universe if read_symbol(name) not in missing]
    if kept and (universe.restrict or not gaps):
        return kept
    reasons = "; ".join(f"{gap.symbol}: {gap.reason}" for gap in gaps)
    remedy = "" if universe.restrict or not kept else f", or run it with --restrict on the {len(kept)} complete names"
    raise ConfigError(
        f"protocol {spec.name}: the market {file.experiment.market} lacks names or days: {reasons}; give a market "
        f"folder that has them{remedy}"
    )


def _members(universe: IndexUniverse, file: ExperimentFile, settings: Settings) -> Sequence[str]:
    if settings.market == DEMO:
        raise ConfigError(f"experiment file {file.path}: universe.index: the demo market has no index; list symbols")
    path = Path(settings.market) / MEMBERSHIP.format(index=universe.index)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
            found = [row["ticker"] for row in rows if _is_member(row["start_date"], row["end_date"], universe.as_of)]
    except (OSError, KeyError, ValueError) as error:
        raise ConfigError(
            f"experiment file {file.path}: universe.index: {path} cannot be read ({error}); it needs the columns "
            "ticker, start_date, end_date"
        ) from error
    if not found:
        raise ConfigError(f"experiment file {file.path}: universe: {universe.index} has no member on {universe.as_of}")
    return sorted(set(found))


def _is_member(start: str, end: str, day: date) -> bool:
    return date.fromisoformat(start) <= day and (not end or day <= date.fromisoformat(end))
