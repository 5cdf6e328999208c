"""The benchmark of a backtest: an equal amount of money in each symbol, bought once and held."""

from dataclasses import dataclass, replace
from decimal import Decimal

from ...domain.decision import Decision
from ...domain.market import Quote
from ...market.source import MarketSource
from ...risk.order_rounding import round_quantity
from ...risk.sizing import marked_equity
from ..decision import DecisionRequest
from .formula import hold, to_target

FULL_BPS = 10_000


@dataclass(frozen=True, slots=True)
class EqualDollarHold:
    """Buys equity / `count` of each symbol at the first decision with a quote, by market orders, and holds it.

    The amount is divided by 1 + `reserve_bps` / 10,000, since an account reserves a cushion and its costs on top of a
    market order's reference price: without it, an account without margin rejects the last orders.
    """

    source: MarketSource
    count: int
    reserve_bps: int = 0
    name: str = "buy and hold"

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Buy the symbol's share if the symbol is neither held nor ordered."""
        account, symbol = request.account, request.ticker
        if account.quantity(symbol) or any(order.symbol == symbol for order in account.open_orders):
            return hold(self.name, request, self.source)

        def target(facts: Quote) -> Decimal:
            share = marked_equity(account, facts) / self.count * FULL_BPS / (FULL_BPS + self.reserve_bps)
            tradable = replace(facts, whole_shares=facts.whole_shares and not account.fractional)
            return round_quantity(max(share, Decimal(0)) / facts.last_close, tradable)

        return to_target(self.name, request, self.source, target)
