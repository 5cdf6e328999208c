"""The hours of a session, where the market source has them: whole, and of one mind with the day."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..domain.errors import SourceUnavailable
from ..domain.ids import Symbol
from ..domain.market import Bar, Interval
from ..domain.sessions import Calendar
from ..ledger.fills import Row
from ..ledger.instrument import Instrument
from ..ledger.quotes import row
from ..tools.source import MarketSource

HOUR = timedelta(hours=1)
MOST = 24
TOLERANCE = 100
"""Hours may differ from their day by one part in this many, at both ends: feeds are not of one mind on every print."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Hours:
    """One session by the hour: when each bar starts, and the bars of every symbol, none missing."""

    starts: tuple[datetime, ...]
    rows: Mapping[str, tuple[Row, ...]]


def grid(sessions: Calendar, session: date) -> tuple[datetime, ...]:
    """Return when the hours of a session start; the last one may be shorter."""
    start, close = sessions.open(session), sessions.close(session)
    return tuple(start + number * HOUR for number in range(MOST) if start + number * HOUR < close)


def hours_of(
    source: MarketSource,
    days: Iterable[tuple[Instrument, Row]],
    sessions: Calendar,
    session: date,
    *,
    wanted: bool,
    say: Say,
) -> Hours:
    """Return the hours of all instruments that were traded, given with their daily bars, and have them whole.

    `say` is told of those whose hours miss a bar or contradict the day; where hours are `wanted`, also of those that
    have none.
    """
    starts, found = grid(sessions, session), {}
    for instrument, day in days:
        symbol = Symbol(instrument.symbol)
        try:
            bars = source.bars(symbol, Interval.HOUR, until=sessions.close(session), count=MOST)
        except SourceUnavailable as error:
            say(f"{session}: the hourly bars of {symbol} cannot be had ({error}), so its daily bar decides")
            continue
        hours = [bar for bar in bars if bar.session == session]
        if fault := _fault(hours, instrument, starts, day):
            if hours or wanted:
                say(f"{session}: the hourly bars of {symbol} {fault}, so its daily bar decides")
        else:
            found[instrument.symbol] = tuple(row(bar, instrument) for bar in hours)
    return Hours(starts, found)


def _fault(hours: list[Bar], instrument: Instrument, starts: tuple[datetime, ...], day: Row) -> str | None:
    """Say what keeps the hours from standing for their day, or nothing."""
    if missing := len(set(starts) - {bar.start for bar in hours}):
        return f"miss {missing} of {len(starts)}"
    if len(hours) != len(starts):
        return "do not start on the hours of the session"
    rows = [row(bar, instrument) for bar in hours]
    high, low = max(each[1] for each in rows), min(each[2] for each in rows)
    apart = abs(high - day[1]) * TOLERANCE > day[1] or abs(low - day[2]) * TOLERANCE > day[2]
    return f"range from {low} to {high} ticks, the day from {day[2]} to {day[1]}" if apart else None
