"""A walk: one trader over past sessions of one symbol, deciding once a month, with one account of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ..domain.abstention import Cause
from ..domain.account import Account
from ..domain.decision import Outcome
from ..domain.ids import RunId, Symbol
from ..domain.orders import Action, Order
from .exchange import Day
from .paper import PaperAccount, Spent


@dataclass(frozen=True, slots=True)
class Close:
    """The moment of a decision: a session's close, with everything before it known and nothing after."""

    symbol: Symbol
    session: date
    as_of: datetime

    @property
    def run_id(self) -> RunId:
        """Return a name for the decision; the same close always has the same."""
        return RunId(f"{self.session:%Y%m%d}-{self.symbol}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a trader says at a close; `cause` and `reason` say why it abstained.

    `denied` says that orders were meant, and that the limits left none of them.
    """

    outcome: Outcome
    orders: tuple[Order, ...] = ()
    cause: Cause | None = None
    reason: str = ""
    denied: bool = False


class Trader(Protocol):
    """Decides at a close, from what was known then and from the account as the book has it."""

    async def __call__(self, close: Close, account: Account) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of one decision; `opened` holds the actions of the entries that were sent."""

    session: date
    outcome: Outcome
    opened: tuple[Action, ...]
    cause: Cause | None
    reason: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What a trader made of one symbol: parallel tuples, one element a session, money in minor units.

    Attributes:
        equity, exposure: at each close; exposure is the signed value of the position.
        spent: commission, slippage and borrow fees paid by each close.
        refused: how many orders the broker refused.
    """

    symbol: Symbol
    cash: int
    sessions: tuple[date, ...]
    equity: tuple[int, ...]
    exposure: tuple[int, ...]
    spent: tuple[int, ...]
    paid: Spent
    decisions: tuple[Decided, ...]
    refused: int

    @property
    def net(self) -> int:
        """Return profit after costs."""
        return self.equity[-1] - self.cash

    @property
    def gross(self) -> int:
        """Return profit with the costs added back; positions are those of an account that paid them."""
        return self.net + self.paid.total


async def walk(symbol: Symbol, days: Iterable[Day], paper: PaperAccount, trader: Trader) -> Walk:
    """Walk `days`, oldest first; `trader` decides at the close of each month's first session.

    Entries that have not filled by the next decision give way to it as they do at the desk: to an order that is taken,
    or to a hold that was meant. What is decided at a close can fill from the next bar on, and between decisions the
    exits that rest at the broker are on their own.
    """
    cash, decisions = paper.book.equity, list[Decided]()
    rows = list[tuple[date, int, int, int]]()
    for day in days:
        paper.pass_session(day)
        if day.opens_month:
            decisions.append(await _decide(Close(symbol, day.session, day.closed), paper, trader))
        rows.append((day.session, paper.book.equity, paper.exposure, paper.spent.total))
    sessions, equity, exposure, spent = zip(*rows, strict=True)
    return Walk(
        symbol=symbol,
        cash=cash,
        sessions=sessions,
        equity=equity,
        exposure=exposure,
        spent=spent,
        paid=paper.spent,
        decisions=tuple(decisions),
        refused=len(paper.refused),
    )


async def _decide(close: Close, paper: PaperAccount, trader: Trader) -> Decided:
    answer = await trader(close, paper.account)
    if answer.outcome is not Outcome.ABSTAIN:
        on_purpose = answer.outcome is Outcome.HOLD and not answer.denied
        paper.decided(close.run_id, answer.outcome, answer.orders, on_purpose=on_purpose)
    opened = tuple(order.action for order in answer.orders if order.action.opens)
    return Decided(close.session, answer.outcome, opened, answer.cause, answer.reason)
