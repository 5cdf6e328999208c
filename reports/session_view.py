"""The view model of the report of one session, money in the account's currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class FillRow:
    """One execution since the session before."""

    session: str
    symbol: str
    action: str
    quantity: Decimal
    price: Decimal
    commission: Decimal


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision: what the desk asked, what the limits and people allowed, what the broker accepted, and why not."""

    symbol: str
    run_id: str
    outcome: str
    rating: str
    conviction: float | None
    asked: Sequence[str]
    allowed: Sequence[str]
    accepted: int
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One position: `weight` is its share of equity, `stop_distance` the distance of its nearest stop from the mark."""

    symbol: str
    quantity: Decimal
    average_cost: Decimal
    mark: Decimal
    value: Decimal
    unrealised: Decimal
    weight: Decimal | None
    stop_distance: Decimal | None


@dataclass(frozen=True, slots=True)
class RestingRow:
    """One open order: `age` is the number of bars that it has rested, `distance` that of its level from the mark."""

    order_id: str
    symbol: str
    action: str
    quantity: Decimal
    type: str
    level: Decimal | None
    age: int
    distance: Decimal | None


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """Gross exposure of one sector, and its share of equity."""

    name: str
    value: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """Decisions by conviction: their number, and how many had the sign of the following session's return."""

    bucket: str
    count: int
    right: int


@dataclass(frozen=True, slots=True)
class SessionUsage:
    """Model calls of the session; `cost_usd` is None if a model has no price."""

    calls: int = 0
    tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)


@dataclass(frozen=True, slots=True)
class SessionCurve:
    """The account beside an equal-weight holding of the watchlist, both 1 at the first of `sessions`."""

    sessions: Sequence[date]
    account: Sequence[float]
    held: Sequence[float]


@dataclass(frozen=True, slots=True)
class SessionView:
    """Everything that the report of a session shows.

    Attributes:
        change: change of equity since the session before; None for the first.
        index: value of one unit of the account, which began as 1.
        waiting: orders that wait for a person, as sentences.
        notices: what was missing, late or left out.
    """

    account: str
    currency: str
    session: date
    status: str
    note: str
    state: str
    state_reason: str
    desk: str
    synthetic: bool
    equity: Decimal | None
    change: Decimal | None
    index: Decimal | None
    drawdown: Decimal | None
    cash: Decimal
    gross: Decimal
    net: Decimal
    fills: Sequence[FillRow]
    decisions: Sequence[DecisionRow]
    held: Sequence[HeldRow]
    resting: Sequence[RestingRow]
    sectors: Sequence[ExposureRow]
    calibration: Sequence[CalibrationRow]
    curve: SessionCurve
    usage: SessionUsage
    waiting: Sequence[str]
    notices: Sequence[str]
    counts: Mapping[str, int]
