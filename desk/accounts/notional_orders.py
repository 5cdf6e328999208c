"""Notional orders: market orders for an amount of money, which becomes shares at the open that they fill at."""

from collections.abc import Mapping
from contextlib import suppress

from ...domain.errors import OrderRejected
from ...ledger.broker import Broker
from ...ledger.pricing.integer_bar import IntegerBar
from ...ledger.pricing.units import MINOR

Amounts = Mapping[str, int]
"""Amount of each notional order in minor units, by order id."""

NO_AMOUNTS: Amounts = {}


def size_notional_orders(broker: Broker, amounts: Amounts, bars: Mapping[str, IntegerBar]) -> None:
    """Replace the quantity of every notional order that can fill now by its amount over the open of its bar.

    The quantity is rounded down to a whole step of the instrument. An order whose new quantity the broker does not
    accept, or whose amount buys less than one step, keeps the quantity that it was accepted with.
    """
    for order in broker.book.live_orders() if amounts else ():
        amount, bar = amounts.get(order.terms.order_id), bars.get(order.terms.symbol)
        if amount is None or bar is None or order.filled or order.first_bar > broker.book.bar + 1:
            continue
        instrument = broker.book.instruments[order.terms.symbol]
        quantity = amount * instrument.price_scale * instrument.quantity_scale // (bar.open * MINOR)
        quantity -= quantity % instrument.lot
        if quantity and quantity != order.quantity:
            with suppress(OrderRejected):
                broker.replace(order.terms.order_id, quantity=quantity, reference=bar.open, at_open=True)
