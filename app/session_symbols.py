"""The symbols of a session: those of the watchlist that its account can trade."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ..desk.accounts.currency import check_currency
from ..desk.accounts.paper_account import check_tradable
from ..domain.errors import ConfigError, DataError
from ..domain.ids import Symbol
from ..domain.trading_calendar import TradingCalendar
from ..market.source import MarketSource


class SessionSymbols:
    """Checks the calendar and the currency of symbols as of one session."""

    def __init__(
        self, source: MarketSource, calendar: TradingCalendar, currency: str, as_of: datetime,
        notify: Callable[[str], None],
    ) -> None:  # fmt: skip
        """`notify` receives one sentence for each symbol that is left out."""
        self._source, self._calendar, self._currency, self._as_of = source, calendar, currency, as_of
        self._notify, self._left_out = notify, set[Symbol]()

    def tradable(self, watchlist: Sequence[Symbol]) -> list[Symbol]:
        """Return the symbols of the watchlist without those of another currency.

        A symbol that cannot be checked in an outage stays: its decision abstains, and is made anew after the outage.
        Raises ConfigError for a symbol of another calendar.
        """
        return [symbol for symbol in watchlist if self._is_tradable(symbol)]

    def outage(self, symbol: Symbol) -> str:
        """Return why the currency of `symbol` cannot be checked now; empty if it can."""
        try:
            check_currency(self._source, symbol, self._currency, self._as_of)
        except DataError as error:
            return f"its currency cannot be checked: {error}"
        except ConfigError as error:  # an outage that ended since the symbols were chosen
            return str(error)
        return ""

    def _is_tradable(self, symbol: Symbol) -> bool:
        try:
            check_tradable(self._source, symbol, self._calendar)
            self._check_currency(symbol)
        except DataError:
            return True
        return symbol not in self._left_out

    def _check_currency(self, symbol: Symbol) -> None:
        try:
            check_currency(self._source, symbol, self._currency, self._as_of)
        except ConfigError as error:
            if symbol not in self._left_out:
                self._left_out.add(symbol)
                self._notify(f"{symbol} is left out: {error}")
