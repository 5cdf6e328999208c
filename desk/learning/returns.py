"""What became of a price since a session: in total, beyond the market, and in deviations of the horizon."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime
from math import log, sqrt

from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar
from ...market.price_history import PriceHistory, load_market_proxy, load_price_history
from ...market.view import MarketView
from ...tools.indicators import volatility


@dataclass(frozen=True, slots=True)
class RealizedReturn:
    """A log return over `sessions` sessions, dividends included, and the part of it that the market does not explain.

    `excess` is the return itself where no fund stands for the market, which `against_market` tells. `deviations` is
    the excess over the daily volatility times the square root of `sessions`. `known_at` is the close at the end.
    """

    sessions: int
    known_at: datetime
    total: float
    excess: float
    z_score: float
    against_market: bool


@dataclass(frozen=True, slots=True)
class ReturnCalculator:
    """Answers what became of one symbol since earlier sessions, from what a view shows."""

    calendar: TradingCalendar
    history: PriceHistory
    market: PriceHistory | None

    @property
    def daily_volatility(self) -> float:
        """Return the standard deviation of the last daily log returns; zero where there are too few."""
        return volatility(self.history.series.close, minimum=20) or 0.0

    def sessions_in(self, session: date, timestamp: datetime) -> int:
        """Return how many sessions after `session` were complete at `moment`."""
        return len(self.calendar.between(session, self.calendar.last_completed(timestamp))) - 1

    @classmethod
    def read(cls, view: MarketView, symbol: Symbol) -> "ReturnCalculator":
        """Read the tapes; raises NoData when the symbol has no current bars."""
        return cls(view.calendar(symbol), load_price_history(view, symbol), load_market_proxy(view, symbol))

    def outcome(self, session: date, sessions: int, daily_volatility: float) -> RealizedReturn | None:
        """Return what became of the close of `session` in the next `sessions`, at the last price until then.

        None while they have not passed, where the volatility is unknown, and where the tape does not reach back.
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
    """Return the log return between the last closes at or before two sessions; None where there is none before."""
    start, end = (bisect_right(history.series.sessions, session) - 1 for session in (first, last))
    if start < 0:
        return None
    return log(history.series.close[end] / history.series.close[start])
