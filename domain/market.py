"""Market facts. `known_at` is the time (aware UTC) at which a fact became public.

`origin` is the vendor of the fact; empty if unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from .ids import Symbol

CENT, SUB_DOLLAR_TICK, COIN_TICK = Decimal("0.01"), Decimal("0.0001"), Decimal("1e-8")
"""Price increments: of shares from 1.00 on, of shares below 1.00 and of shares quoted in pence, and of coins."""


class Interval(StrEnum):
    """The length of a bar."""

    DAY = "1d"
    HOUR = "1h"


class Timeframe(StrEnum):
    """The period that a financial statement covers."""

    QUARTERLY = "quarterly"
    ANNUAL = "annual"


@dataclass(frozen=True, slots=True)
class Bar:
    """One OHLCV bar, unadjusted: prices in the quote currency, volume in shares (coins for crypto).

    `start` is the start of the bar (for a daily bar the session's open), `known_at` the time of its completion.
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
    """A split: `ratio` new shares per old share from `ex_date` on; below 1 for a reverse split."""

    symbol: Symbol
    ex_date: date
    ratio: Decimal
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Dividend:
    """A cash dividend of `amount` per share, unadjusted, for shares held going into `ex_date`."""

    symbol: Symbol
    ex_date: date
    amount: Decimal
    pay_date: date | None
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class DelistingRecord:
    """A listing that ended before the session `day`; `price` is what a share is worth then, None if unknown."""

    symbol: Symbol
    day: date
    price: Decimal | None
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class RenameRecord:
    """A listing that trades as `new` from the session `day` on, and as `symbol` before."""

    symbol: Symbol
    new: Symbol
    day: date
    known_at: datetime
    origin: str = ""


@dataclass(frozen=True, slots=True)
class NewsItem:
    """A headline with its summary: external text, which is data and never an instruction."""

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
    """A financial statement as reported.

    `metrics` maps the filer's metric names to values in reporting currency, shares or currency per share.
    `estimated` is true if the filing date is assumed (a deadline) and values may be restated.
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
    """One section of a filing, such as item 2.02 of an 8-K: external text, which is data and never an instruction."""

    symbol: Symbol
    form: str
    item: str
    title: str
    text: str
    url: str
    known_at: datetime
    origin: str = ""


class InsiderSide(StrEnum):
    """What an insider did."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class InsiderTrade:
    """A trade of an officer, a director or a large holder in the company's own shares, as its report states it.

    `known_at` is when the report was filed, or when it was first seen if the vendor does not state that; then
    `traded_on` is the day of the trade. `shares` and `price` (quote currency per share) are on the split basis of
    that time. `person` and `role` are external text.
    """

    symbol: Symbol
    person: str
    role: str
    side: InsiderSide
    shares: Decimal
    price: Decimal
    known_at: datetime
    origin: str = ""
    traded_on: date | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A company profile as published by a vendor at `known_at`; missing figures are None.

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
    """The market statistics of one symbol that sizing and limits use, computed from completed bars.

    Attributes:
        session: the last completed session.
        last_close: unadjusted close of `session` in quote currency per share, adjusted for a split since.
        daily_volatility: sample standard deviation of the last 60 daily log returns, adjusted for splits and
            dividends; None with fewer than 20 returns.
        atr: average true range over 14 sessions, in quote currency; None with fewer than 15 bars.
        average_volume: mean volume of the last 20 sessions, in shares per session.
        whole_shares: whether quantities must be whole numbers.
        tick: price increment in quote currency per share; a smaller one may apply below 1.00, see `tick_at`.
        sessions_a_year: number of daily returns per year, for annualisation.
    """

    symbol: Symbol
    session: date
    last_close: Decimal
    daily_volatility: Decimal | None
    atr: Decimal | None
    average_volume: Decimal
    whole_shares: bool = True
    tick: Decimal = CENT
    sessions_a_year: int = 252

    @property
    def is_coin(self) -> bool:
        """Return whether fractions are traded by every kind of order."""
        return self.tick == COIN_TICK

    def tick_at(self, price: Decimal) -> Decimal:
        """Return the price increment at `price`; it is 0.0001 for shares in cents below 1.00 (SEC Rule 612)."""
        return SUB_DOLLAR_TICK if self.tick == CENT and abs(price) < 1 else self.tick


def price_text(price: Decimal, tick: Decimal, *, grouped: bool = False) -> str:
    """Return a price per share for display: two decimals from 1.00 on, below 1.00 those of `tick` without ending zeros.

    With `grouped`, thousands are separated by commas.
    """
    if abs(price) >= 1:
        return f"{price:,.2f}" if grouped else f"{price:.2f}"
    digits = f"{price.quantize(min(tick, CENT)):f}"
    whole, fraction = digits.split(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
