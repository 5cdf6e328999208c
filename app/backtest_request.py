"""What a backtest is asked for: symbols, window and account; and the checks before it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..desk.accounts.currency import check_currency
from ..desk.backtest import Every
from ..domain.errors import ConfigError, NoData
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..ledger.model.account_rules import AccountRules
from ..ledger.pricing.commission import CommissionKind
from ..market.source import MarketSource
from .factories import normalize_symbol
from .known_ticker import check_ticker
from .settings import Settings


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """A backtest of the desk in the settings.

    Attributes:
        symbols: the watchlist.
        first, last: first and last day of the window; both may lie between sessions.
        every: at which sessions the desk decides.
        cash: opening cash of the account, in `currency`.
        rules: rules of the account; its calendar is that of the symbols.
        keep_decisions: whether each decision is stored as a run.
        with_memory: whether the desk uses its memory, which begins empty and belongs to the backtest.
        warm_up_from: first day of a labelled warm-up of that memory before the window; None for no warm-up.
    """

    symbols: tuple[Symbol, ...]
    first: date
    last: date
    every: Every
    cash: Decimal
    currency: str
    rules: AccountRules
    keep_decisions: bool = False
    with_memory: bool = False
    warm_up_from: date | None = None

    @property
    def uses_memory(self) -> bool:
        """Return whether the desk uses a memory."""
        return self.with_memory or self.warm_up_from is not None

    @property
    def cost_bps(self) -> int:
        """Return the costs of a purchase in basis points of its value, as far as they are proportional to it."""
        commission = self.rules.commission
        rate = commission.rate if commission.kind is CommissionKind.BPS else 0
        return int(rate) + self.rules.slippage.bps


def common_calendar(source: MarketSource, symbols: Sequence[Symbol], settings: Settings) -> str:
    """Return the calendar that all symbols trade on.

    Raises NoData for an unknown symbol, ConfigError if they trade on different calendars.
    """
    names = dict[str, Symbol]()
    for symbol in symbols:
        check_ticker(settings, source, symbol)
        names.setdefault(source.calendar_name(symbol), symbol)
    if len(names) > 1:
        found = " and ".join(f"{symbol} on {name}" for name, symbol in names.items())
        raise ConfigError(f"one backtest uses one trading calendar, and {found} differ; run one backtest for each")
    return next(iter(names))


def distinct_symbols(tickers: Sequence[str]) -> tuple[Symbol, ...]:
    """Return the tickers in canonical spelling; raises ConfigError if one occurs twice or there is none."""
    symbols = tuple(normalize_symbol(ticker) for ticker in tickers)
    twice = sorted({symbol for symbol in symbols if symbols.count(symbol) > 1})
    if twice:
        raise ConfigError(f"{', '.join(twice)} occurs more than once in the watchlist; name each symbol once")
    if not symbols:
        raise ConfigError("the watchlist is empty; name symbols such as AAPL,MSFT or a file with one per line")
    return symbols


def check_request(request: BacktestRequest, source: MarketSource, now: datetime) -> tuple[date, ...]:
    """Return the sessions of the window.

    Raises ConfigError for a window that is reversed, in the future or without sessions, for another currency and for
    rules with another calendar than the symbols; NoData if a symbol has no bar in the window.
    """
    calendar = trading_calendar(request.rules.calendar)
    sessions = _sessions(request, calendar, now)
    close = calendar.close(sessions[-1])
    for symbol in request.symbols:
        if (name := source.calendar_name(symbol)) != calendar.name:
            raise ConfigError(f"{symbol} trades on {name}, and the rules have calendar {calendar.name!r}; correct them")
        check_currency(source, symbol, request.currency, close)
    _check_bars(request, source, sessions, calendar)
    return sessions


def _sessions(request: BacktestRequest, calendar: TradingCalendar, now: datetime) -> tuple[date, ...]:
    first, last = request.first, request.last
    if first > last:
        raise ConfigError(f"--from {first} is after --to {last}; exchange them")
    completed = calendar.last_completed(now)
    if last > now.date():
        raise _future(last, completed)
    if not calendar.sessions[0] < first:
        raise ConfigError(f"--from {first} is outside the calendar, which runs from {calendar.sessions[0]}")
    sessions = calendar.between(first, last)
    if sessions and sessions[-1] > completed:
        raise _future(last, completed)
    if not sessions:
        raise ConfigError(f"there is no session of {calendar.name} from {first} to {last}; give a longer window")
    return sessions


def _future(last: date, completed: date) -> ConfigError:
    return ConfigError(f"--to {last} is in the future; the last completed session is {completed}")


def _check_bars(
    request: BacktestRequest, source: MarketSource, sessions: Sequence[date], calendar: TradingCalendar
) -> None:
    until, missing = calendar.close(sessions[-1]), list[str]()
    for symbol in request.symbols:
        bars = source.bars(symbol, Interval.DAY, until=until, count=1)
        if not bars or bars[-1].session < sessions[0]:
            missing.append(symbol)
    if missing:
        raise NoData(f"the market has no daily bar of {', '.join(missing)} from {sessions[0]} to {sessions[-1]}")
