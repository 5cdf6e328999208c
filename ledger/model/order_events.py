"""The events of an order. All amounts are computed before an event is written.

Prices are in ticks, quantities in quantity steps, money in minor units.
"""

from dataclasses import dataclass

from .order import OrderTerms, RejectReason


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """An order was accepted; `held` orders wait for their parent, `stop` is the initial level of a trailing stop."""

    terms: OrderTerms
    first_bar: int
    reserved: int
    held: bool = False
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class OrderRefusal:
    """An order and its exits were rejected."""

    terms: OrderTerms
    exits: tuple[OrderTerms, ...]
    reason: RejectReason


@dataclass(frozen=True, slots=True)
class OrderReplaced:
    """An order received new terms and moved to the back of the queue."""

    order_id: str
    quantity: int
    limit: int | None
    stop: int | None
    trail: int | None
    reserved: int
    first_bar: int


@dataclass(frozen=True, slots=True)
class OrderAdjusted:
    """An order was adjusted for a split."""

    order_id: str
    quantity: int
    filled: int
    limit: int | None
    stop: int | None
    trail: int | None


@dataclass(frozen=True, slots=True)
class OrderActivated:
    """A held order was activated with `quantity`, or an active exit was increased to `quantity`.

    `reserved` is the reservation of an entry that awaited an exit; None leaves it unchanged.
    """

    order_id: str
    quantity: int
    first_bar: int
    reserved: int | None = None


@dataclass(frozen=True, slots=True)
class OrderReduced:
    """An order's quantity was reduced, after a partial fill of a sibling or because the position became smaller.

    `reserved` is the remaining reservation; None leaves it unchanged.
    """

    order_id: str
    quantity: int
    reserved: int | None = None


@dataclass(frozen=True, slots=True)
class StopTriggered:
    """A stop was triggered; `ambiguous` when the same bar may also have filled it."""

    order_id: str
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class TrailingStopMoved:
    """A trailing stop moved after a completed bar."""

    order_id: str
    stop: int


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """An order was canceled on request or by a rule."""

    order_id: str
    reason: RejectReason


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """An order expired."""

    order_id: str


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """An order was filled in part or in full.

    Attributes:
        price: execution price.
        reference: reference price on the bar, before slippage.
        model: name of the slippage model.
        value: price x quantity in minor units, always positive.
        settles: settlement day.
        ambiguous: whether the bar also allows another outcome.
        low, high: the range of the bar in ticks; None in journals of schema 1.
    """

    fill_id: str
    order_id: str
    bar: int
    session: str
    quantity: int
    price: int
    reference: int
    model: str
    value: int
    commission: int
    settles: str
    ambiguous: bool
    low: int | None = None
    high: int | None = None
