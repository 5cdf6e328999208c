"""Market facts. Every one of them knows when the public could know it (`known_at`, aware UTC).

`origin` is the vendor that gave it, empty where the market does not say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from .ids import Symbol


class Interval(StrEnum):
    """The length of a bar."""

    DAY = "1d"
    HOUR = "1h"


class Timeframe(StrEnum):
    """What span a statement covers."""

    QUARTERLY = "quarterly"
    ANNUAL = "annual"


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval of trading, raw as traded: prices in the quote currency, volume in shares (coins for crypto).

    `start` is the first moment of the bar (for a daily bar the session's open), `known_at` the moment it was complete.
    """

    symbol: Symbol
    session: date
    start: datetime
    known_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """`ratio` new shares for one old share from `ex_date` on; below one for a reverse split."""

    symbol: Symbol
    ex_date: date
    ratio: Decimal
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Dividend:
    """Cash of `amount` a share, as paid at the time, for who held going into `ex_date`."""

    symbol: Symbol
    ex_date: date
    amount: Decimal
    pay_date: date | None
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """A headline with its summary: text from outside, data and never instruction."""

    symbol: Symbol
    published_at: datetime
    title: str
    summary: str
    source: str
    url: str
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """A statement as reported.

    `metrics` maps the filer's own metric names to values in reporting currency, shares or currency per share.
    `estimated` says that the filing date was assumed (a deadline) and that values may be restated ones.
    """

    symbol: Symbol
    period_end: date
    timeframe: Timeframe
    metrics: Mapping[str, Decimal]
    known_at: datetime
    estimated: bool
    origin: str = ""


@dataclass(frozen=True, slots=True)
class MacroPoint:
    """The value of one economic series for the reference date `period`."""

    series: str
    period: date
    value: Decimal
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class FilingText:
    """One section of a filing, such as item 2.02 of an 8-K: text from outside, data and never instruction."""

    symbol: Symbol
    form: str
    item: str
    title: str
    text: str
    url: str
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a company is, as a vendor said at `known_at`; the figures are None where it does not say.

    `shares_outstanding` is in shares, `market_cap` in units of `currency`.
    """

    symbol: Symbol
    name: str
    sector: str
    industry: str
    country: str
    currency: str
    exchange: str
    shares_outstanding: Decimal | None
    market_cap: Decimal | None
    summary: str
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What sizing and limits need to know of one symbol at one moment; all from completed bars.

    Attributes:
        last_close: raw close of the last completed session, quote currency a share, restated for a split since.
        daily_volatility: sample standard deviation of the last 60 daily log returns, adjusted for splits and
            dividends; None with fewer than 20 returns.
        atr: average true range over 14 sessions, in quote currency; None with fewer than 15 bars.
        average_volume: mean shares a session over the last 20 sessions.
        whole_shares: whether quantities must be whole numbers.
        tick: the step of prices, quote currency a share.
        sessions_a_year: how many daily returns make a year.
    """

    symbol: Symbol
    session: date
    last_close: Decimal
    daily_volatility: Decimal | None
    atr: Decimal | None
    average_volume: Decimal
    whole_shares: bool = True
    tick: Decimal = Decimal("0.01")
    sessions_a_year: int = 252
