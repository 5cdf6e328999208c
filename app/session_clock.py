"""Sessions under a clock that is or was set forward: they are not settled, and the rows that it left block nothing."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

from ..desk.accounts.market_replay import active_symbols
from ..desk.records.session_store import SessionRow, SessionStore
from ..domain.errors import ConflictError, InvalidData, NoData, SourceUnavailable
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import TradingCalendar
from ..ledger.book.book import Book
from ..market.source import MarketSource
from ..market.source_capabilities import server_time_of

FEWEST_SESSIONS = 2
"""Sessions in a row without a bar of any symbol that are never settled; a single one may be a closure."""
LATER_BARS = timedelta(days=10)
"""Time after a session in which a bar shows that it has passed."""


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
    """Raise NoData if only the clock of this machine says that the sessions that are to be settled have passed.

    The evidence is a bar of any symbol of the market, of `session` or a later one. Without it, the time that the
    vendors state shows that a session without bars, such as a closure, has passed; FEWEST_SESSIONS of them in a row are
    not settled, since the source may be behind. An account could not be settled again on the bars that come later.
    Raises SourceUnavailable if no bar was found and the source does not answer for a symbol, unless the account has
    processed no session yet: then nothing can be settled wrongly.
    """
    try:
        _check_passed(source, calendar, watchlist, book, session)
    except SourceUnavailable:
        if book.session:
            raise


def _check_passed(
    source: MarketSource, calendar: TradingCalendar, watchlist: Iterable[Symbol], book: Book, session: date
) -> None:
    first = calendar.next(date.fromisoformat(book.session)) if book.session else session
    if first > session:
        return
    pending = calendar.between(first, session)
    symbols = dict.fromkeys((*watchlist, *map(Symbol, active_symbols(book)), *source.symbols()))
    if _has_traded(source, calendar, symbols, session, calendar.open(calendar.next(session))):
        return
    if _has_traded(source, calendar, symbols, session, calendar.close(session) + LATER_BARS):
        return
    stated = server_time_of(source)
    until = calendar.open(calendar.next(session))
    is_closure = len(pending) < FEWEST_SESSIONS or _has_traded(
        source, calendar, symbols, pending[-FEWEST_SESSIONS], until
    )
    if stated is not None and stated >= calendar.close(session) and is_closure:
        return
    raise NoData(_not_passed(pending, stated))


def _not_passed(pending: Sequence[date], stated: datetime | None) -> str:
    due = f"the session {pending[-1]} is due"
    if len(pending) > 1:
        due = f"{len(pending)} sessions from {pending[0]} to {pending[-1]} are due"
    vendors = "" if stated is None else f", and the vendors' time is {stated:%Y-%m-%d %H:%M} UTC"
    return (
        f"{due}, and no symbol of the market has a bar of {pending[-1]} or later{vendors}: the clock may be set "
        "forward, the bars are late, or the market was closed; nothing was settled. Set the clock, wait for the data, "
        "or give a reason with --force"
    )


def _has_traded(
    source: MarketSource, calendar: TradingCalendar, symbols: Iterable[Symbol], since: date, until: datetime
) -> bool:
    """Return whether a symbol has a bar of `since` or later; also true if no symbol of the calendar has usable bars.

    Raises SourceUnavailable if no bar was found and the source does not answer for a symbol.
    """
    unavailable, is_listed, is_usable, is_invalid = list[SourceUnavailable](), False, False, False
    for symbol in symbols:
        try:
            if source.calendar_name(symbol) == calendar.name:
                is_listed = True
                bars = source.bars(symbol, Interval.DAY, until=until, count=1)
                is_usable = is_usable or bool(bars)
                if bars and bars[-1].session >= since:
                    return True
        except SourceUnavailable as error:
            unavailable.append(error)
        except InvalidData:
            is_invalid = True
        except NoData:
            continue
    if unavailable:
        raise unavailable[0]
    return not is_listed or (is_invalid and not is_usable)


def account_ahead(book: Book, calendar: TradingCalendar, now: datetime) -> str:
    """Return a sentence if the account has processed a session that has not closed yet by the clock; else empty."""
    completed = calendar.last_completed(now)
    if book.session <= completed.isoformat():
        return ""
    return (
        f"it has processed the session {book.session}, and by the clock the last session was {completed}: the clock is "
        f"behind, or was set forward before; the next session is the one after {book.session}"
    )
