"""Sessions under a clock that is or was set forward: they are not settled, and the rows that it left block nothing."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from ..desk.accounts.market_replay import active_symbols
from ..desk.records.session_store import SessionRow, SessionStore
from ..domain.errors import ConflictError, InvalidData, NoData, SourceUnavailable
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import TradingCalendar
from ..ledger.book.book import Book
from ..market.source import MarketSource

FEWEST_SESSIONS = 2
"""Sessions in a row without a bar of any symbol that are not settled; a single one may be late or a closure."""


class ClockSetBack(ConflictError):
    """The clock was set back while a session waited; what is due now is looked up anew."""


def is_ahead(row: SessionRow, book: Book, now: datetime) -> bool:
    """Return whether a clock that was set forward has left the row: see `withdraw_rows_ahead`."""
    return row.started_at > now and row.session.isoformat() > book.session


def withdraw_rows_ahead(
    sessions: SessionStore, account: str, book: Book, now: datetime, notify: Callable[[str], None]
) -> str:
    """Remove rows that were written at a time after `now`, of sessions that the account has not processed.

    The clock was set forward when they were written, so that those sessions are still to come or still to be decided.
    Nothing was settled, decided or submitted in them. Returns a sentence about them; empty without any.
    """
    ahead = [row for row in sessions.rows(account) if is_ahead(row, book, now)]
    if not ahead:
        return ""
    sessions.remove(account, [row.session for row in ahead])
    note = _withdrawn(ahead)
    notify(f"account {account}: {note}")
    return note


def _withdrawn(ahead: list[SessionRow]) -> str:
    written = max(row.started_at for row in ahead)
    return (
        f"{len(ahead)} row(s) of sessions from {ahead[-1].session} to {ahead[0].session} were removed: they were "
        f"written when the clock showed {written:%Y-%m-%d %H:%M} UTC, which is still to come"
    )


def check_market_has_followed(
    source: MarketSource, calendar: TradingCalendar, watchlist: Iterable[Symbol], book: Book, session: date
) -> None:
    """Raise NoData if several sessions are to be settled, and the market has no bar of any symbol in the last ones.

    The clock is ahead of the market then, or the source is behind. An account that was settled up to `session` could
    not be settled on the bars that come later. Raises SourceUnavailable if no bar was found and the source does not
    answer for a symbol.
    """
    if not book.session:
        return
    pending = calendar.between(calendar.next(date.fromisoformat(book.session)), session)
    if len(pending) < FEWEST_SESSIONS:
        return
    symbols = dict.fromkeys((*watchlist, *map(Symbol, active_symbols(book)), *source.symbols()))
    if not _has_traded(source, calendar, symbols, pending[-FEWEST_SESSIONS:]):
        raise NoData(
            f"{len(pending)} sessions from {pending[0]} to {session} are due, and no symbol of the market has a bar in "
            f"the last {FEWEST_SESSIONS}: the clock may be set forward, or the source is behind; nothing was settled. "
            "Set the clock, wait for the data, or give a reason with --force"
        )


def _has_traded(
    source: MarketSource, calendar: TradingCalendar, symbols: Iterable[Symbol], pending: Sequence[date]
) -> bool:
    """Return whether a symbol has a bar in one of the sessions; bars that cannot be true are bars all the same.

    Raises SourceUnavailable if no bar was found and the source does not answer for a symbol.
    """
    until, unavailable = calendar.open(calendar.next(pending[-1])), list[SourceUnavailable]()
    for symbol in symbols:
        try:
            if source.calendar_name(symbol) == calendar.name:
                bars = source.bars(symbol, Interval.DAY, until=until, count=1)
                if bars and bars[-1].session >= pending[0]:
                    return True
        except SourceUnavailable as error:
            unavailable.append(error)
        except InvalidData:
            return True
        except NoData:
            continue
    if unavailable:
        raise unavailable[0]
    return False


def account_ahead(book: Book, calendar: TradingCalendar, now: datetime) -> str:
    """Return a sentence if the account has processed a session that has not closed yet by the clock; else empty."""
    completed = calendar.last_completed(now)
    if book.session <= completed.isoformat():
        return ""
    return (
        f"it has processed the session {book.session}, and by the clock the last session was {completed}: the clock is "
        f"behind, or was set forward before; the next session is the one after {book.session}"
    )
