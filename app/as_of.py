"""Parsing of `--as-of` into a timestamp, and of tickers."""

import re
from datetime import UTC, date, datetime, timedelta

from ..domain.errors import ConfigError, NoData
from ..domain.ids import Symbol
from ..domain.market import Interval
from ..domain.trading_calendar import TradingCalendar, trading_calendar
from ..market.source import MarketSource
from ..market.symbology import normalize_ticker

EXCHANGE = "XNYS"


_SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=/-]{0,19}")


def read_symbol(text: str) -> Symbol:
    """Return the ticker in canonical spelling, BRK.B for BRK-B and brk/b; raises ConfigError for an invalid ticker."""
    symbol = text.strip().upper()
    if not _SYMBOL.fullmatch(symbol):
        raise ConfigError(f"{text[:40]!r} is not a ticker: up to 20 letters, digits and . - / ^ =")
    return Symbol(normalize_ticker(symbol))


def check_can_submit(timestamp: datetime, source: MarketSource, symbol: Symbol) -> None:
    """Raise ConfigError if `timestamp` is within a session: the orders could only fill at an open that has passed."""
    sessions = _calendar(source, symbol)
    last = sessions.last_completed(timestamp)
    coming = sessions.next(last)
    if sessions.open(coming) <= timestamp and sessions.close(last) != timestamp:
        raise ConfigError(
            f"--submit within the session {coming}: a paper account is advanced to a close, so decide at a close, "
            f"such as --as-of {last}"
        )


def session_of(source: MarketSource, symbol: Symbol, timestamp: datetime) -> date:
    """Return the last session of the symbol's calendar that was complete at `timestamp`."""
    return _calendar(source, symbol).last_completed(timestamp)


def parse_as_of(text: str | None, source: MarketSource, symbol: Symbol, now: datetime) -> datetime:
    """Return the timestamp to decide from.

    A date means the close of that session. A datetime must have a time zone. Without `text`, the close of the last
    completed session with a bar is used. Raises ConfigError for text that cannot be parsed, a date without a session
    and a time in the future.
    """
    sessions = _calendar(source, symbol)
    if text is None:
        return _latest(source, symbol, sessions, now)
    timestamp = _parsed(text, sessions, now)
    if timestamp > now:
        raise _future(text, sessions, now)
    return timestamp


def _future(text: str, sessions: TradingCalendar, now: datetime) -> ConfigError:
    return ConfigError(f"--as-of {text} is in the future; the last completed session is {sessions.last_completed(now)}")


def _parsed(text: str, sessions: TradingCalendar, now: datetime) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return parse_datetime(text)
    if day > now.date() + timedelta(days=1):
        raise _future(text, sessions, now)
    if not sessions.sessions[0] < day <= sessions.sessions[-1]:
        raise ConfigError(f"--as-of {text} is outside the calendar, which runs from {sessions.sessions[0]}")
    return sessions.close(day)


def parse_datetime(text: str, flag: str = "--as-of") -> datetime:
    """Return an ISO datetime as UTC; raises ConfigError if it cannot be parsed or has no time zone."""
    try:
        timestamp = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{flag} {text!r} is neither a date such as 2025-03-03 nor an ISO datetime") from error
    if timestamp.tzinfo is None:
        raise ConfigError(f"{flag} {text} needs a time zone, such as {text}Z or {text}-05:00")
    try:
        return timestamp.astimezone(UTC)
    except OverflowError as error:
        raise ConfigError(f"{flag} {text} is outside the calendar") from error


def _latest(source: MarketSource, symbol: Symbol, sessions: TradingCalendar, now: datetime) -> datetime:
    bars = source.bars(symbol, Interval.DAY, until=now, count=1)
    return sessions.close(bars[-1].session) if bars else sessions.close(sessions.last_completed(now))


def _calendar(source: MarketSource, symbol: Symbol) -> TradingCalendar:
    try:
        return trading_calendar(source.calendar_name(symbol))
    except NoData:
        return trading_calendar(EXCHANGE)
