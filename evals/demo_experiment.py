"""One ticker of one demo market: desk, oracle and buy-and-hold, each with its own account on the same bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .. import __version__
from ..desk.accounts.in_memory_account import InMemoryAccount
from ..desk.backtest import BacktestResult, Every, run_backtest
from ..desk.decision import Desk
from ..desk.rule_desk import rule_desk
from ..desk.strategies.baselines import BuyAndHold
from ..desk.strategies.desk_strategy import DeskStrategy
from ..desk.strategies.strategy import Strategy
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import trading_calendar
from ..graph.desk_config import load_desk
from ..ledger.model.account_rules import AccountRules, SplitPolicy
from ..ledger.pricing.commission import Commission, CommissionKind
from ..ledger.pricing.slippage import Slippage, SlippageKind
from ..ledger.pricing.units import MINOR
from ..market.demo import DemoSource, demo_listing, demo_market
from ..market.demo.oracle import Oracle, demo_oracle
from ..market.demo.planted_signals import SignalType
from ..prompts.library import load_prompts
from ..risk.limit_settings import Limits
from .oracle_strategy import OracleStrategy

CALENDAR = "XNYS"
DESK, ORACLE, HOLD = "desk", "oracle", "buy and hold"
EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class TradingCosts:
    """Trading costs in basis points: of a fill's value, of its price, and of the short value per year."""

    commission_bps: int = 1
    slippage_bps: int = 2
    borrow_bps: int = 30


def margin_account(costs: TradingCosts) -> AccountRules:
    """Return the rules of a margin account with these costs. Splits adjust its open orders."""
    return AccountRules(
        margin=True,
        slippage=Slippage(SlippageKind.FIXED, bps=costs.slippage_bps),
        commission=Commission(CommissionKind.BPS, rate=costs.commission_bps),
        split_orders=SplitPolicy.ADJUST,
        borrow_bps=costs.borrow_bps,
        calendar=CALENDAR,
    )


@dataclass(frozen=True, slots=True)
class ExperimentConfig:
    """The configuration shared by all units of one evaluation.

    Attributes:
        first, last: first and last day of the backtest.
        desk: name or file of the desk.
        every: interval between decisions.
        cash: opening cash of each account, in currency.
        rules: account rules, including calendar and costs.
        limits: risk limits of the desk and of the other strategies.
    """

    first: date
    last: date
    desk: str = "debate"
    every: Every = Every.MONTH
    cash: Decimal = Decimal(100_000)
    rules: AccountRules = field(default_factory=lambda: margin_account(TradingCosts()))
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ExperimentUnit:
    """One backtest: a ticker of the demo market with a given seed."""

    seed: int
    symbol: Symbol


def units_of(seeds: Sequence[int], tickers: Sequence[str] | None) -> list[ExperimentUnit]:
    """Return one unit for each seed and ticker; by default all tickers of the demo market.

    Raises ConfigError for an unknown ticker.
    """
    known = [listing.ticker for listing in demo_listing()]
    symbols = [Symbol(name) for name in tickers] if tickers else known
    if unknown := [symbol for symbol in symbols if symbol not in known]:
        raise ConfigError(f"{unknown[0]} is not in the demo market; its tickers are {', '.join(known)}")
    return [ExperimentUnit(seed, symbol) for seed in dict.fromkeys(seeds) for symbol in dict.fromkeys(symbols)]


@dataclass(frozen=True, slots=True)
class StrategyResult:
    """A backtest, and the expected profit of its positions from the planted signal alone.

    `planted` is, for each session and in minor units, the position at the previous close times the planted return
    that the oracle expects for the session. It excludes noise, market returns, gaps through stops, and costs.
    """

    walk: BacktestResult
    planted: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class UnitResult:
    """The results of one unit by strategy name, and the signal planted in its ticker."""

    unit: ExperimentUnit
    signal: SignalType
    tracks: dict[str, StrategyResult]


@dataclass(frozen=True, slots=True)
class DemoMarket:
    """The demo market of one seed, and its oracle."""

    source: DemoSource
    oracle: Oracle


@lru_cache(maxsize=2)
def world(seed: int, last: date) -> DemoMarket:
    """Return the market of `seed` up to `last` with its oracle. Results are cached per process."""
    return DemoMarket(demo_market(seed=seed, last=last), demo_oracle(seed=seed, last=last))


async def run_unit(unit: ExperimentUnit, config: ExperimentConfig) -> UnitResult:
    """Run desk, oracle and buy-and-hold on one ticker."""
    drawn = world(unit.seed, config.last)
    strategies: dict[str, Strategy] = {
        DESK: DeskStrategy(desk_of(config, drawn.source)),
        ORACLE: OracleStrategy(drawn.oracle, drawn.source, config.limits),
        HOLD: BuyAndHold(drawn.source, config.limits),
    }
    return await run_all(unit, config, strategies)


async def run_all(unit: ExperimentUnit, config: ExperimentConfig, strategies: Mapping[str, Strategy]) -> UnitResult:
    """Run each strategy on one ticker, with its own account, named like the strategy's key."""
    drawn, tracks = world(unit.seed, config.last), dict[str, StrategyResult]()
    for name, strategy in strategies.items():
        account = InMemoryAccount.open(name, config.rules, int(config.cash * MINOR), drawn.source)
        result = await run_backtest(account, strategy, [unit.symbol], config.first, config.last, every=config.every)
        tracks[name] = StrategyResult(result, planted(result, unit.symbol, drawn))
    return UnitResult(unit, drawn.oracle.signal(unit.symbol), tracks)


def planted(result: BacktestResult, symbol: Symbol, drawn: DemoMarket) -> tuple[float, ...]:
    """Return the expected profit from the planted signal of each session's opening position, in minor units."""
    until = trading_calendar(CALENDAR).close(result.sessions[-1])
    traded = {bar.session for bar in drawn.source.bars(symbol, Interval.DAY, until=until, count=EVERYTHING)}
    earned = [0.0]
    for session, exposure in zip(result.sessions[:-1], result.exposure[:-1], strict=True):
        counts = exposure and session in traded
        earned.append(exposure * drawn.oracle.expected_return(symbol, session, 1) if counts else 0.0)
    return tuple(earned)


def desk_of(config: ExperimentConfig, source: DemoSource) -> Desk:
    """Return the desk of an evaluation, with rules in every role and without memory."""
    return rule_desk(
        load_desk(config.desk),
        load_prompts(),
        source,
        config.limits,
        seed=0,
        version=__version__,
        timer=lambda: 0.0,
    )
