"""The desk's orders, with type, price levels, time in force and evidence."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .ids import (
    ClientOrderId,
    EvidenceId,
    LotId,
    Symbol,
)


class Action(StrEnum):
    """Side and position intent: buy opens and sell closes a long, short opens and cover closes a short."""

    BUY = "buy"
    SELL = "sell"
    SHORT = "short"
    COVER = "cover"

    @property
    def sign(self) -> int:
        """Return +1 for buy and cover, -1 for sell and short."""
        return 1 if self in (Action.BUY, Action.COVER) else -1

    @property
    def opens(self) -> bool:
        """Return whether the action opens or increases a position."""
        return self in (Action.BUY, Action.SHORT)


class OrderType(StrEnum):
    """The type of an order."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """The time in force of an order."""

    DAY = "day"
    GTC = "gtc"
    OPG = "opg"
    CLS = "cls"
    IOC = "ioc"
    FOK = "fok"


class OrderClass(StrEnum):
    """How an order is linked to its exits."""

    SIMPLE = "simple"
    BRACKET = "bracket"
    OCO = "oco"
    OTO = "oto"


@dataclass(frozen=True, slots=True)
class TakeProfit:
    """A take-profit exit; `limit_price` in quote currency per share."""

    limit_price: Decimal


@dataclass(frozen=True, slots=True)
class StopLoss:
    """A stop-loss exit, prices in quote currency per share; `limit_price` makes it a stop-limit.

    With `trail` it is a trailing stop: it starts at `stop_price`, follows the market at that distance, and never moves
    back.
    """

    stop_price: Decimal
    limit_price: Decimal | None = None
    trail: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order. Prices and `trail` are in quote currency per share; `quantity` is in shares and always positive.

    `lots` are the lots that a closing order takes first, if the account supports specific lots. Other lots follow,
    oldest first. `good_after` (aware) is the moment before which the order is not eligible; None for no such moment.
    `slice_of` is the id of the parent order that this order is a slice of. `awaits` is the id of the closing order that
    an entry of the other side waits for: it becomes active once that order is done and the position is flat.
    """

    client_order_id: ClientOrderId
    symbol: Symbol
    action: Action
    quantity: Decimal
    type: OrderType
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail: Decimal | None
    time_in_force: TimeInForce
    order_class: OrderClass
    take_profit: TakeProfit | None
    stop_loss: StopLoss | None
    rationale: str
    evidence: tuple[EvidenceId, ...]
    lots: tuple[LotId, ...] = ()
    good_after: datetime | None = None
    slice_of: ClientOrderId | None = None
    awaits: ClientOrderId | None = None


class RestingAction(StrEnum):
    """What a decision does with a resting order.

    KEEP leaves it. CANCEL cancels it. REPLACE cancels it if the broker accepts an order of the decision in its place.
    """

    KEEP = "keep"
    REPLACE = "replace"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class RestingOrderAction:
    """The action of a decision on one resting order."""

    client_order_id: ClientOrderId
    action: RestingAction


@dataclass(frozen=True, slots=True)
class Clamp:
    """A risk limit that fired: asked and allowed values in the unit of the limit named `limit`, and the reason."""

    limit: str
    client_order_id: ClientOrderId
    asked: Decimal
    allowed: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class DeniedOrder:
    """An order denied by the risk limits, with the reason."""

    order: Order
    reason: str
