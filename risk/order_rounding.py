"""Rounding of prices to the tick and of quantities to what can be traded."""

from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Protocol

from ..domain.market import CENT, Quote
from ..domain.orders import OrderClass, OrderType, TimeInForce

SHARE, MICRO_SHARE = Decimal(1), Decimal("1e-6")
WIDE = Context(prec=60)


def round_price(asked: Decimal | None, quote: Quote) -> Decimal | None:
    """Return `asked` rounded half-even to the tick of `quote` at that price."""
    if asked is None:
        return None
    tick = quote.tick_at(asked)
    if tick == CENT:
        return asked.quantize(CENT, ROUND_HALF_EVEN, WIDE)
    return _without_idle_zeros(asked.quantize(tick, ROUND_HALF_EVEN, WIDE))


def _without_idle_zeros(price: Decimal) -> Decimal:
    cents = price.quantize(CENT, ROUND_HALF_EVEN, WIDE)
    return cents if cents == price else price.normalize(WIDE)


def round_quantity(quantity: Decimal, quote: Quote) -> Decimal:
    """Return `quantity` rounded toward zero to what can be traded."""
    return quantity.quantize(SHARE if quote.whole_shares else MICRO_SHARE, ROUND_DOWN, WIDE)


class OrderForm(Protocol):
    """The properties of an order or planned order that decide whether fractions can be traded."""

    @property
    def type(self) -> OrderType: ...

    @property
    def time_in_force(self) -> TimeInForce: ...

    @property
    def order_class(self) -> OrderClass: ...


def round_for_order(form: OrderForm, quantity: Decimal, quote: Quote) -> Decimal:
    """Return `quantity` rounded toward zero to what an order of this form can trade.

    Fractions of a share are traded only by simple market and limit day orders; fractions of coins by every order.
    """
    plain = form.type in (OrderType.MARKET, OrderType.LIMIT) and form.order_class is OrderClass.SIMPLE
    parts = quote.is_coin or (plain and form.time_in_force is TimeInForce.DAY)
    return round_quantity(quantity, quote if parts else replace(quote, whole_shares=True))
