"""Sessions of the calendar on which the market did not open."""

from datetime import date

from ...domain.errors import DataError
from ...domain.market import Interval
from ...domain.trading_calendar import TradingCalendar
from ...market.source import MarketSource

FEWEST_SYMBOLS = 3
"""Symbols that must have traded last on one earlier session, so that their common silence says something."""

LONGEST_CLOSURE = 4
"""Consecutive sessions; the longest closure of the NYSE since 1990 was 2001-09-11 to 2001-09-14."""


def is_unscheduled_closure(source: MarketSource, sessions: TradingCalendar, session: date) -> bool:
    """Return whether no symbol that the source lists has a bar of `session`, although some traded shortly before.

    At least FEWEST_SYMBOLS of them must have traded last on the session before, or on one at most LONGEST_CLOSURE
    sessions ago since which no symbol has traded. Symbols whose bars cannot be read are left out.
    """
    latest, traded = date.min, 0
    for symbol in source.symbols():
        try:
            if source.calendar_name(symbol) != sessions.name:
                continue
            bars = source.bars(symbol, Interval.DAY, until=sessions.close(session), count=1)
        except DataError:
            continue
        last = bars[-1].session if bars else date.min
        if last == session:
            return False
        if last > latest:
            latest, traded = last, 0
        traded += last == latest
    if traded < FEWEST_SYMBOLS or latest == date.min:
        return False
    return len(sessions.between(sessions.next(latest), session)) <= LONGEST_CLOSURE
