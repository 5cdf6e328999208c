"""The folder keeps the contract of a market source, with files of every kind and with real ones."""

import pytest
from contracts.market_folder import (
    DAILY,
    DIVIDENDS,
    HOURLY,
    MACRO,
    SPLITS,
    MarketFolder,
    bar,
    real_folder,
)
from contracts.market_source import MarketSourceContract
from openoutcry.domain.ids import Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import open_folder
from openoutcry.market.source import MarketSource


class TestSmallFolder(MarketSourceContract):
    @pytest.fixture
    def symbol(self) -> Symbol:
        return Symbol("AAA")

    @pytest.fixture
    def source(self, folder: MarketFolder) -> MarketSource:
        days = [str(day) for day in trading_calendar("XNYS").sessions[8800:8830]]
        folder.csv("prices_daily.csv.gz", DAILY, *(bar(who, day) for who in ("BBB", "AAA") for day in reversed(days)))
        folder.csv("crypto_daily.csv", DAILY, *(bar("COIN", day) for day in days))
        folder.csv("prices_hourly.csv", HOURLY, *(bar("AAA", f"{day}T{hour}:30Z") for day in days for hour in (15, 16)))
        folder.csv("splits.csv", SPLITS, f"AAA,{days[9]},4", f"AAA,{days[3]},0.5")
        folder.csv("dividends.csv", f"{DIVIDENDS},pay_date", f"AAA,{days[5]},0.24,{days[9]}", f"AAA,{days[2]},1,")
        folder.csv("macro.csv", MACRO, *(f"VIX,{day},{20 + n}" for n, day in enumerate(days)), "GDP,2024-01-01,3")
        folder.jsonl("news.jsonl", *(_news(f"{day}T0{n % 9}:00:00Z", n) for n, day in enumerate(days)))
        return folder.jsonl("fundamentals.jsonl", *(_filing(day) for day in days[::10])).open()


def _news(published_at: str, number: int) -> dict[str, object]:
    item: dict[str, object] = {"ticker": "AAA", "published_at": published_at, "title": f"Item {number}"}
    return item | {"summary": "", "source": "wire", "url": "", "precision": "day" if number % 3 else "second"}


def _filing(day: str) -> dict[str, object]:
    metrics = {"revenue": 12.5, "eps": None, "name": "x"}
    return {"ticker": "AAA", "period_end": "2024-09-30", "timeframe": "annual", "filed_at": day, "metrics": metrics}


@pytest.mark.skipif(not real_folder().is_dir(), reason="the folder of real data is not beside this checkout")
class TestRealFolder(MarketSourceContract):
    @pytest.fixture(scope="class")
    @classmethod
    def source(cls) -> MarketSource:
        return open_folder(real_folder())

    @pytest.fixture(params=["NVDA", "BTC"])
    def symbol(self, request: pytest.FixtureRequest) -> Symbol:
        return Symbol(request.param)
