"""Baselines that a desk is compared with: cash, buy and hold, equal weight."""

from dataclasses import dataclass
from decimal import Decimal

from ...domain.decision import Decision
from ...domain.market import Quote
from ...market.source import MarketSource
from ...risk.limit_settings import Limits
from ...risk.order_rounding import round_quantity
from ...risk.sizing import marked_equity, target_quantity
from ..decision import DecisionRequest
from .formula import hold, to_target


@dataclass(frozen=True, slots=True)
class Cash:
    """Never trades."""

    source: MarketSource
    name: str = "cash"

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Hold."""
        return hold(self.name, request, self.source)


@dataclass(frozen=True, slots=True)
class BuyAndHold:
    """Buys once, at the first decision with a quote, the position that a conviction of 1 earns under `limits`."""

    source: MarketSource
    limits: Limits
    name: str = "buy and hold"

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Buy if the symbol is not held."""
        account = request.account
        if account.quantity_ahead(request.ticker):
            return hold(self.name, request, self.source)
        return to_target(
            self.name,
            request,
            self.source,
            lambda facts: target_quantity(Decimal(1), facts, account, self.limits).quantity,
        )


@dataclass(frozen=True, slots=True)
class EqualWeight:
    """Holds each of `count` symbols at 1 / `count` of equity, rebalanced at every decision.

    target shares = trunc(equity / count / last close). DeMiguel, Garlappi & Uppal, "Optimal versus naive
    diversification", Review of Financial Studies 22 (2009).
    """

    source: MarketSource
    count: int
    name: str = "equal weight"

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Buy or sell to the symbol's share of equity."""

        def target(facts: Quote) -> Decimal:
            share = marked_equity(request.account, facts) / self.count
            return round_quantity(max(share, Decimal(0)) / facts.last_close, facts)

        return to_target(self.name, request, self.source, target)
