"""A market held in lists, and short ways to write facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

import pytest
from openoutcry.domain.errors import NoData
from openoutcry.domain.evidence import Evidence
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import (
    Bar,
    Dividend,
    Filing,
    FilingText,
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    Split,
    Timeframe,
)
from openoutcry.domain.trading_calendar import TradingCalendar, trading_calendar
from openoutcry.market.source import MarketSource
from openoutcry.market.view import MarketView

Fact = TypeVar("Fact", Bar, Split, Dividend, NewsItem, Filing, MacroPoint, InsiderTrade)
ACME = Symbol("ACME")


@dataclass(frozen=True)
class ListSource:
    """A market source over plain lists of facts, in any order."""

    daily: Sequence[Bar] = ()
    split_list: Sequence[Split] = ()
    dividend_list: Sequence[Dividend] = ()
    items: Sequence[NewsItem] = ()
    statements: Sequence[Filing] = ()
    points: Sequence[MacroPoint] = ()
    calendars: Mapping[Symbol, str] = field(default_factory=lambda: {ACME: "XNYS"})
    name: str = "list"
    synthetic: bool = True
    texts: Sequence[FilingText] = ()
    profiles: Sequence[Profile] = ()
    insiders: Sequence[InsiderTrade] = ()

    def symbols(self) -> Sequence[Symbol]:
        return sorted({bar.symbol for bar in self.daily})

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        if symbol not in self.calendars:
            raise NoData(f"there is no {symbol} in this market")
        return self.calendars[symbol]

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        assert interval is Interval.DAY
        return _known([bar for bar in self.daily if bar.symbol == symbol], until)[-count:]

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return _known([split for split in self.split_list if split.symbol == symbol], until)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return _known([dividend for dividend in self.dividend_list if dividend.symbol == symbol], until)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        return _known([item for item in self.items if item.symbol == symbol and item.known_at > since], until)

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return _known([filing for filing in self.statements if filing.symbol == symbol], until)

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        return _known([point for point in self.points if point.series == series], until)[-count:]

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        return [text for text in self.texts if text.symbol == symbol and text.known_at <= until]

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        return _known([trade for trade in self.insiders if trade.symbol == symbol], until)

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        return next((each for each in self.profiles if each.symbol == symbol and each.known_at <= until), None)

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        return ()

    def macro_series(self) -> Sequence[str]:
        return sorted({point.series for point in self.points})


def _known(facts: Sequence[Fact], until: datetime) -> Sequence[Fact]:
    return sorted((fact for fact in facts if fact.known_at <= until), key=lambda fact: fact.known_at)


class Made:
    """Facts about ACME, written shortly; times of day are those of the exchange."""

    acme = ACME
    source = ListSource

    @staticmethod
    def exchange() -> TradingCalendar:
        return trading_calendar("XNYS")

    def sessions(self, last: date, count: int, *, name: str = "XNYS") -> tuple[date, ...]:
        days = trading_calendar(name).sessions
        end = days.index(last) + 1
        return days[end - count : end]

    def bar(
        self,
        session: date,
        close: object,
        *,
        symbol: Symbol = ACME,
        open_: object = None,
        high: object = None,
        low: object = None,
        volume: object = 1000,
        name: str = "XNYS",
    ) -> Bar:
        times = trading_calendar(name)
        last = Decimal(str(close))
        prices = [last if price is None else Decimal(str(price)) for price in (open_, high, low)]
        start, end = times.open(session), times.close(session)
        return Bar(symbol, session, start, end, *prices, last, Decimal(str(volume)))

    def bars(
        self, last: date, closes: Sequence[object], *, symbol: Symbol = ACME, name: str = "XNYS"
    ) -> tuple[Bar, ...]:
        """Return bars with these closes that end on `last`; each opens at its close and spans 1 % to either side."""
        return tuple(
            self.bar(
                session,
                close,
                symbol=symbol,
                high=Decimal(str(close)) * Decimal("1.01"),
                low=Decimal(str(close)) * Decimal("0.99"),
                name=name,
            )
            for session, close in zip(self.sessions(last, len(closes), name=name), closes, strict=True)
        )

    def split(self, ex_date: date, ratio: object) -> Split:
        return Split(ACME, ex_date, Decimal(str(ratio)), self.morning(ex_date))

    def dividend(self, ex_date: date, amount: object) -> Dividend:
        return Dividend(ACME, ex_date, Decimal(str(amount)), None, self.morning(ex_date))

    def news(self, published: datetime, title: str, summary: str = "") -> NewsItem:
        return NewsItem(ACME, published, title, summary, "wire", "", published)

    def quarter(
        self, end: date, known: date, metrics: Mapping[str, object], *, annual: bool = False, estimated: bool = False
    ) -> Filing:
        """Return a statement that became known at 21:30 UTC on `known`, after the close."""
        timeframe = Timeframe.ANNUAL if annual else Timeframe.QUARTERLY
        values = {name: Decimal(str(value)) for name, value in metrics.items()}
        return Filing(ACME, end, timeframe, values, self.evening(known), estimated)

    def macro(self, series: str, period: date, value: object, known: date | None = None) -> MacroPoint:
        return MacroPoint(series, period, Decimal(str(value)), self.morning(known or period + timedelta(days=1)))

    def view(self, source: MarketSource, day: date) -> MarketView:
        """Return the view at the close of the session `day`."""
        return MarketView(source, trading_calendar("XNYS").close(day))

    def morning(self, day: date) -> datetime:
        return datetime.combine(day, time(), UTC)

    def evening(self, day: date) -> datetime:
        return datetime.combine(day, time(21, 30), UTC)


@pytest.fixture(scope="session")
def made() -> Made:
    return Made()


class Values(dict[str, Decimal | None]):
    """Values of evidence by id; a missing id fails with the ids that are there."""

    def __missing__(self, key: str) -> Decimal | None:
        raise AssertionError(f"there is no {key} among {sorted(self)}")


@pytest.fixture(scope="session")
def values() -> object:
    def by_id(evidence: Sequence[Evidence]) -> Values:
        assert len({fact.id for fact in evidence}) == len(evidence)
        return Values({fact.id: fact.value for fact in evidence})

    return by_id


@pytest.fixture(scope="session")
def real_market(real_source: MarketSource) -> MarketSource:
    """The real market, where its folder is there."""
    return real_source
