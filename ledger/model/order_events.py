"""What can happen to an order. Every amount is decided before the event is written: ticks, steps and minor units."""

from dataclasses import dataclass

from .order import OrderTerms, RejectReason


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """An order lives; `held` orders wait for their parent, `stop` is the level of a trailing stop."""

    terms: OrderTerms
    first_bar: int
    reserved: int
    held: bool = False
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class OrderRefusal:
    """An order was rejected, and its exits with it."""

    terms: OrderTerms
    exits: tuple[OrderTerms, ...]
    reason: RejectReason


@dataclass(frozen=True, slots=True)
class OrderReplaced:
    """An order got new terms and a new place in the queue."""

    order_id: str
    quantity: int
    limit: int | None
    stop: int | None
    trail: int | None
    reserved: int
    first_bar: int


@dataclass(frozen=True, slots=True)
class OrderAdjusted:
    """An order was carried over a split."""

    order_id: str
    quantity: int
    filled: int
    limit: int | None
    stop: int | None
    trail: int | None


@dataclass(frozen=True, slots=True)
class OrderActivated:
    """A held order came to life with this quantity, or a living exit grew to it."""

    order_id: str
    quantity: int
    first_bar: int


@dataclass(frozen=True, slots=True)
class OrderReduced:
    """An order's quantity became smaller because its sibling filled in part; `reserved` is left, None for as before."""

    order_id: str
    quantity: int
    reserved: int | None = None


@dataclass(frozen=True, slots=True)
class StopTriggered:
    """A stop-limit became a limit; `ambiguous` when the same bar may have filled it."""

    order_id: str
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class TrailingStopMoved:
    """A trailing stop moved after a completed bar."""

    order_id: str
    stop: int


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """An order ended by a wish or a rule."""

    order_id: str
    reason: RejectReason


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """An order ended by time."""

    order_id: str


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """A part of an order, or all of it, was executed.

    Attributes:
        price, reference: what was paid, and what the bar said before slippage.
        value: price x quantity in minor units, always positive.
        settles: the day on which the cash moves.
        ambiguous: whether the bar would have allowed another outcome too.
        low, high: the range of the bar in ticks; None in a journal of before they were written down.
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
