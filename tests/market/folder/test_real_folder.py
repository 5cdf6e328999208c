"""The folder of real data, when it is beside this checkout, reads without a defect and shows its known traps."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from contracts.market_folder import real_folder
from openoutcry.domain.errors import NoData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.folder import (
    DatasetKind,
    FolderReport,
    FolderSource,
    Gap,
    validate_folder,
)
from openoutcry.market.view import MarketView

pytestmark = pytest.mark.skipif(
    not real_folder().is_dir(), reason="the folder of real data is not beside this checkout"
)

STOCKS = (
    *("AAPL", "MSFT", "AMZN", "JPM", "JNJ", "BA", "CAT", "HD", "IBM", "V", "MCD", "AMGN"),
    *("NVDA", "GOOGL", "XOM", "KO", "WMT", "CSCO", "ORCL", "PEP", "SPY", "QQQ"),
)
DOW = STOCKS[:12]
COINS = ("BTC", "ETH", "SOL")
START = date(2025, 3, 3)
BEGINNING, END = datetime(1990, 1, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def source(real_source: FolderSource) -> FolderSource:
    return real_source


@pytest.fixture(scope="module")
def report() -> FolderReport:
    return validate_folder(real_folder())


def test_it_has_no_defect_and_one_gap(report: FolderReport) -> None:
    assert (report.defects, report.defect_count, report.missing) == (
        (),
        0,
        (DatasetKind.FILING_TEXTS, DatasetKind.PROFILE, DatasetKind.INSIDER),
    )
    assert report.gaps == (Gap(DatasetKind.PRICES_DAILY, "BA", (date(2025, 1, 10), date(2025, 1, 13))),)
    assert {entry.kind: entry.rows for entry in report.coverage}[DatasetKind.PRICES_DAILY] == 131_295


def test_missing_news_is_told_as_absence(report: FolderReport) -> None:
    silent = {absence.ticker for absence in report.absences if DatasetKind.NEWS in absence.kinds}
    assert {"KO", "WMT", "CSCO", "ORCL", "PEP"} <= silent
    assert "AAPL" not in silent


def test_it_lists_its_tickers(source: FolderSource) -> None:
    assert source.symbols() == tuple(sorted(STOCKS + COINS))
    assert {source.calendar_name(Symbol(coin)) for coin in COINS} == {"24/7"}


def test_a_session_that_is_missing_is_no_data_and_not_the_day_before(source: FolderSource) -> None:
    view = MarketView(source, datetime(2025, 1, 10, 21, tzinfo=UTC))
    with pytest.raises(NoData, match="no bar of BA for the session 2025-01-10"):
        view.current_bars(Symbol("BA"), count=1)


@pytest.mark.parametrize(
    ("ticker", "day", "ratio"),
    [
        ("NVDA", date(2024, 6, 10), 10),
        ("AAPL", date(2020, 8, 31), 4),
        ("AMZN", date(2022, 6, 6), 20),
        ("GOOGL", date(2022, 7, 18), 20),
        ("WMT", date(2024, 2, 26), 3),
    ],
)
def test_prices_are_raw_across_a_split(source: FolderSource, ticker: str, day: date, ratio: int) -> None:
    eve = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(seconds=1)
    assert day not in {split.ex_date for split in source.splits(Symbol(ticker), until=eve)}
    split = source.splits(Symbol(ticker), until=eve + timedelta(seconds=1))[-1]
    assert (split.ex_date, split.ratio) == (day, Decimal(ratio))
    before, after = source.bars(Symbol(ticker), Interval.DAY, until=eve + timedelta(days=1), count=2)
    assert after.session == day
    assert Decimal("0.9") < before.close / after.open / ratio < Decimal("1.1")


def test_news_of_a_day_waits_for_its_end(source: FolderSource) -> None:
    jnj, noon = Symbol("JNJ"), datetime(2020, 3, 13, 12, tzinfo=UTC)
    assert not source.news(jnj, since=BEGINNING, until=noon)
    assert source.news(jnj, since=BEGINNING, until=datetime(2020, 3, 14, tzinfo=UTC))
    assert not source.news(Symbol("KO"), since=BEGINNING, until=END)


def test_statements_come_when_they_were_accepted_filed_or_assumed(source: FolderSource) -> None:
    accepted = datetime(2024, 5, 2, 22, 4, 25, tzinfo=UTC)
    latest = source.filings(Symbol("AAPL"), until=accepted)[-1]
    assert (latest.known_at, latest.period_end, latest.estimated) == (accepted, date(2024, 3, 30), False)
    assert source.filings(Symbol("AAPL"), until=accepted - timedelta(seconds=1))[-1].period_end == date(2023, 12, 30)
    assert {filing.estimated for filing in source.filings(Symbol("KO"), until=END)} == {True}


def test_macro_lags_by_its_frequency(source: FolderSource) -> None:
    view = MarketView(source, datetime(2025, 6, 30, 20, tzinfo=UTC))
    assert view.macro("VIX", count=1)[0].period == date(2025, 6, 27)
    assert view.macro("CPIAUCSL", count=1)[0].period == date(2025, 5, 1)
    assert view.macro("GDP", count=1)[0].known_at == datetime(2025, 5, 31, tzinfo=UTC)


def test_the_last_hour_of_a_half_day_ends_with_it(source: FolderSource) -> None:
    hours = source.bars(Symbol("NVDA"), Interval.HOUR, until=datetime(2024, 7, 4, tzinfo=UTC), count=4)
    assert {hour.session for hour in hours} == {date(2024, 7, 3)}
    assert hours[-1].known_at == datetime(2024, 7, 3, 17, tzinfo=UTC)


def test_buying_and_holding_twelve_names_comes_to_the_documented_figure(source: FolderSource) -> None:
    """Equal dollars at the first open, marked at each open from 2025-03-03 to 2025-06-30."""
    values: dict[date, Decimal] = {}
    for ticker in DOW:
        held_bars = source.bars(Symbol(ticker), Interval.DAY, until=END, count=99)
        bars = [held for held in held_bars if held.session >= START]
        for held in bars:
            values[held.session] = values.get(held.session, Decimal(0)) + held.open / bars[0].open / 12
    path = [values[day] for day in sorted(values)]
    drawdown = min(value / max(path[: place + 1]) - 1 for place, value in enumerate(path))
    assert round(path[-1] - 1, 5) == Decimal("0.02979")
    assert round(drawdown, 5) == Decimal("-0.16693")
