"""The facts that every agent receives in addition to the evidence."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .account import Account
from .ids import Symbol
from .market import Quote


@dataclass(frozen=True, slots=True)
class PastDecision:
    """An earlier decision of the desk on a symbol: what was said, and the return of the symbol since then."""

    as_of: datetime
    said: str
    since: float | None = None


class RiskPosture(StrEnum):
    """The risk posture of a desk."""

    SEEKING = "risk seeking"
    AVERSE = "risk averse"


@dataclass(frozen=True, slots=True)
class Brief:
    """The decision task: what to do with `symbol` at `as_of` for `account`.

    `session` is the last completed session, `next_session` the first in which an order can be filled. `synthetic` is
    true for a generated market. `risk_posture` is None for a desk without one. `risk_directive` is the reason to decide
    risk averse this time; empty without one. `past` are the desk's own last decisions on the symbol, oldest first, if
    its file asks for them.
    """

    symbol: Symbol
    as_of: datetime
    session: date
    next_session: date
    quote: Quote
    account: Account
    synthetic: bool
    risk_posture: RiskPosture | None = None
    risk_directive: str = ""
    past: tuple[PastDecision, ...] = ()
