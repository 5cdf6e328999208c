"""The life of an order: its terms, its states, the ways between them, and what the broker remembers of it."""

from dataclasses import dataclass
from enum import StrEnum

from ...domain.errors import LedgerError
from ...domain.orders import OrderType, TimeInForce
from ..pricing.triggers import OrderLevels


class OrderStatus(StrEnum):
    """Where an order stands. `held` waits for its parent's fill."""

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
    DAY_TRADER = "pattern_day_trader"
    SELF_CROSS = "self_cross"
    WRONG_INTENT = "wrong_intent"
    EXCEEDS_POSITION = "exceeds_position"
    NOTHING_TO_CLOSE = "nothing_to_close"
    UNKNOWN_LOT = "unknown_lot"
    ON_REQUEST = "on_request"
    SIBLING_FILLED = "sibling_filled"
    EXIT_FILLED = "exit_filled"
    PARENT_ENDED = "parent_ended"
    IMMEDIATE = "not_filled_at_once"
    AFTER_CUTOFF = "after_cutoff"
    SUPERSEDED = "superseded"
    SPLIT = "split"
    DELISTED = "delisted"
    FORCED = "maintenance_call"


TERMINAL = (OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED)
TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.HELD: frozenset({OrderStatus.OPEN, OrderStatus.CANCELED}),
    OrderStatus.OPEN: frozenset({OrderStatus.PARTIAL, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED}),
    OrderStatus.PARTIAL: frozenset(
        {OrderStatus.PARTIAL, OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED}
    ),
}


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """An order as the ledger keeps it: integers only. Prices in ticks, quantities in quantity steps.

    Attributes:
        sign: +1 to buy, -1 to sell.
        closing: whether it may only make a position smaller.
        trail: distance of a trailing stop. One that is an exit starts at `stop`, any other that far from the market.
        parent: the order whose fill brings this one to life.
        group: shared by orders of which one cancels the other.
        lots: the lots to close first, where the account picks them by name.
        forced: whether the broker itself gave the order.
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


class OrderState:
    """An order and what has become of it.

    Attributes:
        seq: place in the queue; a replaced order goes to the back.
        quantity: what is to be filled in all; an exit follows its parent, a sibling its sibling.
        value: minor units executed so far.
        reserved: minor units of buying power set aside.
        claimed: quantity of the position that it is about to close.
        first_bar: index of the first bar that may fill it.
        triggered: whether a stop-limit has become a limit.
        refused_exits: the exits that were refused together with it.
    """

    __slots__ = (
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
        self.reason: RejectReason | None = None
        self.refused_exits: tuple[OrderTerms, ...] = ()
        self.ended = status in TERMINAL

    @property
    def remaining(self) -> int:
        """Return what is still to be filled; nothing once the order has ended."""
        return 0 if self.ended else self.quantity - self.filled

    def transition(self, status: OrderStatus, reason: RejectReason | None = None) -> None:
        """Change state; raises LedgerError when there is no way from the present one."""
        if status not in TRANSITIONS.get(self.status, ()):
            raise LedgerError(f"order {self.terms.order_id} cannot go from {self.status} to {status}")
        self.status, self.reason = status, reason
        self.ended = status in TERMINAL

    def update_levels(self, limit: int | None, stop: int | None) -> None:
        """Set new prices."""
        levels = self.levels
        self.levels = OrderLevels(levels.type, levels.sign, limit, stop, levels.tif, levels.through)

    def snapshot(self) -> tuple[object, ...]:
        """Return all that the state consists of, in a fixed order."""
        levels = self.levels
        return (
            self.terms.order_id, self.terms.symbol, self.terms.sign, self.status, self.seq, self.quantity, self.filled,
            self.value, self.commission, self.reserved, self.claimed, self.first_bar, self.triggered, levels.limit,
            levels.stop, self.trail, self.reason, len(self.refused_exits),
        )  # fmt: skip
