"""An order: its terms, its status transitions and its mutable state."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ...domain.errors import LedgerError
from ...domain.orders import OrderType, TimeInForce
from ..pricing.triggers import OrderLevels


class OrderStatus(StrEnum):
    """The status of an order. A `held` order waits for its parent's fill, or for the exit that it awaits."""

    HELD = "held"
    OPEN = "open"
    PARTIAL = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class RejectReason(StrEnum):
    """Why an order was rejected or canceled."""

    UNKNOWN_SYMBOL = "unknown_symbol"
    BAD_QUANTITY = "bad_quantity"
    BAD_LOT = "bad_lot"
    BAD_PRICE = "bad_price"
    BAD_TERMS = "bad_terms"
    FRACTION_NOT_ALLOWED = "fraction_not_allowed"
    WRONG_SIDE = "stop_on_wrong_side"
    NO_REFERENCE = "no_reference_price"
    NO_BUYING_POWER = "insufficient_buying_power"
    NO_SHORTS = "no_shorts_in_cash_account"
    NO_LOCATE = "no_locate"
    HALTED = "account_halted"
    REDUCING = "account_reducing"
    DAY_TRADER = "pattern_day_trader"
    SELF_CROSS = "self_cross"
    WRONG_INTENT = "wrong_intent"
    EXCEEDS_POSITION = "exceeds_position"
    NOTHING_TO_CLOSE = "nothing_to_close"
    UNKNOWN_LOT = "unknown_lot"
    ON_REQUEST = "on_request"
    SIBLING_FILLED = "sibling_filled"
    EXIT_FILLED = "exit_filled"
    EXIT_TRIGGERED = "exit_triggered"
    PARENT_ENDED = "parent_ended"
    IMMEDIATE = "not_filled_at_once"
    AFTER_CUTOFF = "after_cutoff"
    SUPERSEDED = "superseded"
    SPLIT = "split"
    DELISTED = "delisted"
    QUARANTINED = "quarantined"
    FORCED = "maintenance_call"
    SLICE_REJECTED = "slice_rejected"


TERMINAL = (OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED)
TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.HELD: frozenset({OrderStatus.OPEN, OrderStatus.CANCELED, OrderStatus.EXPIRED}),
    OrderStatus.OPEN: frozenset({OrderStatus.PARTIAL, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED}),
    OrderStatus.PARTIAL: frozenset(
        {OrderStatus.PARTIAL, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED}
    ),
}


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """The terms of an order in integers: prices in ticks, quantities in quantity steps.

    Attributes:
        sign: +1 to buy, -1 to sell.
        closing: whether the order may only reduce a position.
        trail: distance of a trailing stop. An exit starts at `stop`; any other order starts `trail` from the market.
        parent: id of the order whose fill activates this one.
        group: id shared by orders that cancel each other (OCO).
        lots: ids of the lots to close first, for accounts with specific lot identification.
        forced: whether the broker generated the order.
        good_after: earliest start of a bar that may fill the order, in seconds since 1970-01-01 UTC. On the last bar of
            a session, a market order whose moment lies inside the bar fills at the close. None for no such moment.
        slice_of: id of the parent order that was split into slices, of which this is one.
        awaits: id of the closing order, or of the parent order of its slices, that an entry of the other side waits
            for; it becomes active once that order is done and the position is flat. None for any other order.
    """

    order_id: str
    symbol: str
    sign: int
    closing: bool
    quantity: int
    type: OrderType
    limit: int | None
    stop: int | None
    trail: int | None
    tif: TimeInForce
    run_id: str
    decision_id: str
    parent: str | None = None
    group: str | None = None
    lots: tuple[str, ...] = ()
    forced: bool = False
    good_after: int | None = None
    slice_of: str | None = None
    awaits: str | None = None


class OrderState:
    """An order and its current state.

    Attributes:
        accepted_as: symbol with which the order was submitted; None if the symbol has not changed since.
        seq: queue position; a replaced order goes to the back.
        quantity: total quantity to fill; fills of a parent or sibling change the quantity of an exit or sibling.
        value: executed value so far in minor units.
        reserved: reserved buying power in minor units.
        claimed: quantity of the position that the order reserves for closing.
        first_bar: index of the first bar that may fill it.
        triggered: whether a stop or stop-limit has been triggered.
        refused_exits: the exits that were rejected together with the order.
    """

    __slots__ = (
        "accepted_as",
        "claimed",
        "commission",
        "ended",
        "filled",
        "first_bar",
        "levels",
        "quantity",
        "reason",
        "refused_exits",
        "reserved",
        "seq",
        "status",
        "terms",
        "trail",
        "triggered",
        "value",
    )

    def __init__(self, terms: OrderTerms, seq: int, status: OrderStatus, first_bar: int, through: bool) -> None:
        self.terms, self.seq, self.status, self.first_bar = terms, seq, status, first_bar
        self.quantity, self.filled, self.value, self.commission = terms.quantity, 0, 0, 0
        self.reserved = self.claimed = 0
        self.trail = terms.trail
        self.levels = OrderLevels(terms.type, terms.sign, terms.limit, terms.stop, terms.tif, through)
        self.triggered = False
        self.accepted_as: str | None = None
        self.reason: RejectReason | None = None
        self.refused_exits: tuple[OrderTerms, ...] = ()
        self.ended = status in TERMINAL

    @property
    def remaining(self) -> int:
        """Return the quantity still to be filled; 0 once the order has ended."""
        return 0 if self.ended else self.quantity - self.filled

    def transition(self, status: OrderStatus, reason: RejectReason | None = None) -> None:
        """Change the status; raises LedgerError for a transition that is not allowed."""
        if status not in TRANSITIONS.get(self.status, ()):
            raise LedgerError(f"order {self.terms.order_id} cannot go from {self.status} to {status}")
        self.status, self.reason = status, reason
        self.ended = status in TERMINAL

    @property
    def submitted_terms(self) -> OrderTerms:
        """Return the terms with the symbol with which the order was submitted."""
        return self.terms if self.accepted_as is None else replace(self.terms, symbol=self.accepted_as)

    def rename(self, symbol: str) -> None:
        """Move the order to another symbol."""
        self.accepted_as = self.accepted_as or self.terms.symbol
        self.terms = replace(self.terms, symbol=symbol)

    def update_levels(self, limit: int | None, stop: int | None) -> None:
        """Set new prices."""
        levels = self.levels
        self.levels = OrderLevels(levels.type, levels.sign, limit, stop, levels.tif, levels.through)

    def snapshot(self) -> tuple[object, ...]:
        """Return the whole state as a tuple in a fixed order."""
        levels, terms = self.levels, self.terms
        timed = () if terms.good_after is None and terms.slice_of is None else (terms.good_after, terms.slice_of)
        awaited = () if terms.awaits is None else (terms.awaits,)
        return (
            terms.order_id, terms.symbol, terms.sign, self.status, self.seq, self.quantity, self.filled,
            self.value, self.commission, self.reserved, self.claimed, self.first_bar, self.triggered, levels.limit,
            levels.stop, self.trail, self.reason, len(self.refused_exits), *timed, *awaited,
        )  # fmt: skip
