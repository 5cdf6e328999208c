"""Checks of a planned order: everything that a broker would reject or that contradicts the account."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from ..domain.brief import Brief
from ..domain.ids import ClientOrderId
from ..domain.orders import Action, Order, OrderClass, OrderType, TakeProfit, TimeInForce
from ..domain.outputs import PlannedOrder
from .number_checks import out_of_range, rounded_to_zero
from .order_conversion import to_order
from .reference_prices import entry_levels

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


def check_order(planned: PlannedOrder, brief: Brief) -> tuple[str, ...]:
    """Return the defects of one planned order as sentences; empty if the order can be sent.

    Positions are those of `brief.account`; its open orders are not counted.
    """
    if absurd := tuple(out_of_range(planned)):
        return absurd
    order = to_order(planned, brief, ClientOrderId("planned"))
    return tuple(defect for check in _CHECKS for defect in check(planned, order, brief))


def _vanishes(_: PlannedOrder, order: Order, __: Brief) -> Iterator[str]:
    yield from rounded_to_zero(order)


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
    """Yield legs on the wrong side of the entry (of an opening order) or of the last close (of a closing order)."""
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
