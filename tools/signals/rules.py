"""The rule experts by name."""

from collections.abc import Mapping
from types import MappingProxyType

from .crossings import KdjCrossRule, MacdCrossRule
from .reversal import LowVolatilityRule, ReversalRule, StochasticBandsRule, ZScoreRule
from .rule_signal import RuleSignal
from .trend import BreakoutRule, MomentumRule, PositionRule, TrendRule

RULE_SIGNALS: Mapping[str, type[RuleSignal]] = MappingProxyType(
    {
        "trend": TrendRule,
        "reversal": ReversalRule,
        "breakout": BreakoutRule,
        "position": PositionRule,
        "macd_cross": MacdCrossRule,
        "kdj_cross": KdjCrossRule,
        "stochastic_bands": StochasticBandsRule,
        "zscore": ZScoreRule,
        "momentum": MomentumRule,
        "low_volatility": LowVolatilityRule,
    }
)
