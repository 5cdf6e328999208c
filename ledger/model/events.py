"""What can happen to an account. The journal is a list of these, and the book is their fold.

Every amount is decided before the event is written; folding only adds up. Prices in ticks, quantities in quantity
steps, money in minor units, dates as ISO text, `bar` the running number of the bar within the account.
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


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """The account exists. `rules` is the canonical JSON of its AccountRules."""

    account: str
    currency: str
    rules: str


@dataclass(frozen=True, slots=True)
class InstrumentListed:
    """An instrument may be traded from now on."""

    instrument: Instrument


@dataclass(frozen=True, slots=True)
class Deposited:
    """Cash from outside; negative for a withdrawal. `reference` makes it once only."""

    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class BarClosed:
    """A bar is complete; `marks` are the closes of all symbols that are held or have open orders."""

    bar: int
    start: int
    session: str
    last: bool
    marks: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CashSettled:
    """Everything due up to `session` turned into cash."""

    session: str


@dataclass(frozen=True, slots=True)
class DividendBooked:
    """A dividend on the signed `quantity` held into the ex-date; `amount` is signed like it."""

    symbol: str
    ex_date: str
    pay_date: str
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class DividendPaid:
    """A booked dividend turned into cash."""

    symbol: str
    ex_date: str
    session: str


@dataclass(frozen=True, slots=True)
class SplitApplied:
    """Shares were multiplied; `in_lieu` is cash for the fraction, signed like the position, `mark` the new mark."""

    symbol: str
    ex_date: str
    numerator: int
    denominator: int
    in_lieu: int
    mark: int | None


@dataclass(frozen=True, slots=True)
class Delisted:
    """A symbol ceased to trade; what was held became the signed `value`. `unknown` flags an unknown price."""

    symbol: str
    day: str
    price: int
    value: int
    unknown: bool


@dataclass(frozen=True, slots=True)
class Accrued:
    """Interest or borrow fee of some days: `micro` exactly (millionths, signed: what we get), `amount` as booked."""

    kind: str
    symbol: str
    session: str
    micro: int
    amount: int


@dataclass(frozen=True, slots=True)
class AccrualCharged:
    """A month of accruals turned into cash; `amount` is signed like them, `residue` what daily rounding left over."""

    kind: str
    symbol: str
    session: str
    amount: int
    residue: int


@dataclass(frozen=True, slots=True)
class MarginCallIssued:
    """Equity fell below the requirement by `amount`; it must be met by the close of `deadline`."""

    session: str
    amount: int
    deadline: str


@dataclass(frozen=True, slots=True)
class MarginCallMet:
    """The requirement holds again."""

    session: str


@dataclass(frozen=True, slots=True)
class DecisionRecorded:
    """The desk came to an end over a symbol, in orders or in a deliberate hold; its orders follow."""

    run_id: str
    symbol: str
    outcome: str


@dataclass(frozen=True, slots=True)
class AccountHalted:
    """No order is taken until the account resumes."""

    reason: str


@dataclass(frozen=True, slots=True)
class AccountResumed:
    """Orders are taken again."""


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
    | Accrued
    | AccrualCharged
    | MarginCallIssued
    | MarginCallMet
    | DecisionRecorded
    | AccountHalted
    | AccountResumed
)
