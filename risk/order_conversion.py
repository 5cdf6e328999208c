"""From a plan to orders, and what a broker or common sense would refuse about them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from typing import Protocol

from ..domain.brief import Brief
from ..domain.errors import RiskDenied
from ..domain.ids import ClientOrderId
from ..domain.market import Quote
from ..domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from ..domain.outputs import OrderPlan, PlannedOrder
from .reference_prices import entry_levels

CENT = Decimal("0.01")
SHARE, MICRO_SHARE = Decimal(1), Decimal("1e-6")

TOO_LARGE = 15  # digits before the point; nothing that is traded comes near, and decimals stay exact below
WIDE = Context(prec=60)

LEVEL_NAMES = (
    "limit_price",
    "stop_price",
    "trail",
    "take_profit_limit",
    "stop_loss_stop",
    "stop_loss_limit",
    "stop_loss_trail",
)
LEVELS_USED: Mapping[OrderType, frozenset[str]] = {
    OrderType.MARKET: frozenset(),
    OrderType.LIMIT: frozenset({"limit_price"}),
    OrderType.STOP: frozenset({"stop_price"}),
    OrderType.STOP_LIMIT: frozenset({"limit_price", "stop_price"}),
    OrderType.TRAILING_STOP: frozenset({"trail"}),
}
STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
AUCTIONS = frozenset({TimeInForce.OPG, TimeInForce.CLS})
AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


def as_orders(plan: OrderPlan, brief: Brief, name: Callable[[int], ClientOrderId]) -> tuple[Order, ...]:
    """Turn a plan into orders, in its order; `name` is given each one's place, counted from 0.

    Prices are rounded half-even to the tick, quantities cut to whole shares (1e-6 where fractions are traded). Raises
    RiskDenied for a number that rounds to zero or is beyond all reason, which `order_defects` would have told.
    """
    return tuple(_checked(planned, brief, name(place)) for place, planned in enumerate(plan.orders))


def as_order(planned: PlannedOrder, brief: Brief, client_order_id: ClientOrderId) -> Order:
    """Turn one planned order into an order, rounded as `as_orders` says; what rounds to zero is left to be judged."""
    quote = brief.quote
    target = price(planned.take_profit_limit, quote)
    return Order(
        client_order_id=client_order_id,
        symbol=brief.symbol,
        action=planned.action,
        quantity=tradable_as(planned, planned.quantity, quote),
        type=planned.type,
        limit_price=price(planned.limit_price, quote),
        stop_price=price(planned.stop_price, quote),
        trail=price(planned.trail, quote),
        time_in_force=planned.time_in_force,
        order_class=planned.order_class,
        take_profit=TakeProfit(target) if target is not None else None,
        stop_loss=_stop_loss(planned, quote),
        rationale=planned.rationale,
        evidence=planned.evidence,
        lots=planned.lots,
    )


def _stop_loss(planned: PlannedOrder, quote: Quote) -> StopLoss | None:
    stop = price(planned.stop_loss_stop, quote)
    if stop is None:
        return None
    return StopLoss(stop, price(planned.stop_loss_limit, quote), price(planned.stop_loss_trail, quote))


def price(asked: Decimal | None, quote: Quote) -> Decimal | None:
    """Return `asked` on the price grid of `quote`, half-even."""
    if asked is None:
        return None
    if quote.tick == CENT:
        return asked.quantize(CENT, ROUND_HALF_EVEN, WIDE)
    return _without_idle_zeros(asked.quantize(quote.tick, ROUND_HALF_EVEN, WIDE))


def _without_idle_zeros(price: Decimal) -> Decimal:
    cents = price.quantize(CENT, ROUND_HALF_EVEN, WIDE)
    return cents if cents == price else price.normalize(WIDE)


def tradable(quantity: Decimal, quote: Quote) -> Decimal:
    """Return `quantity` cut toward zero to what can be traded."""
    return quantity.quantize(SHARE if quote.whole_shares else MICRO_SHARE, ROUND_DOWN, WIDE)


class Form(Protocol):
    """What decides whether parts of a share can be traded: an order, or the plan of one."""

    @property
    def type(self) -> OrderType: ...

    @property
    def time_in_force(self) -> TimeInForce: ...

    @property
    def order_class(self) -> OrderClass: ...


def tradable_as(form: Form, quantity: Decimal, quote: Quote) -> Decimal:
    """Return `quantity` cut toward zero to what an order of this form can trade.

    Parts of a share are traded by plain day orders only, at the market or a limit; parts of coins are like wholes.
    """
    plain = form.type in (OrderType.MARKET, OrderType.LIMIT) and form.order_class is OrderClass.SIMPLE
    parts = quote.tick != CENT or (plain and form.time_in_force is TimeInForce.DAY)
    return tradable(quantity, quote if parts else replace(quote, whole_shares=True))


def order_defects(planned: PlannedOrder, brief: Brief) -> tuple[str, ...]:
    """Name, in words, everything that a broker or common sense would refuse about one planned order.

    Empty means that the order can be sent. Positions are those of `brief.account`; its open orders are not counted.
    """
    if absurd := tuple(_absurd(planned)):
        return absurd
    order = as_order(planned, brief, ClientOrderId("planned"))
    return tuple(defect for check in _CHECKS for defect in check(planned, order, brief))


def _absurd(planned: PlannedOrder) -> Iterator[str]:
    numbers = planned.model_dump(include={*LEVEL_NAMES, "quantity"}, exclude_none=True)
    for name, number in numbers.items():
        if number.adjusted() >= TOO_LARGE:
            yield f"its {name} of {number:.3E} is beyond all reason"


def _checked(planned: PlannedOrder, brief: Brief, client_order_id: ClientOrderId) -> Order:
    defects = tuple(_absurd(planned))
    order = None if defects else as_order(planned, brief, client_order_id)
    if order is None or (defects := tuple(_vanishing(order))):
        raise RiskDenied(f"{client_order_id} cannot be an order: {defects[0]}; check the plan with order_defects first")
    return order


def _vanishing(order: Order) -> Iterator[str]:
    if not order.quantity:
        yield "its quantity is less than the smallest that can be traded"
    target, stop = order.take_profit, order.stop_loss
    legs = (target and target.limit_price, stop and stop.stop_price, stop and stop.limit_price, stop and stop.trail)
    levels = zip(LEVEL_NAMES, (order.limit_price, order.stop_price, order.trail, *legs), strict=True)
    yield from (f"its {name} rounds to zero" for name, level in levels if level is not None and not level)


def _vanishes(_: PlannedOrder, order: Order, __: Brief) -> Iterator[str]:
    yield from _vanishing(order)


def _levels(planned: PlannedOrder, _: Order, __: Brief) -> Iterator[str]:
    given = {"limit_price": planned.limit_price, "stop_price": planned.stop_price, "trail": planned.trail}
    for name, level in given.items():
        used = name in LEVELS_USED[planned.type]
        if used and level is None:
            yield f"a {planned.type} order needs a {name}"
        if not used and level is not None:
            yield f"a {planned.type} order does not use a {name}"


def _position(_: PlannedOrder, order: Order, brief: Brief) -> Iterator[str]:
    held = brief.account.quantity(brief.symbol)
    if order.action is Action.BUY and held < 0:
        yield f"the account is short {-held} shares: cover first"
    if order.action is Action.SHORT and held > 0:
        yield f"the account is long {held} shares: sell first"
    if order.action is Action.SHORT and not brief.account.margin:
        yield "a cash account cannot short"
    if not order.action.opens:
        yield from _exit(order, -order.action.sign * held)


def _exit(order: Order, closable: Decimal) -> Iterator[str]:
    side = "long" if order.action is Action.SELL else "short"
    if closable <= 0:
        yield f"there is no {side} position to {order.action}"
    elif order.quantity > closable:
        yield f"{order.action} asks for {order.quantity} shares, but only {closable} are held {side}"


def _own_stop(_: PlannedOrder, order: Order, brief: Brief) -> Iterator[str]:
    close = brief.quote.last_close
    if order.stop_price is not None and order.action.sign * (order.stop_price - close) <= 0:
        where = "above" if order.action.sign > 0 else "below"
        yield f"a {order.action} stop must lie {where} the last close of {close}, not at {order.stop_price}"
    if order.trail is not None and order.trail >= close:
        yield f"a trail of {order.trail} is not smaller than the last close of {close}"


def _class_needs(planned: PlannedOrder, order: Order, _: Brief) -> Iterator[str]:
    legs = sum(leg is not None for leg in (order.take_profit, order.stop_loss))
    if order.order_class is OrderClass.BRACKET and legs != 2:
        yield "a bracket needs both take_profit_limit and stop_loss_stop"
    if order.order_class is OrderClass.OTO and legs != 1:
        yield "an oto needs exactly one of take_profit_limit and stop_loss_stop"
    if order.order_class is OrderClass.SIMPLE and legs:
        yield "a simple order has neither take_profit_limit nor stop_loss_stop: make it a bracket or an oto"
    if order.order_class in (OrderClass.BRACKET, OrderClass.OTO) and not order.action.opens:
        yield f"a {order.action} closes a position: {order.order_class} belongs to an order that opens one"
    if planned.stop_loss_limit is not None and planned.stop_loss_stop is None:
        yield "a stop_loss_limit needs a stop_loss_stop"
    if planned.stop_loss_trail is not None and planned.stop_loss_stop is None:
        yield "a stop_loss_trail needs a stop_loss_stop, where the stop begins"
    if planned.stop_loss_trail is not None and planned.stop_loss_limit is not None:
        yield "a stop loss that trails is filled at the market: leave stop_loss_limit out, or stop_loss_trail"


def _oco(_: PlannedOrder, order: Order, __: Brief) -> Iterator[str]:
    if order.order_class is not OrderClass.OCO:
        return
    if order.action.opens:
        yield "an oco only closes an existing position: sell or cover"
    if order.type is not OrderType.LIMIT or order.stop_loss is None:
        yield "an oco is a limit order, whose limit_price is the target, with a stop_loss_stop"
    if order.take_profit is not None and order.take_profit.limit_price != order.limit_price:
        yield "the target of an oco is its limit_price: leave take_profit_limit out or make them equal"


def _legs(_: PlannedOrder, order: Order, brief: Brief) -> Iterator[str]:
    """Yield legs on the wrong side: of the entry for what opens, of the last close for what closes."""
    close = brief.quote.last_close
    levels = entry_levels(order, close) if order.action.opens else (close,)
    way = order.action.sign if order.action.opens else -order.action.sign
    low, high = min(way * level for level in levels), max(way * level for level in levels)
    target, stop = order.take_profit, order.stop_loss
    if order.order_class is OrderClass.OCO and order.limit_price is not None:
        target = TakeProfit(order.limit_price)
    of = "the entry" if order.action.opens else "the last close"
    above, below = ("above", "below") if way > 0 else ("below", "above")
    if target and way * target.limit_price <= high:
        yield f"the target of {target.limit_price} must lie {above} {of} of {abs(high)}"
    if stop and way * stop.stop_price >= low:
        yield f"the stop loss of {stop.stop_price} must lie {below} {of} of {abs(low)}"
    if stop and stop.limit_price is not None and way * stop.limit_price > way * stop.stop_price:
        yield f"the stop_loss_limit of {stop.limit_price} must not lie {above} its stop of {stop.stop_price}"
    if stop and stop.trail is not None and stop.trail >= min(levels):
        yield f"a stop_loss_trail of {stop.trail} is not smaller than {of} of {min(levels)}"


def _time_in_force(_: PlannedOrder, order: Order, __: Brief) -> Iterator[str]:
    simple = order.order_class is OrderClass.SIMPLE
    if order.time_in_force in AUCTIONS and (order.type in STOPS or not simple):
        yield f"{order.time_in_force} takes only simple market and limit orders"
    if order.time_in_force in AT_ONCE and (order.type in STOPS or not simple):
        yield f"{order.time_in_force} is for simple orders without a stop"


_CHECKS: tuple[Callable[[PlannedOrder, Order, Brief], Iterator[str]], ...] = (
    _vanishes,
    _levels,
    _position,
    _own_stop,
    _class_needs,
    _oco,
    _legs,
    _time_in_force,
)
