"""The baselines by name, as strategies on an account of `count` symbols."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...domain.errors import ConfigError
from ...domain.ids import Symbol
from ...market.source import MarketSource
from ...tools.signals.crossings import KdjCrossRule, MacdCrossRule
from ...tools.signals.reversal import ZScoreRule
from ...tools.signals.trend import MomentumRule, TrendRule
from ..accounts.notional_orders import NO_AMOUNTS, Amounts
from .baselines import Cash
from .equal_dollar_hold import EqualDollarHold
from .portfolio_weights import PortfolioMethod, WeightedPortfolio, check_skfolio
from .price_rules import LastPosition, RandomPosition, VolatilityTarget
from .signal_strategy import Position, SignalStrategy
from .strategy import Strategy


@dataclass(frozen=True, slots=True)
class BaselineSetting:
    """What a baseline is opened with.

    Attributes:
        symbols: the symbols of the account.
        reserve_bps: part of equity that is kept for the cushion and costs of orders.
        seed, rate: of the random baseline: its draws, and the probability of a draw at a decision.
    """

    source: MarketSource
    symbols: tuple[Symbol, ...]
    reserve_bps: int = 0
    seed: int = 0
    rate: float = 0.1


@dataclass(frozen=True, slots=True)
class OpenedBaseline:
    """A strategy, and the amounts of its notional orders for its account."""

    strategy: Strategy
    amounts: Amounts = field(default_factory=lambda: NO_AMOUNTS)


def _always(_series: object) -> float:
    return 1.0


def _buy_and_hold(setting: BaselineSetting) -> OpenedBaseline:
    held = EqualDollarHold(setting.source, len(setting.symbols), setting.reserve_bps)
    return OpenedBaseline(held, held.amounts)


def _cash(setting: BaselineSetting) -> OpenedBaseline:
    return OpenedBaseline(Cash(setting.source))


def _rule(name: str, position: Position) -> Callable[[BaselineSetting], OpenedBaseline]:
    def opened(setting: BaselineSetting) -> OpenedBaseline:
        return OpenedBaseline(SignalStrategy(name, setting.source, position, len(setting.symbols), setting.reserve_bps))

    return opened


def _portfolio(method: PortfolioMethod) -> Callable[[BaselineSetting], OpenedBaseline]:
    def opened(setting: BaselineSetting) -> OpenedBaseline:
        check_skfolio()
        return OpenedBaseline(WeightedPortfolio(method, setting.source, setting.symbols, setting.reserve_bps))

    return opened


def _random(setting: BaselineSetting) -> OpenedBaseline:
    return _rule("random", RandomPosition(setting.seed, setting.rate))(setting)


BASELINES: Mapping[str, Callable[[BaselineSetting], OpenedBaseline]] = {
    "buy_and_hold": _buy_and_hold,
    "cash": _cash,
    "equal_weight": _rule("equal_weight", _always),
    "momentum": _rule("momentum", LastPosition(MomentumRule(window=100, skip=21, long_only=True))),
    "sma_cross": _rule("sma_cross", LastPosition(TrendRule(fast=50, slow=200, long_only=True))),
    "macd": _rule("macd", LastPosition(MacdCrossRule(fast=12, slow=26, signal=9, long_only=True))),
    "rsi_kdj": _rule("rsi_kdj", LastPosition(KdjCrossRule(long_only=True))),
    "mean_reversion": _rule("mean_reversion", LastPosition(ZScoreRule(long_only=True))),
    "volatility_target": _rule("volatility_target", VolatilityTarget()),
    "random": _random,
    **{str(method): _portfolio(method) for method in PortfolioMethod},
}
MATCHED_BASELINE = "random"
"""The baseline that trades as much as an arm."""

PORTFOLIO_BASELINES = frozenset(map(str, PortfolioMethod))
"""Baselines that divide one account among several symbols."""


def open_baseline(name: str, setting: BaselineSetting) -> OpenedBaseline:
    """Return the baseline called `name`; raises ConfigError naming those there are."""
    if name not in BASELINES:
        raise ConfigError(f"there is no baseline {name!r}; choose one of {', '.join(sorted(BASELINES))}")
    return BASELINES[name](setting)
