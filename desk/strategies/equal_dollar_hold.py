"""The benchmark of a backtest: an equal amount of money in each symbol, bought once and held."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from ...domain.account import Account
from ...domain.decision import Decision
from ...domain.market import Quote
from ...ledger.pricing.units import MINOR
from ...market.source import MarketSource
from ...market.view import MarketView
from ...risk.order_rounding import round_quantity
from ...risk.sizing import marked_equity
from ...tools.quote import build_quote
from ..decision import DecisionRequest
from .formula import hold, to_target

FULL_BPS = 10_000


@dataclass(frozen=True, slots=True)
class EqualDollarHold:
    """Buys equity / `count` of each symbol at the first decision with a quote, by market orders, and holds it.

    The orders are notional: `amounts` receives the amount of each, in minor units by order id. An account that is given
    the same mapping spends exactly this amount at the open; any other buys the shares that it was worth at the close.
    The amount is divided by 1 + `reserve_bps` / 10,000, since an account reserves a cushion and its costs on top of a
    market order's reference price: without it, an account without margin rejects the last orders.
    """

    source: MarketSource
    count: int
    reserve_bps: int = 0
    amounts: dict[str, int] = field(default_factory=dict)
    name: str = "buy and hold"

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Buy the symbol's share if the symbol is neither held nor ordered."""
        account, symbol = request.account, request.ticker
        if account.quantity(symbol) or any(order.symbol == symbol for order in account.open_orders):
            return hold(self.name, request, self.source)

        def target(facts: Quote) -> Decimal:
            tradable = replace(facts, whole_shares=facts.whole_shares and not account.fractional)
            return round_quantity(self._share(account, facts) / facts.last_close, tradable)

        decision = to_target(self.name, request, self.source, target)
        for order in decision.risk.allowed:
            facts = build_quote(MarketView(self.source, request.as_of), symbol)
            self.amounts[order.client_order_id] = int(self._share(account, facts) * MINOR)
        return decision

    def _share(self, account: Account, facts: Quote) -> Decimal:
        share = marked_equity(account, facts) / self.count * FULL_BPS / (FULL_BPS + self.reserve_bps)
        return max(share, Decimal(0))
