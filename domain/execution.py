"""How the orders of a decision are sent in the session after it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ExecutionPlan:
    """The schedule over which market orders are split into slices, with the inputs that it is computed from.

    Attributes:
        kind: the execution that the desk file asks for, such as `twap`.
        reason: what the schedule is computed from, or why the whole order is sent at once.
        starts: starts (aware UTC) of the hourly bars of the session, one for each slice; empty if the whole order is
            sent at once.
        volume_curve: mean share of the session's volume by bar; only for `vwap`.
        volatility: standard deviation of the price change over one bar, in currency per share.
        impact: temporary impact in currency per share for a trade of one share per bar.
        risk_aversion: weight of the variance of the costs, per currency. The last three are only for `almgren_chriss`.
    """

    kind: str
    reason: str
    starts: tuple[datetime, ...] = ()
    volume_curve: tuple[Decimal, ...] = ()
    volatility: Decimal | None = None
    impact: Decimal | None = None
    risk_aversion: Decimal | None = None
