"""Price levels of a chart: orders, resting orders, average cost and last close."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from ..domain.decision import PositionSnapshot
from ..domain.orders import Order, OrderType


class LevelRole(StrEnum):
    """The role of a price level; also its CSS class."""

    ENTRY = "entry"
    TARGET = "target"
    STOP = "stop"
    LAST = "last"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Level:
    """A price level of an order, the average cost, or the last close; `resting` if the order is at the broker."""

    role: LevelRole
    label: str
    price: Decimal
    resting: bool = False


def levels(orders: Sequence[Order], last_close: Decimal | None) -> tuple[Level, ...]:
    """Return the price levels of `orders` and the last close, without duplicates."""
    found = [level for order in orders for level in _waiting(order, last_close)]
    if last_close is not None:
        found.append(Level(LevelRole.LAST, "Last close", last_close))
    return tuple(dict.fromkeys(found))


def position_levels(position: PositionSnapshot | None, last_close: Decimal | None) -> tuple[Level, ...]:
    """Return the average cost and the levels of the resting orders of a position."""
    if position is None:
        return ()
    found = [
        replace(level, label=f"Resting {level.label[0].lower()}{level.label[1:]}", resting=True)
        for order in position.resting
        for level in _waiting(order, last_close)
    ]
    if position.quantity:
        found.append(Level(LevelRole.COST, "Average cost", position.average_cost))
    return tuple(dict.fromkeys(found))


def _waiting(order: Order, last_close: Decimal | None) -> Iterator[Level]:
    verb = order.action.capitalize()
    if order.limit_price is not None:
        yield Level(LevelRole.ENTRY if order.action.opens else LevelRole.TARGET, f"{verb} limit", order.limit_price)
    if order.stop_price is not None:
        yield Level(LevelRole.ENTRY if order.action.opens else LevelRole.STOP, f"{verb} stop", order.stop_price)
    if order.type is OrderType.TRAILING_STOP and order.trail is not None and last_close is not None:
        level = last_close + order.action.sign * order.trail
        yield Level(LevelRole.ENTRY if order.action.opens else LevelRole.STOP, f"{verb} trail", level)
    if order.take_profit is not None:
        yield Level(LevelRole.TARGET, "Take profit", order.take_profit.limit_price)
    if order.stop_loss is not None:
        trails = order.stop_loss.trail is not None
        yield Level(LevelRole.STOP, "Trailing stop loss" if trails else "Stop loss", order.stop_loss.stop_price)
