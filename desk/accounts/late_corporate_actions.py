"""Corporate actions that became known only after their session had been walked."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...domain.errors import ConfigError, DataError
from ...domain.ids import Symbol
from ...domain.market import Dividend
from ...domain.trading_calendar import TradingCalendar
from ...ledger.book.book import Book, dividend_key
from ...ledger.broker import Broker
from ...market.source import MarketSource
from .intraday_bars import Notify
from .symbol_faults import SymbolFaults

LOOKBACK = timedelta(days=92)
"""How long the market is asked for dividends of what is no longer held: a quarter, for asking costs requests."""


@dataclass(frozen=True, slots=True)
class NumberedDividend:
    """A dividend with its number among those of its ex-date, from 1 in the order of the source."""

    dividend: Dividend
    payment: int

    @property
    def action(self) -> str:
        """Return the key under which the book keeps that the dividend was booked."""
        paid = self.dividend
        return f"dividend:{paid.symbol}:{dividend_key(paid.ex_date.isoformat(), self.payment)}"


def number_dividends(dividends: Iterable[Dividend]) -> tuple[NumberedDividend, ...]:
    """Number the dividends of each ex-date: they are separate payments, such as a regular and a special one."""
    counts, numbered = Counter[date](), list[NumberedDividend]()
    for paid in dividends:
        counts[paid.ex_date] += 1
        numbered.append(NumberedDividend(paid, counts[paid.ex_date]))
    return tuple(numbered)


def late_dividends(
    broker: Broker,
    source: MarketSource,
    sessions: TradingCalendar,
    session: date,
    notify: Notify,
    faults: SymbolFaults | None = None,
) -> tuple[NumberedDividend, ...]:
    """Return the dividends on what was held going into a session before `session` that were not booked then.

    Raises ConfigError for a split of what is held that should have been: fills since then were in other shares. With
    `faults`, such errors and those of the source are recorded there. `notify`
    receives where the dividends of what is no longer held cannot be had; they are asked for again the next time. The
    cost depends on what is held or moved lately and on the source's answers, not on the length of the journal.
    """
    book, close = broker.book, sessions.close(session)
    first, last = book.first_session, sessions.previous(session).isoformat()
    found = list[NumberedDividend]()

    def missed(action: str, ex_date: date) -> bool:
        return first < ex_date.isoformat() <= last and action not in book.actions

    def dividends_of(symbol: Symbol) -> Sequence[Dividend]:
        if symbol not in book.positions:
            return _dividends_of_closed_position(source, symbol, close, notify)
        splits = [each.ex_date for each in source.splits(symbol, until=close)]
        _check_splits(book, symbol, [day for day in splits if missed(f"split:{symbol}:{day}", day)])
        return source.dividends(symbol, until=close)

    for name in _symbols_of_interest(book) if first else ():
        symbol = Symbol(name)
        with faults.guard(symbol) if faults else nullcontext():
            late = [
                each for each in number_dividends(dividends_of(symbol)) if missed(each.action, each.dividend.ex_date)
            ]
            found += [each for each in late if book.holdings.held_into(symbol, each.dividend.ex_date.isoformat())]
    return tuple(found)


def _symbols_of_interest(book: Book) -> list[str]:
    """Return the symbols that are held, and those whose last change is no longer ago than is remembered, sorted."""
    remembered = date.fromisoformat(book.session) - LOOKBACK
    return sorted({*book.positions, *book.holdings.changed_since(remembered.isoformat())})


def _check_splits(book: Book, symbol: Symbol, missed: Sequence[date]) -> None:
    """Raise ConfigError for a split that was missed since the position was opened, or was split last."""
    since = book.holdings.histories[symbol].since
    if late := [day for day in missed if day.isoformat() > since]:
        raise ConfigError(
            f"the split of {symbol} on {late[0]} became known only after account {book.account} had processed that "
            f"day with shares of it; restore a backup from before {late[0]} and go on from there"
        )


def _dividends_of_closed_position(
    source: MarketSource, symbol: Symbol, until: datetime, notify: Notify
) -> Sequence[Dividend]:
    """Return the dividends of a symbol that is no longer held."""
    try:
        return source.dividends(symbol, until=until)
    except DataError as error:
        notify(
            f"the dividends of {symbol}, which is no longer held, cannot be had ({error}); a late one is booked later"
        )
        return ()
