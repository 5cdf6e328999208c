"""Finding and unpacking the files of a folder."""

import importlib.util
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from contracts.market_folder import (
    DAILY,
    MACRO,
    MarketFolder,
    bar,
)
from openoutcry.domain.errors import (
    ConfigError,
    InvalidData,
    NoData,
    SourceUnavailable,
)
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.folder import FolderSource, open_folder

AAA = Symbol("AAA")
END = datetime(2044, 1, 1, tzinfo=UTC)
ROWS = [bar("AAA", "2024-07-02", "10.10"), bar("AAA", "2024-07-03", "9")]


def closes(source: FolderSource) -> list[Decimal]:
    return [held.close for held in source.bars(AAA, Interval.DAY, until=END, count=10)]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no market folder .*nowhere; check the path"):
        open_folder(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is not a folder"):
        open_folder(tmp_path / "file")


def test_an_empty_folder_says_what_to_put_into_it(folder: MarketFolder) -> None:
    with pytest.raises(ConfigError, match=r"is empty; add at least one of prices_daily\.csv"):
        folder.open()


def test_a_folder_without_prices_says_what_to_put_into_it(folder: MarketFolder) -> None:
    folder.csv("macro.csv", MACRO).csv("prices_daily.txt", DAILY)
    with pytest.raises(ConfigError, match="has no price file"):
        folder.open()


def test_two_files_of_a_kind_are_refused(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY).csv("prices_daily.csv.gz", DAILY)
    with pytest.raises(ConfigError, match=r"several prices_daily files \(prices_daily.csv, prices_daily.csv.gz\)"):
        folder.open()


def test_a_ticker_in_both_daily_files_is_refused(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, ROWS[0]).csv("crypto_daily.csv", DAILY, ROWS[0]).open()
    for ask in (source.symbols, lambda: source.calendar_name(AAA), lambda: closes(source)):
        with pytest.raises(ConfigError, match=r"AAA is in both prices_daily\.csv and crypto_daily\.csv"):
            ask()


@pytest.mark.parametrize("name", ["prices_daily.csv", "prices_daily.csv.gz"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("tail", ["", "\n", "\n\n \n"], ids=["no last end", "last end", "blank lines"])
def test_every_dress_of_a_table_reads_the_same(
    folder: MarketFolder, name: str, mark: bytes, end: str, tail: str
) -> None:
    text = "\n".join([DAILY, *ROWS]) + tail
    source = folder.raw(name, mark + text.replace("\n", end).encode()).open()
    assert closes(source) == [Decimal("10.10"), Decimal(9)]
    assert source.symbols() == ("AAA",)


def test_prices_are_the_text_exactly(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-02", "10.100000000000000000001")).open()
    assert str(closes(source)[0]) == "10.100000000000000000001"


def test_columns_come_in_any_order_and_unknown_ones_are_ignored(folder: MarketFolder) -> None:
    header = 'note,close,"volume",ticker,adj_close,date,low,high,open'
    source = folder.csv(
        "prices_daily.csv", header, '"a, b",10,5,AAA,0.5,2024-07-02,8,12,9', "x,9,5,AAA,,2024-07-03,8,12,9"
    )
    assert closes(source.open()) == [Decimal(10), Decimal(9)]


def test_rows_in_any_order_come_oldest_first(folder: MarketFolder) -> None:
    assert closes(folder.csv("prices_daily.csv", DAILY, *reversed(ROWS)).open()) == [Decimal("10.10"), Decimal(9)]


def test_a_header_alone_holds_nothing(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY).jsonl("news.jsonl").open()
    assert source.symbols() == ()
    assert not closes(source)
    assert not source.news(AAA, since=datetime(1900, 1, 1, tzinfo=UTC), until=END)
    with pytest.raises(NoData, match="holds no bars of AAA"):
        source.calendar_name(AAA)


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_table_lacks_its_header(folder: MarketFolder, data: bytes) -> None:
    with pytest.raises(InvalidData, match="there is no header; the first line must name ticker, date, open") as caught:
        folder.raw("prices_daily.csv", data).open().symbols()
    assert (caught.value.file, caught.value.row) == ("prices_daily.csv", None)


def test_a_ticker_with_hourly_bars_only_keeps_the_exchange_calendar(folder: MarketFolder) -> None:
    source = folder.csv("prices_hourly.csv", DAILY.replace("date", "ts_utc"), bar("AAA", "2024-07-02T14:30Z")).open()
    assert source.calendar_name(AAA) == "XNYS"
    assert source.symbols() == ()


@pytest.mark.parametrize("data", [b"no gzip at all", b"\x1f\x8b\x08\x00cut"])
def test_a_damaged_archive_says_so(folder: MarketFolder, data: bytes) -> None:
    (folder.path / "prices_daily.csv.gz").write_bytes(data)
    with pytest.raises(InvalidData, match=r"prices_daily\.csv\.gz: the file cannot be decompressed"):
        folder.open().symbols()


def test_a_file_that_vanishes_is_an_outage(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", DAILY, *ROWS).open()
    (folder.path / "prices_daily.csv").unlink()
    with pytest.raises(SourceUnavailable, match=r"prices_daily\.csv cannot be read"):
        source.symbols()


def test_opening_reads_nothing(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, *ROWS).raw("macro.csv", b"\xff\xfe").jsonl("news.jsonl", "{")
    assert closes(folder.open())


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_without_pyarrow_says_what_to_install(folder: MarketFolder) -> None:
    source = folder.raw("prices_daily.parquet", b"PAR1").open()
    with pytest.raises(ConfigError, match=r"pip install 'openoutcry\[parquet\]'"):
        source.symbols()


def test_parquet_reads_like_a_table(folder: MarketFolder) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    day = datetime(2024, 7, 2).date()  # noqa: DTZ001 -- a day has no zone
    prices = {"open": [10.1, 1.0], "high": [12.0, 1.0], "low": [8.0, 2.0], "close": [0.1 + 10, 1.0]}
    columns = {"ticker": ["AAA", "BBB"], "date": [day, day], **prices, "volume": [1000, None], "adj_close": [0.1, 0.1]}
    parquet.write_table(pyarrow.table(columns), folder.path / "prices_daily.parquet")
    source = folder.open()
    assert closes(source) == [Decimal("10.1")]
    with pytest.raises(InvalidData, match="volume is missing") as caught:
        source.bars(Symbol("BBB"), Interval.DAY, until=END, count=1)
    assert caught.value.row == 3


@pytest.mark.parametrize("data", [b"", b"PAR1 and then nothing"])
def test_a_damaged_parquet_says_so(folder: MarketFolder, data: bytes) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(InvalidData, match="not valid Parquet"):
        folder.raw("prices_daily.parquet", data).open().symbols()


def test_a_parquet_without_a_column_says_which(folder: MarketFolder) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"ticker": ["AAA"]}), folder.path / "prices_daily.parquet")
    with pytest.raises(InvalidData, match="the column date is missing"):
        folder.open().symbols()
