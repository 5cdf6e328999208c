"""The facts that every agent of the desk is given beside the evidence."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .account import Account
from .ids import Symbol
from .market import Quote


class RiskPosture(StrEnum):
    """How the desk feels about risk today, where it has a character."""

    SEEKING = "risk seeking"
    AVERSE = "risk averse"


@dataclass(frozen=True, slots=True)
class Brief:
    """The question before the desk: what to do with `symbol` at `as_of`, for this account.

    `session` is the last completed session and `next_session` the first in which an order can be filled;
    `synthetic` says that the market is made up; `mood` is None for a desk without a character.
    """

    symbol: Symbol
    as_of: datetime
    session: date
    next_session: date
    quote: Quote
    account: Account
    synthetic: bool
    risk_posture: RiskPosture | None = None
