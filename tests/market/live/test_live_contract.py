"""The live market keeps the contract of a market source."""

from datetime import timedelta

import pytest
from contracts.market_source import MarketSourceContract
from openoutcry.domain.errors import NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.source import MarketSource
from vendors.in_memory_vendor import news, row

from .conftest import (
    Market,
    close_of,
    sessions,
    utc,
)


class TestLive(MarketSourceContract):
    @pytest.fixture
    def symbol(self) -> Symbol:
        return Symbol("AAA")

    @pytest.fixture
    def source(self, market: Market) -> MarketSource:
        days = sessions(count=40)
        prices = {"open": 10, "high": 12, "low": 9, "volume": 500}
        daily = [
            row(DatasetKind.PRICES_DAILY, ticker="AAA", date=day, close=10 + n % 2, **prices)
            for n, day in enumerate(days)
        ]
        hourly = [
            row(DatasetKind.PRICES_HOURLY, ticker="AAA", ts_utc=f"{day}T{hour}:30:00Z", close=11, **prices)
            for day in days
            for hour in (15, 16)
        ]
        actions = [row(DatasetKind.SPLITS, ticker="AAA", ex_date=days[9], ratio=4)]
        actions += [row(DatasetKind.DIVIDENDS, ticker="AAA", ex_date=days[n], amount="0.5") for n in (3, 30)]
        items = [news("AAA", close_of(day) - timedelta(hours=n), f"item {n}") for n, day in enumerate(days)]
        reported = {"ticker": "AAA", "period_end": "2025-03-31", "metrics": {"eps": "1"}}
        filings = [row(DatasetKind.FUNDAMENTALS, accepted_at=f"{day}T18:00:00Z", **reported) for day in days[::9]]
        points = [row(DatasetKind.MACRO, series="VIXCLS", date=day, value=20, released_at=day) for day in days]
        market.vendor("one", [*daily, *hourly, *actions, *items, *filings, *points])
        found, now = market.source(), market.clock.now()
        found.bars(Symbol("AAA"), Interval.DAY, until=now, count=1)
        found.macro("VIXCLS", until=now, count=1)
        return found

    def test_an_unknown_symbol_has_no_calendar_and_no_facts(self, source, end) -> None:
        """Here the ticker is one that is spelled well and that nobody knows."""
        with pytest.raises(NoData, match="no vendor has prices of ZZZ"):
            source.bars(Symbol("ZZZ"), Interval.DAY, until=end, count=1)
        assert not source.news(Symbol("ZZZ"), since=utc("2025-01-01"), until=end)
        with pytest.raises(NoData, match="NO-SUCH-SYMBOL"):
            source.calendar_name(Symbol("NO-SUCH-SYMBOL"))
