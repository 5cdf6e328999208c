"""Daily bars that a source has later than the account needs them."""

from collections.abc import Iterator, Set
from datetime import date

from ...domain.errors import ConfigError, DataError
from ...domain.ids import Symbol
from ...domain.market import Bar, Interval
from ...domain.trading_calendar import TradingCalendar
from ...ledger.book.book import Book
from ...market.source import MarketSource

MOST_BARS = 10
"""Sessions back in which a bar is looked for that came after the settlement of its session."""


def symbols_without_bar(
    symbols: tuple[str, ...], source: MarketSource, sessions: TradingCalendar, session: date
) -> tuple[str, ...]:
    """Return the symbols that traded in the session before `session`, and have no bar of it yet.

    Each may be halted, or its bar is late. Symbols that the source cannot be asked for are left out.
    """
    before = sessions.previous(session)
    return tuple(each for each in symbols if _last_session(source, each, sessions, session) == before)


def late_bars(book: Book, source: MarketSource, sessions: TradingCalendar, session: date) -> Iterator[str]:
    """Yield a sentence for each position whose bar of an earlier session came after that session was settled.

    Quarantined symbols are left out: their bars were there, and could not be used.
    """
    before = sessions.previous(session).isoformat()
    for symbol in sorted(book.positions.keys() - book.quarantined.keys()):
        traded = book.last_traded.get(symbol)
        if traded is None or traded >= before:
            continue
        bars = _bars(source, symbol, sessions, session, MOST_BARS)
        days = [str(bar.session) for bar in bars if traded < bar.session.isoformat() <= before]
        if days:
            yield (
                f"{symbol}: the bar of {', '.join(days)} arrived after the settlement and counts as a halt: no order "
                "was filled on it, and orders of the day have expired"
            )


def halts(book: Book, traded: Set[str]) -> Iterator[str]:
    """Yield a sentence for each symbol with open orders that has not traded."""
    for symbol in sorted({order.terms.symbol for order in book.live_orders()} - traded):
        yield f"{symbol} has no bar, which counts as a halt: orders of the day expire, others wait"


def _last_session(source: MarketSource, symbol: str, sessions: TradingCalendar, session: date) -> date | None:
    bars = _bars(source, symbol, sessions, session, 1)
    return bars[-1].session if bars else None


def _bars(source: MarketSource, symbol: str, sessions: TradingCalendar, session: date, count: int) -> list[Bar]:
    until = sessions.open(sessions.next(session))
    try:
        found = source.bars(Symbol(symbol), Interval.DAY, until=until, count=count)
    except (ConfigError, DataError):  # the settlement quarantines the symbol
        return []
    return [bar for bar in found if bar.session <= session]
