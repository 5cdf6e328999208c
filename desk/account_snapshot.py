"""The position in one symbol as a decision record keeps it."""

from decimal import Decimal

from ..domain.account import Account
from ..domain.decision import PositionSnapshot
from ..domain.market import Quote

CENT = Decimal("0.01")


def position_snapshot(account: Account, quote: Quote) -> PositionSnapshot | None:
    """Return the position and open orders in the quoted symbol; None without any.

    Resting entries that the decision replaces are included.
    """
    holding = account.holdings.get(quote.symbol)
    resting = account.resting(quote.symbol)
    facts = account.resting_facts
    if holding is None and not resting:
        return None
    quantity = holding.quantity if holding else Decimal(0)
    cost = holding.average_cost if holding else Decimal(0)
    return PositionSnapshot(
        quantity=quantity,
        average_cost=cost,
        last_close=quote.last_close,
        unrealized=(quantity * (quote.last_close - cost)).quantize(CENT),
        resting=resting,
        resting_ages={o.client_order_id: facts[o.client_order_id].age for o in resting if o.client_order_id in facts},
    )
