"""A rule on past prices as a strategy: it holds a share of equity that a signal computes from adjusted bars."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from ...domain.decision import Decision
from ...domain.errors import DataError
from ...domain.market import Quote
from ...market.adjustment import AdjustedSeries
from ...market.price_history import load_price_history
from ...market.source import MarketSource
from ...market.view import MarketView
from ...risk.order_rounding import round_quantity
from ...risk.sizing import marked_equity
from ..decision import DecisionRequest
from .formula import hold, to_target

Position = Callable[[AdjustedSeries], float | None]
"""The position after the last bar as a share of the symbol's capital, in [-1, 1]; None while it is undefined."""

BASIS = Decimal("0.0001")
DEAD_BAND = Decimal("0.02")
"""A position is not changed for a difference of up to this part of the wanted one."""


@dataclass(frozen=True, slots=True)
class SignalStrategy:
    """Holds position * equity / `count` of each symbol, rebalanced at every decision.

    Attributes:
        count: the number of symbols that share the account.
        reserve_bps: part of the capital kept for the cushion and costs of market orders, so that they are accepted.
        shorts: whether a negative position is held; otherwise it is replaced by none.
    """

    name: str
    source: MarketSource
    position: Position
    count: int = 1
    reserve_bps: int = 0
    shorts: bool = False

    async def __call__(self, request: DecisionRequest) -> Decision:
        """Trade to the position of the signal; hold while it is undefined or nearly reached."""
        try:
            series = load_price_history(MarketView(self.source, request.as_of), request.ticker).series
        except DataError:
            return to_target(self.name, request, self.source, lambda _quote: Decimal(0))
        wanted = self.position(series)
        if wanted is None:
            return hold(self.name, request, self.source)
        share = Decimal(max(wanted, -1.0 if self.shorts else 0.0)).quantize(BASIS, ROUND_HALF_EVEN)
        return rebalanced(self.name, self.source, request, share / self.count, self.reserve_bps)


def rebalanced(name: str, source: MarketSource, request: DecisionRequest, share: Decimal, reserve_bps: int) -> Decision:
    """Return the decision to hold a `share` of equity, less the reserve; a difference within DEAD_BAND is kept.

    An account without margin buys for its cash at most.
    """

    def target(quote: Quote) -> Decimal:
        account, reserve = request.account, 1 + Decimal(reserve_bps) / 10_000
        held = account.quantity_ahead(request.ticker)
        value, wanted = held * quote.last_close, share * max(marked_equity(account, quote), Decimal(0)) / reserve
        if not account.margin and wanted > value:
            wanted = min(wanted, value + max(account.cash, Decimal(0)) / reserve)
        if held * share > 0 and abs(value - wanted) <= DEAD_BAND * abs(wanted):
            return held
        tradable = replace(quote, whole_shares=quote.whole_shares and not account.fractional)
        return round_quantity(wanted / quote.last_close, tradable)

    return to_target(name, request, source, target)
