"""The return of a symbol since a session: total, in excess of the market, and in deviations of the horizon."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import expm1, log, sqrt

from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar
from ...market.price_history import PriceHistory, load_market_proxy, load_price_history
from ...market.view import MarketView
from ...tools.indicators import volatility

RETURN_DIGITS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class RealizedReturn:
    """A log return over `sessions` sessions, dividends included, and its excess over the market.

    `excess` equals the return if there is no market proxy (`against_market` is False). `deviations` is the excess
    divided by the daily volatility times the square root of `sessions`. `known_at` is the close at the end.
    """

    sessions: int
    known_at: datetime
    total: float
    excess: float
    z_score: float
    against_market: bool


@dataclass(frozen=True, slots=True)
class ReturnCalculator:
    """Computes the returns of one symbol since earlier sessions, from the bars of a view."""

    calendar: TradingCalendar
    history: PriceHistory
    market: PriceHistory | None

    @property
    def daily_volatility(self) -> float:
        """Return the standard deviation of the last daily log returns; zero if there are fewer than 20."""
        return volatility(self.history.series.close, minimum=20) or 0.0

    def sessions_in(self, session: date, timestamp: datetime) -> int:
        """Return the number of sessions after `session` that were complete at `timestamp`."""
        return len(self.calendar.between(session, self.calendar.last_completed(timestamp))) - 1

    @classmethod
    def read(cls, view: MarketView, symbol: Symbol) -> "ReturnCalculator":
        """Load the bars of symbol and market proxy; raises NoData if the symbol has no current bars."""
        return cls(view.calendar(symbol), load_price_history(view, symbol), load_market_proxy(view, symbol))

    def outcome(self, session: date, sessions: int, daily_volatility: float) -> RealizedReturn | None:
        """Return the return from the close of `session` to the last close of the next `sessions` sessions.

        Returns None while they have not passed, if the volatility is unknown, or if the bars begin later.
        """
        days = self.calendar.between(session, self.history.last.session)
        if len(days) <= sessions or daily_volatility <= 0:
            return None
        end = days[sessions]
        total = _return(self.history, session, end)
        if total is None:
            return None
        broad = _return(self.market, session, end) if self.market else None
        excess = total - (broad or 0.0)
        deviations = excess / (daily_volatility * sqrt(sessions))
        return RealizedReturn(sessions, self.calendar.close(end), total, excess, deviations, broad is not None)


def _return(history: PriceHistory, first: date, last: date) -> float | None:
    """Return the log return between the last closes at or before two sessions; None without such closes."""
    start, end = (bisect_right(history.series.sessions, session) - 1 for session in (first, last))
    if start < 0:
        return None
    return log(history.series.close[end] / history.series.close[start])


def price_return(view: MarketView, symbol: Symbol, since: datetime) -> Decimal | None:
    """Return the simple return of the adjusted close from the last session complete at `since` to the last one.

    It is rounded to 6 decimals; None if the bars begin later. Raises NoData if the symbol has no current bars.
    """
    history = load_price_history(view, symbol)
    moved = _return(history, view.calendar(symbol).last_completed(since), history.last.session)
    return None if moved is None else Decimal(repr(expm1(moved))).quantize(RETURN_DIGITS)
