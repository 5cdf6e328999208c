"""The port of a trading account: what a session and a backtest need of any account, stored or in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ...domain.account import Account
from ...domain.decision import Decision
from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar
from ...ledger.book.book import Book
from ...ledger.model.events import Event


@dataclass(frozen=True, slots=True)
class SessionEvents:
    """The result of `TradingAccount.advance`.

    Attributes:
        session: the session that the account has reached.
        events: the journal events of all sessions that were processed, in order; empty if nothing was pending.
        notices: messages about missing or inconsistent market data, such as an incomplete set of hourly bars.
        active: symbols with a position or an open order after the session, sorted.
    """

    session: date
    events: tuple[Event, ...]
    notices: tuple[str, ...]
    active: tuple[Symbol, ...]


class TradingAccount(Protocol):
    """A paper account that advances by sessions, is shown to a desk, and takes the desk's decisions.

    Contract:
    - `advance(session)` processes every pending session up to and including `session`: late and current corporate
      actions, resting orders against the session's bars, fees, interest, marks. A session that was processed before
      changes nothing. An account without positions, open orders and interest skips to `session`. Raises ConfigError
      for a session before the current one, and whatever the market source raises; the sessions completed before the
      error stay processed, the failed one leaves no trace.
    - `view(symbol)` returns the account as a desk sees it before a decision on `symbol`: the entries resting for
      `symbol` are listed in `superseded`, the orders of the last decision on it in `last_orders`. It changes nothing.
    - `submit(decisions)` submits them in the given order, all or none: it returns each decision with the broker's
      answers in `submissions` and the canceled orders in `superseded`. Abstentions are returned unchanged. Decisions
      submitted before get the same answers again and change nothing. An order that the broker rejects is an answer,
      not an error. Raises ConfigError if the account does not stand at the session a decision was made for, or has
      resting entries that are not in `Decision.known_resting`; DuplicateOrder for a known id with other terms.
    - Orders submitted after session i are eligible from session i + 1 on; on a 24/7 calendar from session i + 2 on.
    - All implementations reach the same `book.state_hash()` by the same calls on the same market.

    Attributes:
        name: the account's name.
        calendar: the trading calendar of the account's rules.
        book: the folded ledger state, for reading only.
    """

    @property
    def name(self) -> str: ...

    @property
    def calendar(self) -> TradingCalendar: ...

    @property
    def book(self) -> Book: ...

    def view(self, symbol: Symbol) -> Account: ...

    def advance(self, session: date) -> SessionEvents: ...

    def submit(self, decisions: Sequence[Decision]) -> Sequence[Decision]: ...
