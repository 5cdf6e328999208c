"""One ticker of one demo market: walked by the desk, by the oracle and by one who holds, on the same bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .. import __version__
from ..desk.decision import Floor
from ..desk.rule_desk import rules_floor
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.sessions import calendar
from ..graph.desk_file import load_desk
from ..ledger.instrument import Instrument
from ..ledger.units import MINOR
from ..prompts.book import load_prompts
from ..risk.settings import Limits
from ..tools.demo import DemoSource, demo_listing, demo_market
from ..tools.demo.oracle import Oracle, demo_oracle
from ..tools.demo.planted import Signal
from .exchange import Day, days_of
from .paper import Costs, PaperAccount
from .traders import DeskTrader, HoldTrader, OracleTrader
from .walk import Trader, Walk, walk

CALENDAR = "XNYS"
DESK, ORACLE, HOLD = "desk", "oracle", "buy and hold"


@dataclass(frozen=True, slots=True)
class Setting:
    """What all units of one evaluation share. `cash` is in currency; `limits` are those of desk and oracle alike."""

    first: date
    last: date
    desk: str = "floor"
    cash: Decimal = Decimal(100_000)
    costs: Costs = field(default_factory=Costs)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is walked: one ticker of the market of one seed."""

    seed: int
    symbol: Symbol


def units_of(seeds: Sequence[int], tickers: Sequence[str] | None) -> list[Unit]:
    """Return a unit for every seed and ticker, each once; all tickers of the demo market where none are named.

    Raises ConfigError for a ticker that is not in it.
    """
    known = [listing.ticker for listing in demo_listing()]
    symbols = [Symbol(name) for name in tickers] if tickers else known
    if unknown := [symbol for symbol in symbols if symbol not in known]:
        raise ConfigError(f"there is no {unknown[0]} in the demo market; its tickers are {', '.join(known)}")
    return [Unit(seed, symbol) for seed in dict.fromkeys(seeds) for symbol in dict.fromkeys(symbols)]


@dataclass(frozen=True, slots=True)
class Track:
    """A walk, and what its positions earned from the planted signal alone.

    `planted` is, for each session and in minor units, the position at the close before times the planted return that
    the oracle expected of the session: the profit without chance, market, gaps to a stop, and costs.
    """

    walk: Walk
    planted: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Walked:
    """A unit with what is planted in it, and the track of each trader by name."""

    unit: Unit
    signal: Signal
    tracks: dict[str, Track]


@dataclass(frozen=True, slots=True)
class World:
    """The market of one seed, and the oracle that knows it."""

    source: DemoSource
    oracle: Oracle


@lru_cache(maxsize=2)
def world(seed: int, last: date) -> World:
    """Return the market of `seed` up to `last` with its oracle; drawn once a process."""
    return World(demo_market(seed=seed, last=last), demo_oracle(seed=seed, last=last))


async def run_unit(unit: Unit, setting: Setting) -> Walked:
    """Walk one ticker three times over."""
    drawn = world(unit.seed, setting.last)
    traders: dict[str, Trader] = {
        DESK: DeskTrader(desk_of(setting, drawn.source)),
        ORACLE: OracleTrader(drawn.oracle, drawn.source, setting.limits),
        HOLD: HoldTrader(drawn.source, setting.limits),
    }
    return await walk_all(unit, setting, traders)


async def walk_all(unit: Unit, setting: Setting, traders: Mapping[str, Trader]) -> Walked:
    """Walk one ticker once for each trader, each with an account of its own."""
    sessions, drawn = calendar(CALENDAR), world(unit.seed, setting.last)
    instrument = Instrument(unit.symbol)
    days = days_of(drawn.source, instrument, sessions, setting.first, setting.last)
    tracks = {}
    for name, trader in traders.items():
        paper = PaperAccount(name, instrument, int(setting.cash * MINOR), setting.costs, sessions)
        walked = await walk(unit.symbol, days, paper, trader)
        tracks[name] = Track(walked, planted(walked, days, drawn.oracle))
    return Walked(unit, drawn.oracle.signal(unit.symbol), tracks)


def planted(walked: Walk, days: tuple[Day, ...], oracle: Oracle) -> tuple[float, ...]:
    """Return what each session's opening position was expected to earn from the planted signal, in minor units."""
    earned = [0.0]
    for day, exposure in zip(days[:-1], walked.exposure[:-1], strict=True):
        traded = exposure and day.row is not None
        earned.append(exposure * oracle.expected_return(walked.symbol, day.session, 1) if traded else 0.0)
    return tuple(earned)


def desk_of(setting: Setting, source: DemoSource) -> Floor:
    """Return the desk of an evaluation, with rules in every seat and without a memory."""
    return rules_floor(
        load_desk(setting.desk),
        load_prompts(),
        source,
        setting.limits,
        seed=0,
        version=__version__,
        timer=lambda: 0.0,
    )
