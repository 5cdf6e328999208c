"""Corporate actions that became known only after their session had been walked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from ...domain.errors import ConfigError, DataError
from ...domain.ids import Symbol
from ...domain.market import Dividend
from ...domain.sessions import Calendar
from ...ledger.book import Book
from ...ledger.broker import Broker
from ...ledger.entitlement import Movement, after, held_into, movement_day, movements
from ...ledger.events import BarClosed, Event, SplitApplied
from ...tools.source import MarketSource
from .intraday_bars import Say

REMEMBERED = timedelta(days=92)
"""How long the market is asked for dividends of what is no longer held: a quarter, for asking costs requests."""


def late_dividends(
    broker: Broker, source: MarketSource, sessions: Calendar, session: date, say: Say
) -> tuple[tuple[Symbol, Dividend], ...]:
    """Return the dividends on what was held going into a session before `session` that were not booked then.

    Raises ConfigError for a split of what is held that should have been: fills since then were in other shares. `say`
    is told where the dividends of what is no longer held cannot be had; they are asked for again the next time.
    """
    book, events, close = broker.book, broker.journal.events, sessions.close(session)
    first, last = _first_session(events), sessions.previous(session).isoformat()
    found = list[tuple[Symbol, Dividend]]()

    def missed(kind: str, symbol: Symbol, ex_date: date) -> bool:
        return first < ex_date.isoformat() <= last and f"{kind}:{symbol}:{ex_date}" not in book.actions

    for name, moved in sorted(movements(book, events).items()) if first else ():
        symbol = Symbol(name)
        if symbol in book.positions:
            splits = [each.ex_date for each in source.splits(symbol, until=close)]
            _check_splits(book, symbol, moved, [day for day in splits if missed("split", symbol, day)])
            dividends = source.dividends(symbol, until=close)
        else:
            dividends = _dividends_of_the_past(book, source, symbol, moved, close, say)
        late = [each for each in dividends if missed("dividend", symbol, each.ex_date)]
        found += [(symbol, each) for each in late if held_into(book, moved, each.ex_date.isoformat())]
    return tuple(found)


def _first_session(events: Iterable[Event]) -> str:
    """Return the first session that was walked: nothing was held before it."""
    return next((event.session for event in events if isinstance(event, BarClosed)), "")


def _check_splits(book: Book, symbol: Symbol, moved: Iterable[Movement], missed: Sequence[date]) -> None:
    """Raise ConfigError for a split that was missed since the position was opened, or was split last."""
    held, since = 0, ""
    for movement in moved:
        before, held = held, after(book, held, movement)
        if held * before <= 0 or isinstance(movement, SplitApplied):
            since = movement_day(movement)
    if late := [day for day in missed if day.isoformat() > since]:
        raise ConfigError(
            f"the split of {symbol} on {late[0]} became known only after account {book.account} had lived through that "
            f"day with shares of it; restore a backup from before {late[0]} and go on from there"
        )


def _dividends_of_the_past(
    book: Book, source: MarketSource, symbol: Symbol, moved: Sequence[Movement], until: datetime, say: Say
) -> Sequence[Dividend]:
    """Return the dividends of a symbol that is no longer held, as long as it is remembered."""
    if date.fromisoformat(book.session) - date.fromisoformat(movement_day(moved[-1])) > REMEMBERED:
        return ()
    try:
        return source.dividends(symbol, until=until)
    except DataError as error:
        say(f"the dividends of {symbol}, which is no longer held, cannot be had ({error}); a late one is booked later")
        return ()
