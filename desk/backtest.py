"""A backtest: `run_session` over past sessions, with the account's figures at every close."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..domain.abstention import AbstentionCause
from ..domain.decision import Decision, Outcome
from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from ..domain.orders import Action
from ..domain.trading_calendar import TradingCalendar
from ..ledger.book.book import Book
from ..ledger.model import chart_of_accounts
from ..ledger.model.events import Event
from ..ledger.model.order_events import OrderFilled
from .accounts.account import TradingAccount
from .session import NO_PORTS, SessionPorts, run_session
from .strategies.strategy import Strategy


class Every(StrEnum):
    """How often a backtest decides: at every session, or at the first session of each calendar week or month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class PaidCosts:
    """What an account has paid for trading, in minor units."""

    commission: int = 0
    slippage: int = 0
    borrow: int = 0

    @property
    def total(self) -> int:
        """Return the sum."""
        return self.commission + self.slippage + self.borrow


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """The outcome of one decision; `opened` holds the actions of its opening orders, `rejected` counts orders."""

    session: date
    symbol: Symbol
    outcome: Outcome
    opened: tuple[Action, ...]
    rejected: int
    cause: AbstentionCause | None
    reason: str


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """What a strategy made of an account: parallel tuples, one element a session, money in minor units.

    Attributes:
        cash: equity before the first session.
        equity, exposure, gross_exposure: at each close; exposure is the signed value of all positions, gross_exposure
            the sum of their sizes.
        spent: commission, slippage and borrow fees paid up to each close.
        paid: the same for the whole window, by kind.
        traded_at: value of the executions up to each close.
        fills, traded: number and value of all executions.
    """

    strategy: str
    cash: int
    sessions: tuple[date, ...]
    equity: tuple[int, ...]
    exposure: tuple[int, ...]
    gross_exposure: tuple[int, ...]
    spent: tuple[int, ...]
    traded_at: tuple[int, ...]
    paid: PaidCosts
    fills: int
    traded: int
    decisions: tuple[DecisionSummary, ...]

    @property
    def net(self) -> int:
        """Return profit after costs."""
        return self.equity[-1] - self.cash

    @property
    def gross(self) -> int:
        """Return profit with the costs added back; positions are those of an account that paid them."""
        return self.net + self.paid.total

    @property
    def rejected(self) -> int:
        """Return how many orders the broker rejected."""
        return sum(decision.rejected for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class BacktestProgress:
    """The state of a backtest after a session: `done` of `total` sessions; `equity` in minor units."""

    session: date
    done: int
    total: int
    equity: int
    decisions: int


def _not_reported(_: BacktestProgress) -> None:
    """Report nothing."""


def sessions_to_decide(calendar: TradingCalendar, window: Iterable[date], every: Every) -> frozenset[date]:
    """Return the sessions of `window` at which a strategy decides."""
    return frozenset(day for day in window if _opens_period(calendar.previous(day), day, every))


def _opens_period(before: date, day: date, every: Every) -> bool:
    if every is Every.DAY:
        return True
    if every is Every.WEEK:
        return before.isocalendar()[:2] != day.isocalendar()[:2]
    return (before.year, before.month) != (day.year, day.month)


async def run_backtest(
    account: TradingAccount,
    strategy: Strategy,
    watchlist: Sequence[Symbol],
    first: date,
    last: date,
    *,
    every: Every = Every.MONTH,
    ports: SessionPorts = NO_PORTS,
    concurrency: int = 8,
    observe: Callable[[BacktestProgress], None] = _not_reported,
) -> BacktestResult:
    """Run every session from `first` to `last`; the strategy decides as `every` says, at the session's close.

    At most `concurrency` decisions of a session run at a time. `observe` receives the state after every session.
    Raises ConfigError if there is no session in the window, and what `run_session` raises.
    """
    window = account.calendar.between(first, last)
    if not window:
        raise ConfigError(
            f"there is no session of {account.calendar.name} from {first} to {last}; give a longer window"
        )
    deciding, recorder = sessions_to_decide(account.calendar, window, every), _Recorder(account.book)
    for done, session in enumerate(window, start=1):
        record = await run_session(
            account,
            strategy,
            watchlist,
            session,
            settle_only=session not in deciding,
            concurrency=concurrency,
            ports=ports,
        )
        recorder.add(session, account.book, record.events.events, record.decisions)
        observe(BacktestProgress(session, done, len(window), account.book.equity, recorder.decided))
    return recorder.result(strategy.name)


class _Recorder:
    """Collects the figures of an account at every close."""

    def __init__(self, book: Book) -> None:
        self._cash, self._slippage, self._paid = book.equity, 0, PaidCosts()
        self._fills = self._traded = 0
        self._rows = list[tuple[date, int, int, int, int, int]]()
        self._decisions = list[DecisionSummary]()

    @property
    def decided(self) -> int:
        """Return the number of decisions so far."""
        return len(self._decisions)

    def add(self, session: date, book: Book, events: Iterable[Event], decisions: Iterable[Decision]) -> None:
        for fill in (event for event in events if isinstance(event, OrderFilled)):
            instrument = book.instruments[book.orders[fill.order_id].terms.symbol]
            self._slippage += instrument.money(abs(fill.price - fill.reference), fill.quantity)
            self._traded += instrument.money(fill.price, fill.quantity)
            self._fills += 1
        self._paid = PaidCosts(
            book.balance(chart_of_accounts.COMMISSION), self._slippage, book.balance(chart_of_accounts.BORROW)
        )
        long, short = book.long_value, book.short_value
        self._rows.append((session, book.equity, long + short, long - short, self._paid.total, self._traded))
        self._decisions += (_summary(session, decision) for decision in decisions)

    def result(self, strategy: str) -> BacktestResult:
        sessions, equity, exposure, gross_exposure, spent, traded_at = zip(*self._rows, strict=True)
        return BacktestResult(
            strategy=strategy,
            cash=self._cash,
            sessions=sessions,
            equity=equity,
            exposure=exposure,
            gross_exposure=gross_exposure,
            spent=spent,
            traded_at=traded_at,
            paid=self._paid,
            fills=self._fills,
            traded=self._traded,
            decisions=tuple(self._decisions),
        )


def _summary(session: date, decision: Decision) -> DecisionSummary:
    abstention = decision.abstention
    return DecisionSummary(
        session=session,
        symbol=decision.ticker,
        outcome=decision.outcome,
        opened=tuple(order.action for order in decision.risk.allowed if order.action.opens),
        rejected=sum(not answer.accepted for answer in decision.submissions or ()),
        cause=abstention.cause if abstention else None,
        reason=abstention.reason if abstention else "",
    )
