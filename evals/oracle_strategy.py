"""The oracle of the demo market as a strategy: an upper bound, because it knows the planted signals."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from math import sqrt

from ..desk.decision import DecisionRequest
from ..desk.strategies.formula import to_target
from ..domain.decision import Decision
from ..domain.ids import Symbol
from ..domain.market import Quote
from ..domain.trading_calendar import trading_calendar
from ..market.demo.oracle import Oracle
from ..market.source import MarketSource
from ..risk.limit_settings import Limits
from ..risk.sizing import target_quantity

HORIZON = 21
"""Forecast horizon in sessions, about the time to the next decision."""
BASIS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class OracleStrategy:
    """A strategy that knows the hidden state at the time of the decision, sizes like the desk, and uses market orders.

    conviction = gain * expected return / (daily volatility * sqrt(21)), clipped to [-1, 1]. The expected return is
    the planted return over the next 21 sessions, so the conviction is `gain` times its signal-to-noise ratio.
    """

    oracle: Oracle
    source: MarketSource
    limits: Limits
    gain: float = 2.0
    name: str = "oracle"

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Return a decision that trades to the target position."""

        def target(facts: Quote) -> Decimal:
            return target_quantity(self.conviction(request, facts), facts, request.account, self.limits).quantity

        return to_target(self.name, request, self.source, target)

    def conviction(self, request: DecisionRequest, facts: Quote) -> Decimal:
        """Return the conviction for the next 21 sessions; zero if the volatility is unknown."""
        if not facts.daily_volatility:
            return Decimal(0)
        symbol = Symbol(request.ticker)
        session = trading_calendar(self.source.calendar_name(symbol)).last_completed(request.as_of)
        expected = self.oracle.expected_return(symbol, session, HORIZON)
        ratio = self.gain * expected / (float(facts.daily_volatility) * sqrt(HORIZON))
        return Decimal(max(-1.0, min(1.0, ratio))).quantize(BASIS, ROUND_HALF_EVEN)
