"""Splits that the market reports only after the account has processed the session of their ex-date."""

from datetime import date
from fractions import Fraction

from ...domain.errors import InvalidData
from ...domain.ids import Symbol
from ...domain.market import Split
from ...domain.trading_calendar import TradingCalendar
from ...ledger.book.book import Book
from ...ledger.broker import Broker
from ...ledger.pricing.split_ratio import exact_ratio
from ...market.source import MarketSource
from .intraday_bars import Notify
from .symbol_faults import SymbolFaults


def book_late_splits(
    broker: Broker,
    source: MarketSource,
    sessions: TradingCalendar,
    session: date,
    notify: Notify,
    faults: SymbolFaults,
) -> None:
    """Book the splits of held symbols that an earlier session than `session` missed, where that is certainly right.

    `faults` receives the symbols of which a late split cannot be booked; `notify` receives a sentence on each split
    that was booked.
    """
    book, close, last = broker.book, sessions.close(session), sessions.previous(session)
    for name in sorted(book.positions) if book.first_session else ():
        if name in faults.found:
            continue
        with faults.guard(name):
            for split in source.splits(Symbol(name), until=close):
                if split.ex_date <= last and is_missed_split(book, name, split.ex_date):
                    broker.split(name, split.ex_date, split_ratio(split))
                    notify(f"{session}: the split of {name} on {split.ex_date} became known late and is booked now")


def is_missed_split(book: Book, symbol: str, ex_date: date) -> bool:
    """Return whether a split is not booked, and later than the account's first session and the position's start."""
    day = ex_date.isoformat()
    since = book.holdings.histories[symbol].since
    return book.first_session < day and since < day and f"split:{symbol}:{day}" not in book.actions


def split_ratio(split: Split) -> Fraction:
    """Return the exact ratio of a split; raises InvalidData for one that cannot be true."""
    try:
        return exact_ratio(split.ratio)
    except ValueError as error:
        raise InvalidData("splits", None, f"{split.symbol}: {error}") from error
