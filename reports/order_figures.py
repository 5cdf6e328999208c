"""Levels, size and risk of a decision's orders of one action, or of the resting exits of its position, as figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ..domain.account import Holding
from ..domain.decision import PositionSnapshot
from ..domain.orders import Action, Order, OrderType
from ..risk.position_loss import loss_at_stops
from ..risk.reference_prices import entry_levels

Weighted = Sequence[tuple[Decimal, Decimal | None]]


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """The figures of orders of one action; None where a figure does not apply or is unknown.

    Attributes:
        action: the action of the orders; None for the resting exits of a position.
        size: shares of the orders, negative when short or sold. Exits that exclude each other count once.
        price: entry price per share of opening orders, exit price of exits at market; averages over the orders,
            weighted by quantity.
        at_market: whether an order names no price, so that `price` contains the last close.
        stop, target: prices per share of the exits, averages as `price`; None unless every entry has one.
        partly_stopped, partly_targeted: whether some entries have a stop or a target, and others have none.
        reward_risk: distance of the target from the entry over the distance of the stop; of opening orders only.
        value: size times the entry or exit price, without sign; exits of several kinds count at the last close.
        value_share: `value` as a fraction of equity.
        loss: loss if all entries fill at `price` and leave at their stops. For exits, the loss of the shares that
            have a stop, from the average cost or the last close, whichever is worse.
        loss_share: `loss` as a fraction of equity.
        protected: shares of the position that have a stop; of exits only.
    """

    action: Action | None
    size: Decimal
    price: Decimal | None = None
    at_market: bool = False
    stop: Decimal | None = None
    target: Decimal | None = None
    partly_stopped: bool = False
    partly_targeted: bool = False
    reward_risk: Decimal | None = None
    value: Decimal | None = None
    value_share: Decimal | None = None
    loss: Decimal | None = None
    loss_share: Decimal | None = None
    protected: Decimal | None = None

    @property
    def opens(self) -> bool:
        """Return whether the orders open a position."""
        return self.action is not None and self.action.opens


def entry_figures(orders: Sequence[Order], last_close: Decimal | None, equity: Decimal | None) -> OrderFigures | None:
    """Return the figures of opening orders of one action; None if an entry price is unknown."""
    levels = [(order, level) for order in orders if (level := _entry(order, last_close)) is not None]
    if len(levels) != len(orders):
        return None
    shares = sum((order.quantity for order in orders), Decimal(0))
    value = sum((order.quantity * level for order, level in levels), Decimal(0))
    stop = _average([(order.quantity, order.stop_loss.stop_price if order.stop_loss else None) for order in orders])
    target = _average([(each.quantity, each.take_profit.limit_price if each.take_profit else None) for each in orders])
    entry = value / shares
    risk = None if stop is None else abs(entry - stop)
    loss = None if risk is None else shares * risk
    return OrderFigures(
        action=orders[0].action,
        size=shares * orders[0].action.sign,
        price=entry,
        at_market=any(_unpriced(order) for order in orders),
        stop=stop,
        target=target,
        partly_stopped=stop is None and any(order.stop_loss for order in orders),
        partly_targeted=target is None and any(order.take_profit for order in orders),
        reward_risk=None if target is None else _ratio(abs(target - entry), risk),
        value=value,
        value_share=_ratio(value, equity),
        loss=loss,
        loss_share=_ratio(loss, equity),
    )


def exit_figures(
    orders: Sequence[Order],
    position: PositionSnapshot | None,
    last_close: Decimal | None,
    equity: Decimal | None,
    *,
    resting: bool = False,
) -> OrderFigures | None:
    """Return the figures of exits of one position; None if there are none.

    A limit and a stop exclude each other: the larger quantity counts, and never more than the position.
    """
    if not orders:
        return None
    action = orders[0].action
    limits, stops = _limits(orders), _stops(orders, last_close)
    market = [(order.quantity, last_close) for order in orders if order.type is OrderType.MARKET]
    shares = _shares(market) + max(_shares(limits), _shares(stops))
    held = _held(position, action)
    shares = shares if held is None else min(shares, held)
    kinds = [kind for kind in (market, limits, stops) if kind]
    price = _average(kinds[0]) if len(kinds) == 1 else last_close
    value = None if price is None else shares * price
    loss = _loss(orders, position, _shares(stops), last_close)
    return OrderFigures(
        action=None if resting else action,
        size=shares * action.sign,
        price=_average(market),
        at_market=bool(market),
        stop=_average(stops),
        target=_average(limits),
        value=value,
        value_share=_ratio(value, equity),
        loss=loss,
        loss_share=_ratio(loss, equity),
        protected=None if held is None else min(_shares(stops), held),
    )


def _entry(order: Order, last_close: Decimal | None) -> Decimal | None:
    if last_close is None and (order.type is OrderType.TRAILING_STOP or _unpriced(order)):
        return None
    return entry_levels(order, last_close or Decimal(0))[0]


def _unpriced(order: Order) -> bool:
    return order.limit_price is None and order.stop_price is None and order.trail is None


def _limits(orders: Iterable[Order]) -> Weighted:
    found = [(each.quantity, each.limit_price) for each in orders if each.type is OrderType.LIMIT]
    return [(quantity, level) for quantity, level in found if level is not None]


def _stops(orders: Iterable[Order], last_close: Decimal | None) -> Weighted:
    """Return the stops of exits with their quantities, that of an OCO pair included."""
    found: list[tuple[Decimal, Decimal | None]] = []
    for order in orders:
        if order.stop_price is not None:
            found.append((order.quantity, order.stop_price))
        elif order.type is OrderType.TRAILING_STOP and order.trail is not None:
            level = None if last_close is None else last_close + order.action.sign * order.trail
            found.append((order.quantity, level))
        elif order.stop_loss is not None:
            found.append((order.quantity, order.stop_loss.stop_price))
    return found


def _held(position: PositionSnapshot | None, action: Action) -> Decimal | None:
    """Return the shares that `action` can close; None if the position is unknown."""
    if position is None or position.quantity * action.sign >= 0:
        return None
    return abs(position.quantity)


def _loss(
    orders: Sequence[Order], position: PositionSnapshot | None, stopped: Decimal, last_close: Decimal | None
) -> Decimal | None:
    held = _held(position, orders[0].action)
    if position is None or held is None or last_close is None or not stopped:
        return None
    quantity = min(stopped, held) * (1 if position.quantity > 0 else -1)
    holding = Holding(orders[0].symbol, quantity, position.average_cost, last_close)
    stops = [replace(each, stop_price=each.stop_loss.stop_price) if each.stop_loss else each for each in orders]
    return loss_at_stops(holding, stops, last_close, Decimal(0))


def _shares(levels: Weighted) -> Decimal:
    return sum((quantity for quantity, _ in levels), Decimal(0))


def _average(levels: Weighted) -> Decimal | None:
    """Return the mean level weighted by quantity; None if an order has no such level."""
    found = [(quantity, level) for quantity, level in levels if level is not None]
    if not found or len(found) != len(levels):
        return None
    return sum((quantity * level for quantity, level in found), Decimal(0)) / _shares(found)


def _ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole or whole <= 0 else part / whole
