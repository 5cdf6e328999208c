"""The symbols of a session: those of the watchlist that its account can trade."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from ..desk.accounts.currency import check_currency
from ..desk.accounts.paper_account import check_tradable
from ..domain.errors import ConfigError, DataError, NoData
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import TradingCalendar
from ..market.source import MarketSource
from ..market.source_capabilities import renames_of


class SessionSymbols:
    """Checks the name, the calendar and the currency of symbols as of one session."""

    def __init__(
        self, source: MarketSource, calendar: TradingCalendar, currency: str, as_of: datetime,
        notify: Callable[[str], None],
    ) -> None:  # fmt: skip
        """`notify` receives one sentence for each symbol that is left out or trades under a new name."""
        self._source, self._calendar, self._currency, self._as_of = source, calendar, currency, as_of
        self._notify, self._left_out, self._renamed = notify, set[Symbol](), dict[Symbol, Symbol]()

    def tradable(self, watchlist: Sequence[Symbol]) -> list[Symbol]:
        """Return the symbols of the watchlist without those of another currency, each under its present name.

        A symbol that cannot be checked in an outage stays: its decision abstains, and is made anew after the outage.
        Raises ConfigError for a symbol of another calendar.
        """
        present = dict.fromkeys(self._present_name(symbol) for symbol in watchlist)
        return [symbol for symbol in present if self._is_tradable(symbol)]

    def by_present_name(self, values: Mapping[Symbol, str]) -> Mapping[Symbol, str]:
        """Return values by symbol with those of renamed symbols under the present names too."""
        return {**{new: values[old] for old, new in self._renamed.items() if old in values}, **values}

    def outage(self, symbol: Symbol) -> str:
        """Return why the currency of `symbol` cannot be checked now; empty if it can."""
        try:
            check_currency(self._source, symbol, self._currency, self._as_of)
        except DataError as error:
            return f"its currency cannot be checked: {error}"
        except ConfigError as error:  # an outage that ended since the symbols were chosen
            return str(error)
        return ""

    def _present_name(self, symbol: Symbol) -> Symbol:
        """Return the symbol under which a listing trades now; a symbol that has traded since is another listing."""
        name, seen = symbol, {symbol}
        while (following := self._renamed_to(name)) is not None and following not in seen:
            name = following
            seen.add(name)
        if name != symbol and symbol not in self._renamed:
            self._renamed[symbol] = name
            self._notify(f"{symbol} trades as {name} and is decided on under that name; change the watchlist")
        return name

    def _renamed_to(self, symbol: Symbol) -> Symbol | None:
        try:
            renames = renames_of(self._source, symbol, self._as_of)
            due = [each for each in renames if each.day <= self._as_of.date()]
            return due[-1].new if due and self._last_traded(symbol) < due[-1].day else None
        except DataError:
            return None

    def _last_traded(self, symbol: Symbol) -> date:
        try:
            bars = self._source.bars(symbol, Interval.DAY, until=self._as_of, count=1)
        except NoData:
            return date.min
        return bars[-1].session if bars else date.min

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
