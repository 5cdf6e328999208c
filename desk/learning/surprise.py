"""The price move of the first session after a fact became known, in daily standard deviations."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ...domain.ids import Symbol
from ...domain.trading_calendar import TradingCalendar
from ...market.price_history import PriceHistory, load_price_history
from ...market.view import MarketView


@dataclass(frozen=True, slots=True)
class SurpriseCalculator:
    """Computes the surprise of facts about one symbol, from the bars of a view."""

    calendar: TradingCalendar
    history: PriceHistory
    daily_volatility: float

    @classmethod
    def read(cls, view: MarketView, symbol: Symbol, daily_volatility: Decimal | None) -> "SurpriseCalculator":
        """Load the bars; raises NoData if the symbol has no current bars."""
        return cls(view.calendar(symbol), load_price_history(view, symbol), float(daily_volatility or 0))

    def on(self, known_at: datetime) -> float:
        """Return |return| / volatility of the first session that closed after `known_at`; 0 while there is none."""
        series, days = self.history.series, self.calendar.sessions
        session = days[bisect_right(self.calendar.closes, known_at)]
        place = bisect_left(series.sessions, session)
        if place in (0, len(series)) or series.sessions[place] != session or not self.daily_volatility:
            return 0.0
        moved = float(series.close[place] / series.close[place - 1]) - 1
        return round(abs(moved) / self.daily_volatility, 4)
