"""Since when each kind of row is known."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from contracts.market_folder import (
    DAILY,
    DIVIDENDS,
    HOURLY,
    MACRO,
    SPLITS,
    MarketFolder,
    bar,
)
from openoutcry.domain.errors import InvalidData
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import (
    Filing,
    Interval,
    NewsItem,
    Timeframe,
)

AAA, COIN = Symbol("AAA"), Symbol("COIN")
BEGINNING, END = datetime(1900, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily_moment(folder: MarketFolder, day: str) -> datetime:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", day)).open()
    return source.bars(AAA, Interval.DAY, until=END, count=1)[0].known_at


def hourly_moment(folder: MarketFolder, start: str) -> datetime:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-03"))
    source = folder.csv("prices_hourly.csv", HOURLY, bar("AAA", start)).open()
    return source.bars(AAA, Interval.HOUR, until=END, count=1)[0].known_at


def news(folder: MarketFolder, **fields: object) -> Sequence[NewsItem]:
    item = {"ticker": "AAA", "title": "Title", "summary": "", "source": "wire", "url": ""} | fields
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-03")).jsonl("news.jsonl", item)
    return folder.open().news(AAA, since=BEGINNING, until=END)


def filings(folder: MarketFolder, **fields: object) -> Sequence[Filing]:
    row = {"ticker": "AAA", "period_end": "2024-06-30", "timeframe": "quarterly", "metrics": {}} | fields
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-03")).jsonl("fundamentals.jsonl", row)
    return folder.open().filings(AAA, until=END)


def macro(folder: MarketFolder, *rows: str, header: str = MACRO) -> dict[date, datetime]:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-03")).csv("macro.csv", header, *rows)
    return {point.period: point.known_at for point in folder.open().macro("S", until=END, count=100)}


def test_a_daily_bar_is_known_at_the_close_in_winter_in_summer_and_on_a_half_day(folder: MarketFolder) -> None:
    assert daily_moment(folder, "2024-01-03") == utc("2024-01-03T21:00")
    assert daily_moment(folder, "2024-07-05") == utc("2024-07-05T20:00")
    assert daily_moment(folder, "2024-07-03") == utc("2024-07-03T17:00")


def test_a_daily_bar_is_hidden_until_the_instant_of_its_close(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-03")).open()
    close = utc("2024-07-03T17:00")
    assert not source.bars(AAA, Interval.DAY, until=close - timedelta(microseconds=1), count=1)
    assert source.bars(AAA, Interval.DAY, until=close, count=1)


def test_a_bar_from_before_the_calendar_is_known_at_the_end_of_its_day(folder: MarketFolder) -> None:
    assert daily_moment(folder, "1962-01-02") == utc("1962-01-03T00:00")


def test_a_midnight_in_a_date_column_is_the_day_as_written(folder: MarketFolder) -> None:
    assert daily_moment(folder, "2024-01-03 00:00:00-05:00") == utc("2024-01-03T21:00")


def test_a_crypto_bar_is_known_at_the_end_of_its_utc_day_weekends_included(folder: MarketFolder) -> None:
    source = folder.csv("crypto_daily.csv", DAILY, bar("COIN", "2024-07-06")).open()
    (held,) = source.bars(COIN, Interval.DAY, until=END, count=1)
    assert (held.start, held.known_at) == (utc("2024-07-06T00:00"), utc("2024-07-07T00:00"))
    assert source.calendar_name(COIN) == "24/7"


@pytest.mark.parametrize(
    ("start", "known_at"),
    [
        ("2024-01-03T14:30:00Z", "2024-01-03T15:30"),
        ("2024-01-03T20:30:00Z", "2024-01-03T21:00"),
        ("2024-07-03T16:30:00Z", "2024-07-03T17:00"),
        ("2024-01-03 14:30:00", "2024-01-03T15:30"),
        ("2024-01-03T09:30:00-05:00", "2024-01-03T15:30"),
    ],
    ids=["an hour later", "at the close", "at the close of a half day", "naive is UTC", "an offset is honoured"],
)
def test_an_hourly_bar_is_known_after_its_hour(folder: MarketFolder, start: str, known_at: str) -> None:
    assert hourly_moment(folder, start) == utc(known_at)


def test_an_hourly_bar_of_crypto_keeps_the_clock_of_crypto(folder: MarketFolder) -> None:
    folder.csv("crypto_daily.csv", DAILY, bar("COIN", "2024-07-06"))
    source = folder.csv("prices_hourly.csv", HOURLY, bar("COIN", "2024-07-06T23:00:00Z")).open()
    (held,) = source.bars(COIN, Interval.HOUR, until=END, count=1)
    assert (held.session, held.known_at) == (date(2024, 7, 6), utc("2024-07-07T00:00"))


def test_actions_are_known_when_their_ex_date_begins(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY).csv("splits.csv", SPLITS, "AAA,2024-06-10,10")
    source = folder.csv("dividends.csv", f"{DIVIDENDS},pay_date", "AAA,2024-06-10,0.25,2024-07-01").open()
    start = utc("2024-06-10T00:00")
    assert not source.splits(AAA, until=start - timedelta(microseconds=1))
    assert source.splits(AAA, until=start)[0].ratio == 10
    assert not source.dividends(AAA, until=start - timedelta(microseconds=1))
    assert source.dividends(AAA, until=start)[0].pay_date == date(2024, 7, 1)


@pytest.mark.parametrize(
    ("published_at", "precision", "known_at"),
    [
        ("2024-03-13T14:25:36Z", "second", "2024-03-13T14:25:36"),
        ("2024-03-13T14:25:36Z", None, "2024-03-13T14:25:36"),
        ("2024-03-13T14:25:36", "", "2024-03-13T14:25:36"),
        ("2024-03-13T14:25:36+09:00", "second", "2024-03-13T05:25:36"),
        ("2024-03-13T00:00:00Z", "day", "2024-03-14T00:00"),
        ("2024-03-13T23:30:00-05:00", "day", "2024-03-15T00:00"),
        ("2024-03-13", None, "2024-03-14T00:00"),
        ("2024-03-13", "second", "2024-03-14T00:00"),
        ("2024-03-13T14:25:36Z", "hour", "2024-03-13T15:00"),
        ("2024-03-13T14:25:00Z", "minute", "2024-03-13T14:26"),
    ],
)
def test_news_is_known_when_its_time_has_passed_for_certain(
    folder: MarketFolder, published_at: str, precision: str | None, known_at: str
) -> None:
    (item,) = news(folder, published_at=published_at, precision=precision)
    assert item.known_at == utc(known_at)


def test_news_without_a_summary_or_an_address_is_news(folder: MarketFolder) -> None:
    (item,) = news(folder, published_at="2024-03-13T14:25:36Z", summary=None, url=None)
    assert (item.title, item.summary, item.url) == ("Title", "", "")


@pytest.mark.parametrize(
    ("fields", "known_at", "estimated"),
    [
        (
            {"accepted_at": "2024-08-01T20:31:00Z", "filed_at": "2024-08-02", "filed_at_assumed": "2024-08-09"},
            "2024-08-01T20:31",
            False,
        ),
        ({"accepted_at": "2024-08-01T16:31:00-04:00"}, "2024-08-01T20:31", False),
        ({"accepted_at": "2024-08-01"}, "2024-08-02T00:00", False),
        ({"accepted_at": None, "filed_at": "2024-08-02"}, "2024-08-03T00:00", False),
        ({"filed_at": "2024-08-02", "filed_at_assumed": "2024-08-09"}, "2024-08-03T00:00", False),
        ({"filed_at": None, "filed_at_assumed": "2024-08-09"}, "2024-08-10T00:00", True),
    ],
)
def test_a_statement_is_known_by_the_best_date_it_has(
    folder: MarketFolder, fields: dict[str, str | None], known_at: str, estimated: bool
) -> None:
    (filing,) = filings(folder, **fields)
    assert (filing.known_at, filing.estimated) == (utc(known_at), estimated)


def test_a_statement_without_any_date_is_never_shown(folder: MarketFolder) -> None:
    assert not filings(folder, filed_at=None, metrics="whatever")


def test_metrics_are_exact_numbers_under_the_filers_names(folder: MarketFolder) -> None:
    metrics = '{"Total Revenue": 1234567890123456789.1, "eps": 1, "a": null, "b": "12", "c": true, "d": NaN}'
    row = f'{{"ticker": "AAA", "period_end": "2024-06-30", "filed_at": "2024-08-02", "metrics": {metrics}}}'
    source = folder.csv("prices_daily.csv", DAILY).jsonl("fundamentals.jsonl", row).open()
    (filing,) = source.filings(AAA, until=END)
    assert filing.metrics == {"Total Revenue": Decimal("1234567890123456789.1"), "eps": Decimal(1)}
    assert filing.timeframe is Timeframe.QUARTERLY


def test_a_restated_period_is_another_statement(folder: MarketFolder) -> None:
    row = {"ticker": "AAA", "period_end": "2024-06-30", "timeframe": "annual", "metrics": {}}
    folder.csv("prices_daily.csv", DAILY)
    folder.jsonl("fundamentals.jsonl", row | {"filed_at": "2024-11-01"}, row | {"filed_at": "2024-08-02"})
    assert [filing.known_at.month for filing in folder.open().filings(AAA, until=END)] == [8, 11]


@pytest.mark.parametrize(
    ("dates", "lag"),
    [
        (["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"], 1),
        (["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"], 45),
        (["2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01"], 60),
        (["2024-01-05", "2024-01-12", "2024-01-19"], 45),
        (["2020-01-01", "2021-01-01", "2022-01-01"], 456),
    ],
    ids=["daily", "monthly", "quarterly", "weekly waits like monthly", "yearly"],
)
def test_macro_is_known_a_lag_after_its_reference_date(folder: MarketFolder, dates: list[str], lag: int) -> None:
    known = macro(folder, *(f"S,{day},1" for day in dates))
    assert known[date.fromisoformat(dates[-1])] == utc(dates[-1]) + timedelta(days=lag)


def test_the_first_macro_row_waits_until_its_series_shows_how_often_it_comes(folder: MarketFolder) -> None:
    assert macro(folder, "S,2024-01-02,1") == {date(2024, 1, 2): utc("2024-03-02T00:00")}
    known = macro(folder, "S,2024-01-02,1", "S,2024-01-03,1")
    assert known[date(2024, 1, 2)] == known[date(2024, 1, 3)] == utc("2024-01-04T00:00")


def test_a_series_that_turns_daily_keeps_its_order(folder: MarketFolder) -> None:
    months = [f"2024-{month:02}-01" for month in range(1, 7)]
    days = [f"2024-06-{day:02}" for day in range(3, 12)]
    known = macro(folder, *(f"S,{day},1" for day in months + days))
    assert list(known) == sorted(known)
    assert known[date(2024, 6, 11)] == utc("2024-06-12T00:00")


def test_a_release_date_counts_instead_of_a_lag(folder: MarketFolder) -> None:
    rows = ["S,2024-01-01,1,2024-02-13T13:30:00Z", "S,2024-02-01,1,2024-03-12"]
    known = macro(folder, *rows, header=f"{MACRO},released_at")
    assert list(known.values()) == [utc("2024-02-13T13:30"), utc("2024-03-13T00:00")]


def test_an_absent_file_is_an_absent_kind(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-03")).open()
    assert not source.news(AAA, since=BEGINNING, until=END)
    assert not source.filings(AAA, until=END)
    assert not source.splits(AAA, until=END)
    assert not source.dividends(AAA, until=END)
    assert not source.bars(AAA, Interval.HOUR, until=END, count=5)
    assert not source.macro_series()


def test_a_statement_that_is_known_before_its_period_ends_is_a_defect(folder: MarketFolder) -> None:
    with pytest.raises(InvalidData, match="before its period 2024-06-30 ends"):
        filings(folder, accepted_at="2024-06-30T20:00:00Z")
