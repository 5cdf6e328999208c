"""The deterministic functions for position sizes and order checks that a desk gives its traders, and their limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..domain.brief import Brief
from ..domain.ids import ClientOrderId, Symbol
from ..domain.outputs import PlannedOrder
from ..market.view import MarketView
from ..risk.limit_settings import Limits
from ..risk.proposals.target_weights import CompiledProposal


def unsent_order_id(symbol: Symbol, leg: int) -> ClientOrderId:
    """Return the id of an order that is only checked, and never sent."""
    return ClientOrderId(f"{symbol}-{leg}")


def symbol_of_unsent(order_id: ClientOrderId) -> Symbol:
    """Return the symbol of an id that `unsent_order_id` has returned."""
    return Symbol(order_id.rpartition("-")[0])


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """The limits of a run, and functions of them.

    Attributes:
        size: returns the position, in signed shares, for a conviction in [-1, 1].
        check: returns the defects of a planned order as sentences; empty if the order can be sent.
        limits: the limits of every order.
        refusals: returns what the limits would cut from the orders of a book, as sentences; empty if nothing. It takes
            the orders, the confidence (0 to 1) and the brief of each symbol, and the market as of the decision.
    """

    size: Callable[[Decimal, Brief], Decimal]
    check: Callable[[PlannedOrder, Brief], tuple[str, ...]]
    limits: Limits
    refusals: Callable[
        [CompiledProposal, Mapping[Symbol, Decimal], Mapping[Symbol, Brief], MarketView], tuple[str, ...]
    ]
