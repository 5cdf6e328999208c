"""The events of an account. The journal is a list of events; the book is their fold.

All amounts are computed before an event is written; folding only adds them up. Prices are in ticks, quantities in
quantity steps, money in minor units, dates in ISO format. `bar` is the index of the bar within the account.
"""

from dataclasses import dataclass

from .instrument import Instrument
from .order_events import (
    OrderAccepted,
    OrderActivated,
    OrderAdjusted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderReduced,
    OrderRefusal,
    OrderReplaced,
    StopTriggered,
    TrailingStopMoved,
)
from .proposal_events import CancelProposed, OrderApproved, OrderProposed, ProposalDenied, ProposalLapsed


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account was opened. `rules` is the canonical JSON of its AccountRules."""

    account: str
    currency: str
    rules: str


@dataclass(frozen=True, slots=True)
class InstrumentListed:
    """An instrument became tradable."""

    instrument: Instrument


@dataclass(frozen=True, slots=True)
class Deposited:
    """Cash was deposited; negative for a withdrawal. `reference` is the idempotency key."""

    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class BarClosed:
    """A bar completed; `marks` holds the closes of all symbols that are held or have open orders."""

    bar: int
    start: int
    session: str
    last: bool
    marks: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CashSettled:
    """All trades due up to and including `session` settled."""

    session: str


@dataclass(frozen=True, slots=True)
class DividendBooked:
    """A dividend was booked on the signed `quantity` held into the ex-date; `amount` has the sign of `quantity`.

    `payment` numbers the dividends of one ex-date from 1; it is 1 in journals before schema 3.
    """

    symbol: str
    ex_date: str
    pay_date: str
    quantity: int
    amount: int
    payment: int = 1


@dataclass(frozen=True, slots=True)
class DividendPaid:
    """A booked dividend was paid in cash; `payment` is that of the booking."""

    symbol: str
    ex_date: str
    session: str
    payment: int = 1


@dataclass(frozen=True, slots=True)
class SplitApplied:
    """A split was applied.

    Attributes:
        in_lieu: cash paid for the fraction, with the sign of the position.
        mark: the new mark.
        sold: pairs of lot id and cost that left the lot with the fraction; empty when there is no fraction, and in
            journals before schema 3, in which the lots keep all cost and `in_lieu` is income.
    """

    symbol: str
    ex_date: str
    numerator: int
    denominator: int
    in_lieu: int
    mark: int | None
    sold: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Delisted:
    """A symbol ceased to trade.

    The position was closed for the signed `value`. `unknown` is true when no price was known.
    """

    symbol: str
    day: str
    price: int
    value: int
    unknown: bool


@dataclass(frozen=True, slots=True)
class SymbolRenamed:
    """A listing trades as `new` from `session` on; its position and the `orders` of these ids moved to it."""

    symbol: str
    new: str
    session: str
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SymbolQuarantined:
    """The data of a symbol cannot be used since `session`: new orders in it are rejected."""

    symbol: str
    session: str
    reason: str


@dataclass(frozen=True, slots=True)
class SymbolReleased:
    """The data of a quarantined symbol can be used again."""

    symbol: str
    session: str


@dataclass(frozen=True, slots=True)
class Accrued:
    """Interest or a borrow fee accrued over some days; positive when the account receives it.

    `micro` is the exact amount in millionths of a minor unit, `amount` the booked amount in minor units.
    """

    kind: str
    symbol: str
    session: str
    micro: int
    amount: int


@dataclass(frozen=True, slots=True)
class AccrualCharged:
    """A month of accruals was paid in cash.

    `amount` has the sign of the accruals. `residue` is the daily booked amounts less `amount`.
    """

    kind: str
    symbol: str
    session: str
    amount: int
    residue: int


@dataclass(frozen=True, slots=True)
class MarginCallIssued:
    """Equity fell below the maintenance requirement by `amount`; the call is due at the close of `deadline`."""

    session: str
    amount: int
    deadline: str


@dataclass(frozen=True, slots=True)
class MarginCallMet:
    """Equity meets the maintenance requirement again."""

    session: str


@dataclass(frozen=True, slots=True)
class DecisionRecorded:
    """The desk decided on a symbol: orders or an intentional hold. The orders follow in the journal."""

    run_id: str
    symbol: str
    outcome: str


@dataclass(frozen=True, slots=True)
class AccountHalted:
    """The account was halted: new orders are rejected until it resumes."""

    reason: str


@dataclass(frozen=True, slots=True)
class AccountReducing:
    """The account accepts only orders that reduce a position until it resumes."""

    reason: str


@dataclass(frozen=True, slots=True)
class AccountResumed:
    """The account resumed: new orders are accepted again. `reason` is empty in journals before schema 4."""

    reason: str = ""


Event = (
    AccountOpened
    | InstrumentListed
    | Deposited
    | OrderAccepted
    | OrderRefusal
    | OrderReplaced
    | OrderAdjusted
    | OrderActivated
    | OrderReduced
    | StopTriggered
    | TrailingStopMoved
    | OrderCanceled
    | OrderExpired
    | OrderFilled
    | BarClosed
    | CashSettled
    | DividendBooked
    | DividendPaid
    | SplitApplied
    | Delisted
    | SymbolRenamed
    | SymbolQuarantined
    | SymbolReleased
    | Accrued
    | AccrualCharged
    | MarginCallIssued
    | MarginCallMet
    | DecisionRecorded
    | AccountHalted
    | AccountReducing
    | AccountResumed
    | OrderProposed
    | CancelProposed
    | OrderApproved
    | ProposalDenied
    | ProposalLapsed
)
