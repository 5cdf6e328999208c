"""The optional pattern-day-trader rule: FINRA Rule 4210(f)(8)(B), in force until 2026-06-04."""

from datetime import date, timedelta

from ..model.account_rules import DayTrading
from .book import Book, Trade

ENDED = "2026-06-04"
"""The day on which intraday margin replaced the rule (SR-FINRA-2025-017, 91 FR 20731)."""

DAY_TRADE_LIMIT, BUSINESS_DAYS = 4, 5
EXEMPT_PERCENT = 6
"""Day trades up to this percentage of all trades in the window are exempt."""

MAX_CALENDAR_DAYS = 8
"""Most calendar days from the first to the last of five business days."""

MIN_EQUITY = 2_500_000


def count_fill(book: Book, symbol: str, order_id: str, session: str, *, closes: bool, opens: bool) -> None:
    """Record a fill and flag the account as a pattern day trader when its day trades reach the limit.

    A fill that closes a position opened in the same session is a day trade. Four day trades in five sessions are a
    pattern unless they are at most 6 % of all trades in these sessions so far. An order counts once a session.
    """
    if book.rules.day_trading is DayTrading.NONE:
        return
    trade = Trade(session, order_id)
    book.trades.add(trade)
    if closes and book.opened_on.get(symbol) == session and trade not in book.day_trades:
        book.day_trades.append(trade)
        start = _window(book, session)
        count, of = (sum(start <= each.session <= session for each in made) for made in (book.day_trades, book.trades))
        book.day_trader |= count >= DAY_TRADE_LIMIT and 100 * count > EXEMPT_PERCENT * of
    if opens:
        book.opened_on[symbol] = session


def count_session(book: Book, session: str) -> None:
    """Record a processed session and drop trades older than the last five sessions."""
    if book.rules.day_trading is not DayTrading.NONE and session not in book.sessions_seen[-1:]:
        book.sessions_seen = [*book.sessions_seen[1 - BUSINESS_DAYS :], session]
        book.day_trades = [trade for trade in book.day_trades if trade.session >= book.sessions_seen[0]]
        book.trades = {trade for trade in book.trades if trade.session >= book.sessions_seen[0]}


def is_restricted(book: Book) -> bool:
    """Return whether opening orders are rejected: a flagged margin account with equity below MIN_EQUITY."""
    return (
        book.rules.day_trading is DayTrading.PATTERN
        and book.rules.margin
        and book.day_trader
        and _trades_on(book) < ENDED
        and book.equity < MIN_EQUITY
    )


def _trades_on(book: Book) -> str:
    """Return the first day on which an order submitted now can trade."""
    if not (book.session and book.session_closed):
        return book.session
    return (date.fromisoformat(book.session) + timedelta(days=1)).isoformat()


def _window(book: Book, session: str) -> str:
    """Return the first of the five business days that end with `session`.

    Processed sessions count as business days, since weekdays may be holidays. An idle account skips sessions;
    therefore the window is at most MAX_CALENDAR_DAYS long: a weekend and two holidays.
    """
    before = [day for day in book.sessions_seen if day < session][1 - BUSINESS_DAYS :]
    max_length = (date.fromisoformat(session) - timedelta(days=MAX_CALENDAR_DAYS)).isoformat()
    return max(max_length, min(before, default=session))
