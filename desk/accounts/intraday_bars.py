"""The hourly bars of a session, where the market source has them complete and consistent with the daily bar."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...domain.errors import InvalidData, SourceUnavailable
from ...domain.ids import Symbol
from ...domain.market import Bar, Interval
from ...domain.trading_calendar import TradingCalendar
from ...ledger.model.bars import to_integer_bar
from ...ledger.model.instrument import Instrument
from ...ledger.pricing.integer_bar import IntegerBar
from ...market.source import MarketSource

HOUR = timedelta(hours=1)
MAX_BARS = 24
TOLERANCE = 100
"""Hourly bars may differ from the daily bar by one part in this many: feeds differ in single prints."""

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class IntradayBars:
    """One session by the hour: when each bar starts, and the bars of every symbol, none missing."""

    starts: tuple[datetime, ...]
    rows: Mapping[str, tuple[IntegerBar, ...]]


def bar_starts(sessions: TradingCalendar, session: date) -> tuple[datetime, ...]:
    """Return when the hours of a session start; the last one may be shorter."""
    start, close = sessions.open(session), sessions.close(session)
    return tuple(start + number * HOUR for number in range(MAX_BARS) if start + number * HOUR < close)


def load_intraday_bars(
    source: MarketSource,
    days: Iterable[tuple[Instrument, IntegerBar]],
    sessions: TradingCalendar,
    session: date,
    *,
    wanted: bool,
    notify: Notify,
) -> IntradayBars:
    """Return the hours of all instruments that were traded, given with their daily bars, and have them whole.

    `notify` receives those whose hours miss a bar, cannot be true, or contradict the day; where hours are `wanted`,
    also
    of those that have none.
    """
    if not (asked := tuple(days)):
        return IntradayBars((), {})
    starts, found = bar_starts(sessions, session), {}
    for instrument, day in asked:
        symbol = Symbol(instrument.symbol)
        try:
            bars = source.bars(symbol, Interval.HOUR, until=sessions.close(session), count=MAX_BARS)
            hours = [bar for bar in bars if bar.session == session]
            rows = [to_integer_bar(bar, instrument) for bar in hours]
        except (SourceUnavailable, InvalidData) as error:
            notify(f"{session}: the hourly bars of {symbol} cannot be had ({error}), so its daily bar decides")
            continue
        if fault := _inconsistency(hours, rows, starts, day):
            if hours or wanted:
                notify(f"{session}: the hourly bars of {symbol} {fault}, so its daily bar decides")
        else:
            found[instrument.symbol] = _scale_volume(rows, day.volume)
    return IntradayBars(starts, found)


def _scale_volume(rows: list[IntegerBar], volume: int) -> tuple[IntegerBar, ...]:
    """Return the hours with the day's volume, each its share: the feeds of hours leave out the auctions."""
    told = sum(each.volume for each in rows)
    return tuple(each._replace(volume=max(1, each.volume * volume // told) if each.volume else 0) for each in rows)


def _inconsistency(
    hours: list[Bar], rows: list[IntegerBar], starts: tuple[datetime, ...], day: IntegerBar
) -> str | None:
    """Say what keeps the hours from standing for their day, or nothing."""
    if missing := len(set(starts) - {bar.start for bar in hours}):
        return f"miss {missing} of {len(starts)}"
    if len(hours) != len(starts):
        return "do not start on the hours of the session"
    if not any(each.volume for each in rows):
        return "have no volume"
    high, low = max(each.high for each in rows), min(each.low for each in rows)
    if _apart(high, day.high) or _apart(low, day.low):
        return f"range from {low} to {high} ticks, the day from {day.low} to {day.high}"
    opened, closed = rows[0].open, rows[-1].close
    if _apart(opened, day.open) or _apart(closed, day.close):
        return f"go from {opened} to {closed} ticks, the day from {day.open} to {day.close}"
    return None


def _apart(told: int, daily: int) -> bool:
    return abs(told - daily) * TOLERANCE > daily
