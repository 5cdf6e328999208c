"""Rows that cannot be true raise, with file, row and reason, once they would be visible."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

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
from openoutcry.domain.market import Interval
from openoutcry.market.folder import FolderSource

AAA, BBB = Symbol("AAA"), Symbol("BBB")
BEGINNING, END = datetime(1900, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC)
BEFORE, AFTER = datetime(2024, 7, 9, 12, tzinfo=UTC), datetime(2024, 7, 11, tzinfo=UTC)
NEWS = {"ticker": "AAA", "published_at": "2024-07-10T12:00:00Z", "title": "T", "summary": "", "source": "", "url": ""}
FILING = {"ticker": "AAA", "period_end": "2024-06-30", "timeframe": "annual", "filed_at": "2024-07-10", "metrics": {}}

Ask = Callable[[FolderSource, Symbol, datetime], Sequence[object]]


def daily(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.bars(symbol, Interval.DAY, until=until, count=1)


def hourly(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.bars(symbol, Interval.HOUR, until=until, count=1)


def splits(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.splits(symbol, until=until)


def dividends(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.dividends(symbol, until=until)


def news(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.news(symbol, since=BEGINNING, until=until)


def filings(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.filings(symbol, until=until)


def macro(source: FolderSource, symbol: Symbol, until: datetime) -> Sequence[object]:
    return source.macro(symbol, until=until, count=1)


def refusal(ask: Ask, source: FolderSource, until: datetime = END, symbol: Symbol = AAA) -> tuple[str, int | None, str]:
    with pytest.raises(InvalidData) as caught:
        ask(source, symbol, until)
    return caught.value.file, caught.value.row, caught.value.reason


DEFECTIVE_BARS = {
    "AAA,2024-07-10,ten,12,8,10,5": "open is 'ten', which is not a number",
    "AAA,2024-07-10,10,1_2,8,10,5": "high is '1_2', which is not a number",
    "AAA,2024-07-10,10,12,8,nan,5": "close is NaN, which is not a finite number",
    "AAA,2024-07-10,10,inf,8,10,5": "high is Infinity, which is not a finite number",
    "AAA,2024-07-10,10,12,8,10,1e999": "volume is 1E+999, which is out of range",
    "AAA,2024-07-10,10,12,,10,5": "low is missing",
    "AAA,2024-07-10,10,8,12,10,5": "high 8 is below low 12",
    "AAA,2024-07-10,12.001,12,8,10,5": "open 12.001 lies outside low 8 to high 12",
    "AAA,2024-07-10,10,12,8,7.99,5": "close 7.99 lies outside low 8 to high 12",
    "AAA,2024-07-10,0,12,0,10,5": "open is 0; it must be positive",
    "AAA,2024-07-10,10,12,-8,10,5": "low is -8; it must be positive",
    "AAA,2024-07-10,10,12,8,10,-5": "volume is -5; it must not be negative",
    "AAA,2024-07-10,10,12,8,10": "the line has 6 cells and the header 7",
    "AAA,2024-07-10,10,12,8,1,000,5": "the line has 8 cells and the header 7",
    'AAA,2024-07-10,10,12,"8,10,5': "the line has 5 cells and the header 7",
    "AAA,2024-07-10,10,12,8,10,5\udcff": "the line is not UTF-8 text",
    ",2024-07-10,10,12,8,10,5": "ticker is missing",
    "\udcff,2024-07-10,10,12,8,10,5": "the line is not UTF-8 text",
}


@pytest.mark.parametrize(("row", "reason"), DEFECTIVE_BARS.items())
@pytest.mark.parametrize("name", ["prices_daily.csv", "prices_daily.csv.gz"])
def test_a_defective_bar_raises_once_it_is_visible(folder: MarketFolder, name: str, row: str, reason: str) -> None:
    lines = [DAILY, bar("AAA", "2024-07-08"), bar("BBB", "2024-07-10"), "", row, bar("AAA", "2024-07-11")]
    source = folder.raw(name, "\n".join(lines).encode(errors="surrogateescape")).open()
    assert daily(source, AAA, BEFORE)
    assert refusal(daily, source, AFTER) == (name, 5, reason)
    assert refusal(daily, source, END) == (name, 5, reason)
    assert daily(source, AAA, BEFORE)


def test_a_defect_belongs_to_its_own_ticker(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, "AAA,2024-07-10,x,1,1,1,1", bar("BBB", "2024-07-10")).open()
    assert daily(source, BBB, END)
    assert refusal(daily, source)[1] == 2


def test_a_row_without_a_ticker_concerns_everyone(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-08"), bar("", "2024-07-10")).open()
    for symbol in (AAA, BBB):
        assert refusal(daily, source, AFTER, symbol) == ("prices_daily.csv", 3, "ticker is missing")
    assert daily(source, AAA, BEFORE)


@pytest.mark.parametrize("day", ["", "10.07.2024", "2024-02-30", "soon", "2024-07-10T12:00", "x\udcff"])
def test_a_row_without_a_readable_date_might_be_of_any_time(folder: MarketFolder, day: str) -> None:
    data = "\n".join([DAILY, bar("AAA", "2024-07-08"), bar("AAA", day), bar("BBB", "2024-07-08")])
    source = folder.raw("prices_daily.csv", data.encode(errors="surrogateescape")).open()
    file, row, reason = refusal(daily, source, BEFORE)
    assert (file, row) == ("prices_daily.csv", 3)
    assert reason.startswith(("date ", "the line is not UTF-8"))
    assert daily(source, BBB, BEFORE)


def test_an_early_defect_is_found_however_few_bars_are_asked_for(folder: MarketFolder) -> None:
    rows = [bar("AAA", "2024-07-08", "99"), bar("AAA", "2024-07-09"), bar("AAA", "2024-07-10")]
    assert refusal(daily, folder.csv("prices_daily.csv", DAILY, *rows).open())[1] == 2


def test_a_day_without_a_session_is_a_defect(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-04"), bar("AAA", "2024-07-03")).open()
    assert refusal(daily, source) == ("prices_daily.csv", 2, "2024-07-04 is not a session of the calendar XNYS")
    assert daily(source, AAA, datetime(2024, 7, 4, 12, tzinfo=UTC))


def test_a_date_at_the_end_of_time_is_never_reached(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", "9999-12-31"), bar("AAA", "2024-07-03"))
    source.csv("macro.csv", MACRO, "AAA,9999-12-31,1").csv("splits.csv", SPLITS, "AAA,9999-12-31,2")
    assert daily(source.open(), AAA, END)
    assert not macro(source.open(), AAA, END)
    assert not splits(source.open(), AAA, END)


@pytest.mark.parametrize("start", ["2024-07-10T12:30:00Z", "2024-07-10T20:00:00Z", "2024-07-06T15:00:00Z"])
def test_an_hour_outside_the_session_is_a_defect(folder: MarketFolder, start: str) -> None:
    source = folder.csv("prices_hourly.csv", HOURLY, bar("AAA", start)).open()
    assert "lies outside the sessions of the calendar XNYS" in refusal(hourly, source)[2]


DUPLICATES: dict[str, tuple[Ask, str, str]] = {
    "prices_daily.csv": (daily, f"{DAILY}\n{bar('AAA', '2024-07-10')}\n{bar('AAA', '2024-07-10', '11')}", "date"),
    "crypto_daily.csv": (daily, f"{DAILY}\n{bar('AAA', '2024-07-10')}\n{bar('AAA', '2024-07-10', '11')}", "date"),
    "prices_hourly.csv": (
        hourly,
        f"{HOURLY}\n{bar('AAA', '2024-07-10T14:30Z')}\n{bar('AAA', '2024-07-10T10:30-04:00')}",
        "ts_utc",
    ),
    "splits.csv": (splits, f"{SPLITS}\nAAA,2024-07-10,2\nAAA,2024-07-10,3", "ex_date"),
    "dividends.csv": (dividends, f"{DIVIDENDS}\nAAA,2024-07-10,2\nAAA,2024-07-10,2", "ex_date"),
}


@pytest.mark.parametrize("name", DUPLICATES)
def test_a_key_that_occurs_twice_is_a_defect_of_the_second(folder: MarketFolder, name: str) -> None:
    ask, text, moment = DUPLICATES[name]
    folder.csv("prices_daily.csv", DAILY)
    source = folder.raw(name, text.encode()).open()
    assert refusal(ask, source) == (name, 3, f"it repeats row 2: the same ticker and {moment}")
    assert not ask(source, AAA, BEFORE)


@pytest.mark.parametrize(
    ("ask", "name", "header", "row", "reason"),
    [
        (splits, "splits.csv", SPLITS, "AAA,2024-07-10,0", "ratio is 0; it must be positive"),
        (splits, "splits.csv", SPLITS, "AAA,2024-07-10,4:1", "ratio is '4:1', which is not a number"),
        (dividends, "dividends.csv", DIVIDENDS, "AAA,2024-07-10,-1", "amount is -1; it must be positive"),
        (
            dividends,
            "dividends.csv",
            f"{DIVIDENDS},pay_date",
            "AAA,2024-07-10,1,later",
            "pay_date is 'later', which is not a date like 2025-01-02",
        ),
    ],
)
def test_a_defective_action_raises_once_it_is_visible(
    folder: MarketFolder, ask: Ask, name: str, header: str, row: str, reason: str
) -> None:
    source = folder.csv("prices_daily.csv", DAILY).csv(name, header, row).open()
    assert refusal(ask, source, AFTER) == (name, 2, reason)
    assert not ask(source, AAA, BEFORE)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("AAA,2024-07-09,.,", "value is '.', which is not a number"),
        ("AAA,2024-07-09,,", "value is missing"),
        ("AAA,2024-07-09,1,soon", "released_at is 'soon', which is not a timestamp like 2025-01-02T14:30:00Z"),
        (",2024-07-09,1,", "series is missing"),
    ],
)
def test_a_defective_macro_row_raises_once_it_is_visible(folder: MarketFolder, row: str, reason: str) -> None:
    rows = ["AAA,2024-07-05,1,", "AAA,2024-07-08,1,", row]
    source = folder.csv("prices_daily.csv", DAILY).csv("macro.csv", f"{MACRO},released_at", *rows).open()
    assert refusal(macro, source, AFTER) == ("macro.csv", 4, reason)
    assert len(macro(source, AAA, BEFORE)) == 1


def test_a_macro_date_that_occurs_twice_is_a_defect(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY).csv("macro.csv", MACRO, "AAA,2024-07-09,1", "AAA,2024-07-09,2")
    assert refusal(macro, source.open()) == ("macro.csv", 3, "it repeats row 2: the same series and date")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (NEWS | {"title": ""}, "title is missing"),
        (NEWS | {"title": "bad \ud800"}, "title contains a character that is not valid Unicode"),
        (NEWS | {"summary": ["x"]}, "summary is \"['x']\", which is not text"),
        (NEWS | {"precision": "decade"}, "precision is 'decade'; it must be one of second, minute, hour, day"),
        ({name: NEWS[name] for name in NEWS if name != "url"}, "the field url is missing"),
    ],
)
def test_a_defective_item_raises_once_it_is_visible(folder: MarketFolder, row: dict[str, object], reason: str) -> None:
    source = folder.csv("prices_daily.csv", DAILY).jsonl("news.jsonl.gz", NEWS | {"ticker": "BBB"}, "", row).open()
    assert refusal(news, source, AFTER) == ("news.jsonl.gz", 3, reason)
    assert not news(source, AAA, BEFORE)
    assert news(source, BBB, AFTER)


def test_an_unknown_precision_might_be_a_whole_day(folder: MarketFolder) -> None:
    row = NEWS | {"published_at": "2024-07-10T00:00:00Z", "precision": "decade"}
    source = folder.csv("prices_daily.csv", DAILY).jsonl("news.jsonl", row).open()
    assert not news(source, AAA, datetime(2024, 7, 10, 23, 59, tzinfo=UTC))
    assert refusal(news, source, AFTER)[1] == 1


def test_an_item_that_is_repeated_word_for_word_is_a_defect(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY).jsonl("news.jsonl", NEWS, NEWS | {"title": "Other"}, NEWS).open()
    assert refusal(news, source)[:2] == ("news.jsonl", 3)


@pytest.mark.parametrize("line", ["{", "no json", "[1]", "null", '{"ticker": "AAA"} x', "[" * 100_000, "\udcff"])
def test_a_line_that_is_no_object_concerns_everyone_at_any_time(folder: MarketFolder, line: str) -> None:
    text = f"{json.dumps(NEWS)}\n{line}\n".encode(errors="surrogateescape")
    source = folder.csv("prices_daily.csv", DAILY).raw("news.jsonl", text).open()
    for symbol in (AAA, BBB):
        file, row, reason = refusal(news, source, BEFORE, symbol)
        assert (file, row) == ("news.jsonl", 2)
        assert reason.startswith("the line is not")


def test_an_item_without_a_readable_time_might_be_of_any_time(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY).jsonl("news.jsonl", NEWS | {"published_at": 1720612800}).open()
    assert refusal(news, source, BEFORE) == ("news.jsonl", 1, "published_at is '1720612800', which is not text")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"timeframe": "monthly"}, "timeframe is 'monthly'; it must be quarterly or annual"),
        ({"metrics": [1]}, "metrics is not a JSON object"),
        ({"metrics": {"eps": float("inf")}}, "metric eps is Infinity, which is not a finite number"),
        ({"period_end": "June"}, "period_end is 'June', which is not a date like 2025-01-02"),
        ({"accepted_at": "noon"}, "accepted_at is 'noon', which is not a timestamp like 2025-01-02T14:30:00Z"),
        ({"filed_at_assumed": "?"}, "filed_at_assumed is '?', which is not a timestamp like 2025-01-02T14:30:00Z"),
    ],
)
def test_a_defective_statement_raises_once_it_is_visible(
    folder: MarketFolder, change: dict[str, object], reason: str
) -> None:
    source = folder.csv("prices_daily.csv", DAILY).jsonl("fundamentals.jsonl", FILING | change).open()
    assert refusal(filings, source, AFTER) == ("fundamentals.jsonl", 1, reason)
    assert not filings(source, AAA, BEFORE)


def test_a_statement_whose_only_date_cannot_be_read_might_be_of_any_time(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY).jsonl("fundamentals.jsonl", FILING | {"filed_at": "July"}).open()
    assert refusal(filings, source, BEFORE)[1] == 1


@pytest.mark.parametrize("column", DAILY.split(","))
def test_a_missing_column_raises_at_any_read_of_the_file(folder: MarketFolder, column: str) -> None:
    source = folder.csv("prices_daily.csv", DAILY.replace(column, "x"), bar("AAA", "2024-07-10")).open()
    expected = f"the column {column} is missing; the file must have {DAILY.replace(',', ', ')}"
    assert refusal(daily, source, BEGINNING, BBB) == ("prices_daily.csv", 1, expected)


def test_a_column_that_is_there_twice_is_ambiguous(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", f"{DAILY},close", f"{bar('AAA', '2024-07-10')},11").open()
    assert refusal(daily, source) == ("prices_daily.csv", 1, "the column close occurs twice; keep one")


def test_the_message_names_file_row_and_reason(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, "AAA,2024-07-10,10,8,12,10,5").open()
    with pytest.raises(InvalidData, match=r"^prices_daily\.csv, row 2: high 8 is below low 12$"):
        daily(source, AAA, END)
