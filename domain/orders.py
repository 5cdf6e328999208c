"""Orders as they leave the desk: typed, with levels, time in force and the evidence behind them."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .ids import (
    ClientOrderId,
    EvidenceId,
    LotId,
    Symbol,
)


class Action(StrEnum):
    """Side and position intent in one word: buy opens and sell closes a long, short opens and cover closes a short."""

    BUY = "buy"
    SELL = "sell"
    SHORT = "short"
    COVER = "cover"

    @property
    def sign(self) -> int:
        """Return +1 for what adds shares and -1 for what takes them away."""
        return 1 if self in (Action.BUY, Action.COVER) else -1

    @property
    def opens(self) -> bool:
        """Return whether the action makes a position larger."""
        return self in (Action.BUY, Action.SHORT)


class OrderType(StrEnum):
    """How the price is found."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long the order lives."""

    DAY = "day"
    GTC = "gtc"
    OPG = "opg"
    CLS = "cls"
    IOC = "ioc"
    FOK = "fok"


class OrderClass(StrEnum):
    """How the order hangs together with its exits."""

    SIMPLE = "simple"
    BRACKET = "bracket"
    OCO = "oco"
    OTO = "oto"


@dataclass(frozen=True, slots=True)
class TakeProfit:
    """The limit at which a gain is taken, quote currency a share."""

    limit_price: Decimal


@dataclass(frozen=True, slots=True)
class StopLoss:
    """The stop at which a loss is cut; with `limit_price` it becomes a stop-limit.

    With `trail` it follows the market at that distance, from `stop_price` on; it never moves back.
    """

    stop_price: Decimal
    limit_price: Decimal | None = None
    trail: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order. Prices in quote currency a share, `trail` likewise, `quantity` in shares and always positive.

    `lots` are those that a closing order takes first, where the account picks its lots; after them, or without any, the
    oldest go first.
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


@dataclass(frozen=True, slots=True)
class Clamp:
    """A limit that fired: what was asked, what it allowed, and why. Units are those of `limit`'s own description."""

    limit: str
    client_order_id: ClientOrderId
    asked: Decimal
    allowed: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class DeniedOrder:
    """An order that did not get through, with the reason."""

    order: Order
    reason: str
