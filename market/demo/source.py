"""The demo market as a market source. Numbers are simulated or loaded once; facts are built on first use."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Protocol, TypeVar

from ...domain.errors import NoData
from ...domain.ids import Symbol
from ...domain.market import (
    Bar,
    DelistingRecord,
    Dividend,
    Filing,
    FilingText,
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    Split,
)
from ...domain.trading_calendar import trading_calendar
from .cache import DrawnMarket, drawn_market
from .companies import ALL_LISTINGS, Company
from .hours import hourly_bars
from .insiders import insider_trades
from .macro import SERIES
from .newswire import CompanyNews, NewsContext
from .statements import statements
from .timeline import CALENDAR, timeline


class _Dated(Protocol):
    @property
    def known_at(self) -> datetime: ...


F = TypeVar("F", bound=_Dated)
REPORTED_AFTER = timedelta(hours=5)
"""Time between the last close of a listing and the report that it has ended."""
_MOMENT = attrgetter("known_at")


def _known_until(facts: Sequence[F], until: datetime) -> Sequence[F]:
    """Return the facts with `known_at <= until`; `facts` are sorted by `known_at`."""
    return facts[: bisect_right(facts, until, key=_MOMENT)]


def _last(facts: Sequence[F], count: int) -> Sequence[F]:
    return facts[max(0, len(facts) - count) :] if count > 0 else ()


@dataclass(frozen=True, slots=True)
class _CompanyFacts:
    """All public facts of one company; each kind of fact is built on first use and cached."""

    company: Company
    drawn: DrawnMarket
    _kept: dict[str, Sequence[object]] = field(default_factory=dict)
    _beats: list[NewsContext] = field(default_factory=list)
    _news: list[CompanyNews] = field(default_factory=list)

    @property
    def beat(self) -> NewsContext:
        """Return the simulated data of the company, loaded once."""
        if not self._beats:
            self._beats.append(self.drawn.beat(self.company))
        return self._beats[0]

    def bars(self) -> Sequence[Bar]:
        return self._made("bars", _bars)

    def was_listed(self, until: datetime | None) -> bool:
        bars = self.bars()
        return until is None or bool(bars and bars[0].known_at <= until)

    def hours(self, until: datetime, count: int) -> Sequence[Bar]:
        """Return the last `count` hourly bars known at `until`; only the sessions that have them are generated."""
        found, days = list[Bar](), self.bars()
        for place in reversed(range(bisect_left(days, until, key=attrgetter("start")))):
            if len(found) >= count:
                break
            found[:0] = _known_until(self._hours_of(days[place]), until)
        return tuple(found)

    def _hours_of(self, day: Bar) -> Sequence[Bar]:
        return self._made(f"hours {day.session}", lambda beat: hourly_bars(day, day.known_at, beat.seed))

    def splits(self) -> Sequence[Split]:
        return self._made("splits", _splits)

    def dividends(self) -> Sequence[Dividend]:
        return self._made("dividends", _dividends)

    def news(self, since: datetime, until: datetime) -> Sequence[NewsItem]:
        if not self._news:
            self._news.append(CompanyNews(self.beat))
        return self._news[0].between(since, until)

    def filings(self) -> Sequence[Filing]:
        return self._made("filings", lambda beat: statements(beat.company, beat.filed))

    def insider_trades(self) -> Sequence[InsiderTrade]:
        return self._made("insider_trades", insider_trades)

    def _made(self, sort: str, make: Callable[[NewsContext], Sequence[F]]) -> Sequence[F]:
        if sort not in self._kept:
            self._kept[sort] = make(self.beat)
        return self._kept[sort]  # type: ignore[return-value]


class DemoSource:
    """A synthetic market of fictional companies, from 2016-01-04 to a given session; created by `demo_market`.

    It implements MarketSource. Unknown tickers and series give an empty result. Hourly bars are generated from the
    daily ones when they are first read. The source holds public facts only, not the planted signals.
    """

    def __init__(self, companies: Iterable[Company], drawn: DrawnMarket) -> None:
        self._shelves = {company.ticker: _CompanyFacts(company, drawn) for company in companies}
        self._drawn, self._economy = drawn, dict[str, Sequence[MacroPoint]]()

    @property
    def name(self) -> str:
        return "demo"

    @property
    def synthetic(self) -> bool:
        return True

    def symbols(self) -> Sequence[Symbol]:
        return tuple(sorted(self._shelves))

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        shelf = self._shelves.get(symbol)
        if shelf is None or not shelf.was_listed(until):
            raise NoData(f"there is no {symbol} in the demo market; check the ticker")
        return CALENDAR

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        shelf = self._shelves.get(symbol)
        if shelf is None:
            return ()
        hours = interval is Interval.HOUR
        return _last(shelf.hours(until, count) if hours else _known_until(shelf.bars(), until), count)

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        shelf = self._shelves.get(symbol)
        return _known_until(shelf.splits(), until) if shelf else ()

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        shelf = self._shelves.get(symbol)
        return _known_until(shelf.dividends(), until) if shelf else ()

    def delistings(self, symbol: Symbol, *, until: datetime) -> Sequence[DelistingRecord]:
        """Return the end of a company's listing, at its last close; known when the newswire reports it."""
        shelf = self._shelves.get(symbol)
        collapse = shelf.company.collapse if shelf else None
        if shelf is None or collapse is None or shelf.bars()[-1].session != collapse.last_session:
            return ()
        last = shelf.bars()[-1]
        day, known_at = trading_calendar(CALENDAR).next(last.session), last.known_at + REPORTED_AFTER
        return _known_until((DelistingRecord(symbol, day, last.close, known_at),), until)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        shelf = self._shelves.get(symbol)
        return shelf.news(since, until) if shelf else ()

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        shelf = self._shelves.get(symbol)
        return _known_until(shelf.filings(), until) if shelf else ()

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        """Return an empty sequence: the companies of the demo market publish figures and headlines only."""
        return ()

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        shelf = self._shelves.get(symbol)
        return _known_until(shelf.insider_trades(), until) if shelf else ()

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        """Return None: the demo market has no profiles."""
        return None

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        return ()

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        if series not in self._economy:
            self._economy[series] = self._drawn.series(series)
        return _last(_known_until(self._economy[series], until), count)

    def macro_series(self) -> Sequence[str]:
        return SERIES


