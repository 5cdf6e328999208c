"""The pattern-day-trader rule, for accounts that ask for it: FINRA Rule 4210(f)(8)(B), in force until 2026-06-04."""

from datetime import date, timedelta

from .book import Book
from .rules import DayTrading

ENDED = "2026-06-04"
"""The day on which intraday margin took the rule's place (SR-FINRA-2025-017, 91 FR 20731)."""

MANY, BUSINESS_DAYS = 4, 5
LEAST_EQUITY = 2_500_000


def count_fill(book: Book, symbol: str, session: str, *, closes: bool, opens: bool) -> None:
    """Note a fill: to close what was opened in the same session is a day trade, and four in five weekdays a pattern."""
    if book.rules.day_trading is DayTrading.NONE:
        return
    if closes and book.opened_on.get(symbol) == session:
        book.day_trades.append(session)
        start = _weekdays_before(session, BUSINESS_DAYS - 1)
        book.day_trader |= sum(start <= day <= session for day in book.day_trades) >= MANY
    if opens:
        book.opened_on[symbol] = session


def is_restricted(book: Book) -> bool:
    """Say whether the account may open nothing: a pattern day trader's with less equity than the rule asks for."""
    return (
        book.rules.day_trading is DayTrading.PATTERN
        and book.rules.margin
        and book.day_trader
        and book.session < ENDED
        and book.equity < LEAST_EQUITY
    )


def _weekdays_before(session: str, count: int) -> str:
    day = date.fromisoformat(session)
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day.isoformat()
