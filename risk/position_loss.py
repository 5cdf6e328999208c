"""The loss of a held position at its resting stops."""

from collections.abc import Iterable
from decimal import Decimal

from ..domain.account import Holding
from ..domain.orders import Order, OrderType


def loss_at_stops(holding: Holding, resting: Iterable[Order], last_close: Decimal, collar: Decimal) -> Decimal:
    """Return what a position loses, in currency, if the market moves to its stops.

    The loss of a share is measured from its average cost or from the last close, whichever is worse, so that a loss
    that has already happened counts too. `resting` are the account's open orders; those that close the position and
    have a stop protect their quantity, the widest stop first. Shares without a stop lose `collar`, a share of the last
    close, from there.
    """
    sign = 1 if holding.quantity > 0 else -1
    reference = max(sign * holding.average_cost, sign * last_close)
    unprotected, loss = abs(holding.quantity), Decimal(0)
    for level, quantity in sorted(_stops(holding, resting, last_close), key=lambda stop: sign * stop[0]):
        protected = min(quantity, unprotected)
        loss += protected * max(Decimal(0), reference - sign * level)
        unprotected -= protected
    return loss + unprotected * (reference - sign * last_close + last_close * collar)


def _stops(holding: Holding, resting: Iterable[Order], last_close: Decimal) -> Iterable[tuple[Decimal, Decimal]]:
    for order in resting:
        if order.symbol != holding.symbol or order.action.opens or order.action.sign * holding.quantity > 0:
            continue
        if order.stop_price is not None:
            yield order.stop_price, order.quantity
        elif order.type is OrderType.TRAILING_STOP and order.trail is not None:
            yield last_close + order.action.sign * order.trail, order.quantity