def demo_market(*, seed: int = 7, last: date, cache: Path | None = None) -> DemoSource:
    """Return the demo market up to the session `last`, or the session before it if `last` is not a session.

    The same seed gives the same market, and a later `last` only appends to it. A company listed after `last` is not
    included. With `cache`, the simulated numbers are stored in that folder and reused; the market is the same.

    Raises:
        ConfigError: `last` is before 2016-01-04 or after the last supported year.
    """
    time = timeline(last)
    companies = [company for company in ALL_LISTINGS if company.listed <= time.days[-1]]
    return DemoSource(companies, drawn_market(seed, time, cache))


def _bars(news_context: NewsContext) -> tuple[Bar, ...]:
    history, time, symbol = news_context.history, news_context.time, news_context.company.ticker
    cents = zip(history.open.tolist(), history.high.tolist(), history.low.tolist(), history.close.tolist(), strict=True)
    rows = list(zip(time.days, time.opens, time.closes, cents, history.volume.tolist(), strict=True))
    return tuple(
        Bar(
            symbol=symbol,
            session=day,
            start=opened,
            known_at=closed,
            open=_dollars(prices[0]),
            high=_dollars(prices[1]),
            low=_dollars(prices[2]),
            close=_dollars(prices[3]),
            volume=Decimal(volume),
        )
        for day, opened, closed, prices, volume in rows[history.first : history.end]
    )


def _dollars(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _splits(news_context: NewsContext) -> tuple[Split, ...]:
    """Return the splits with an ex-date up to the last session; each is known from the open of its ex-date."""
    company, time = news_context.company, news_context.time
    return tuple(
        Split(company.ticker, split.ex_date, split.ratio, time.calendar.open(split.ex_date))
        for split in company.splits
        if split.ex_date <= time.days[-1]
    )


def _dividends(news_context: NewsContext) -> tuple[Dividend, ...]:
    """Return the dividends, each known from the open of its ex-date and paid two weeks later."""
    time, symbol = news_context.time, news_context.company.ticker
    return tuple(
        Dividend(
            symbol=symbol,
            ex_date=time.days[paid.place],
            amount=_dollars(paid.cents),
            pay_date=time.session_from(time.days[paid.place] + timedelta(days=14)),
            known_at=time.opens[paid.place],
        )
        for paid in news_context.history.paid
    )
