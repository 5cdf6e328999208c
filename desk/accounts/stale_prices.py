"""Positions that are valued at an old price because their listing has had no bar since."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ...domain.trading_calendar import trading_calendar
from ...ledger.book.book import Book

CONFIRM_AFTER = 20
"""Sessions without a bar after which the owner is asked whether the listing has ended."""


@dataclass(frozen=True, slots=True)
class StalePrice:
    """A position valued at the `price` of the session `since`, with `sessions` completed sessions without a bar."""

    symbol: str
    price: Decimal
    since: date
    sessions: int

    def __str__(self) -> str:
        age = "1 session" if self.sessions == 1 else f"{self.sessions} sessions"
        text = f"{self.symbol} has had no bar for {age}; it is valued at its last price {self.price} of {self.since}"
        if self.sessions < CONFIRM_AFTER:
            return text
        return f"{text}. If it is delisted, confirm it with: openoutcry paper delist {self.symbol} --price PRICE"


def stale_price(book: Book, symbol: str) -> StalePrice | None:
    """Return how old the price of a held symbol is, or None if it traded in the account's last session."""
    since = book.last_traded.get(symbol, book.session)
    if symbol not in book.positions or since >= book.session:
        return None
    sessions, last = trading_calendar(book.rules.calendar), date.fromisoformat(since)
    silent = len(sessions.between(sessions.next(last), date.fromisoformat(book.session)))
    price = book.instruments[symbol].price(book.marks[symbol])
    return StalePrice(symbol, price, last, silent)


def stale_prices(book: Book) -> tuple[StalePrice, ...]:
    """Return the stale prices of all positions, by symbol."""
    found = (stale_price(book, symbol) for symbol in sorted(book.positions))
    return tuple(each for each in found if each is not None)
