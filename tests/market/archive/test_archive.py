"""What is archived stays: versions, moments of seeing, several writers, and files that are no archive."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.market.archive import (
    Archive,
    ArchiveTables,
    FetchLog,
    FetchOutcome,
)
from openoutcry.market.archive.tables import select_owner
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.port import VendorRow
from vendors.in_memory_vendor import bar, news, row

MONDAY = datetime(2025, 3, 3, 22, tzinfo=UTC)
YEAR = timedelta(days=365)


def fetch(
    moment: datetime = MONDAY, *, kind: DatasetKind = DatasetKind.PRICES_DAILY, origin: str = "one", since=None
) -> FetchLog:
    start = since or moment - YEAR
    return FetchLog(kind, "AAA", origin, start, moment, moment, FetchOutcome.ROWS, moment)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive.db")


def held(archive: Archive, kind: DatasetKind = DatasetKind.PRICES_DAILY) -> list[tuple[str, datetime | None]]:
    return [(each.cells, each.seen_at) for each in archive.rows(kind, "AAA")]


def test_the_same_row_is_kept_once_and_a_changed_one_beside_it(archive: Archive) -> None:
    first, changed = bar("AAA", "2025-03-03", 10), bar("AAA", "2025-03-03", 11)
    later = MONDAY + timedelta(days=1)
    assert archive.add(fetch(), [first]) == 1
    assert archive.add(fetch(later), [first]) == 0
    assert archive.add(fetch(later), [changed]) == 1
    assert archive.add(fetch(later), [changed]) == 0
    assert archive.add(fetch(later + timedelta(days=1)), [first]) == 1  # back again: a third version
    assert [seen for _, seen in held(archive)] == [None, later, later + timedelta(days=1)]
    assert len(archive.fetches(DatasetKind.PRICES_DAILY, "AAA")) == 5


@pytest.mark.parametrize(
    ("record", "seen"),
    [
        (news("AAA", MONDAY - timedelta(hours=1), "in the window"), None),
        (news("AAA", MONDAY - timedelta(hours=9), "before the window"), MONDAY),
        (row(DatasetKind.NEWS, ticker="AAA", title="no time", published_at="", dated=False), MONDAY),
        (row(DatasetKind.NEWS, ticker="AAA", title="odd time", published_at="yesterday"), MONDAY),
    ],
)
def test_only_what_is_dated_new_and_of_the_window_is_known_before_it_was_seen(archive, record, seen) -> None:
    archive.add(fetch(kind=DatasetKind.NEWS, since=MONDAY - timedelta(hours=8)), [record])
    assert [moment for _, moment in held(archive, DatasetKind.NEWS)] == [seen]


def test_another_vendor_confirms_and_does_not_replace(archive: Archive) -> None:
    archive.add(fetch(), [bar("AAA", "2025-03-03", 10)])
    archive.add(fetch(origin="two"), [bar("AAA", "2025-03-03", 11), bar("AAA", "2025-02-28", 9)])
    archive.add(fetch(MONDAY + timedelta(days=1)), [bar("AAA", "2025-03-03", 12)])
    rows = archive.rows(DatasetKind.PRICES_DAILY, "AAA")
    assert [each.origin for each in rows] == ["one", "two", "two", "one"]
    assert [(each.origin, each.number) for each in select_owner(rows)] == [("one", 1), ("two", 3), ("one", 4)]


def test_nothing_can_be_changed_or_deleted(archive: Archive, tmp_path: Path) -> None:
    archive.add(fetch(), [bar("AAA", "2025-03-03", 10)])
    with sqlite3.connect(tmp_path / "archive.db") as connection:
        for table in ("rows", "fetches"):
            for statement in (f"UPDATE {table} SET kind = 'x'", f"DELETE FROM {table}"):
                with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                    connection.execute(statement)
    connection.close()


def test_the_shelf_follows_what_is_added(archive: Archive) -> None:
    shelf = ArchiveTables(archive, lambda _: "XNYS")
    assert (shelf.tickers(), shelf.daily_kind("AAA")) == (frozenset(), None)
    archive.add(fetch(), [bar("AAA", "2025-03-03", 10)])
    track = shelf.track(DatasetKind.PRICES_DAILY, "AAA")
    assert [str(each.close) for each in track.last(9, until=MONDAY)] == ["10"]
    assert shelf.track(DatasetKind.PRICES_DAILY, "AAA") is track
    archive.add(fetch(MONDAY + timedelta(days=1)), [bar("AAA", "2025-03-03", 11)])
    known = shelf.track(DatasetKind.PRICES_DAILY, "AAA").last(9, until=MONDAY + timedelta(days=2))
    assert [(str(each.close), each.origin) for each in known] == [("11", "one")]
    assert (shelf.tickers(), shelf.daily_kind("AAA")) == (frozenset({"AAA"}), DatasetKind.PRICES_DAILY)


def test_a_file_that_is_no_archive_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "noise.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(ConfigError, match=r"noise\.db cannot be used: file is not a database; move it away"):
        Archive(tmp_path / "noise.db")
    newer = sqlite3.connect(tmp_path / "newer.db")
    newer.execute("PRAGMA user_version=99")
    newer.close()
    with pytest.raises(ConfigError, match="newer version; upgrade openoutcry"):
        Archive(tmp_path / "newer.db")
    with pytest.raises(ConfigError, match="cannot be used: unable to open database file"):
        Archive(tmp_path / "nowhere" / "archive.db")


def test_a_damaged_page_is_told_in_one_sentence(archive: Archive, tmp_path: Path) -> None:
    archive.add(fetch(), [bar("AAA", date(2024, 1, 1) + timedelta(days=n), n + 1) for n in range(200)])
    archive.close()
    path = tmp_path / "archive.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(ConfigError, match="malformed"):
        Archive(path).rows(DatasetKind.PRICES_DAILY, "AAA")


WRITER = """
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from openoutcry.market.archive import Archive, FetchLog, FetchOutcome
from openoutcry.market.folder.layout import DatasetKind
from vendors.in_memory_vendor import bar

archive, year = Archive(Path(sys.argv[1])), timedelta(days=365)
for ticker in sys.argv[2:]:
    for n in range(5):
        moment = datetime(2025, 3, 3, 22, n, tzinfo=UTC)
        kind, rows = DatasetKind.PRICES_DAILY, FetchOutcome.ROWS
        one = FetchLog(kind, ticker, "one", moment - year, moment, moment, rows, moment)
        archive.add(one, [bar(ticker, date(2025, 1, 1) + timedelta(days=day), day + 1) for day in range(30)])
"""

DYING = """
import os, signal, sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from openoutcry.market.archive import Archive, FetchLog, FetchOutcome
from openoutcry.market.folder.layout import DatasetKind
from vendors.in_memory_vendor import bar

moment, year = datetime(2025, 3, 3, 22, tzinfo=UTC), timedelta(days=365)
archive = Archive(Path(sys.argv[1]))

def rows(ticker):
    for n in range(20):
        if ticker == "BBB" and n == 10:
            os.kill(os.getpid(), signal.SIGKILL)
        yield bar(ticker, date(2025, 1, 1) + timedelta(days=n), n + 1)

for ticker in ("AAA", "BBB"):
    one = FetchLog(DatasetKind.PRICES_DAILY, ticker, "one", moment - year, moment, moment, FetchOutcome.ROWS, moment)
    archive.add(one, rows(ticker))
"""


def start(script: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Start a script that may import from the folder of tests."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], env=environment)


def test_two_processes_lose_and_tear_nothing(tmp_path: Path) -> None:
    tickers = [f"T{n}" for n in range(6)]
    writers = [start(WRITER, tmp_path / "archive.db", *tickers) for _ in range(2)]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    archive = Archive(tmp_path / "archive.db")
    for ticker in tickers:
        rows = archive.rows(DatasetKind.PRICES_DAILY, ticker)
        assert len(rows) == len({each.identity for each in rows}) == 30
        assert len(archive.fetches(DatasetKind.PRICES_DAILY, ticker)) == 10
    with sqlite3.connect(tmp_path / "archive.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_a_kill_leaves_whole_fetches_only(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    assert start(DYING, path).wait(120) == -signal.SIGKILL
    archive = Archive(path)
    assert len(archive.rows(DatasetKind.PRICES_DAILY, "AAA")) == 20
    assert archive.rows(DatasetKind.PRICES_DAILY, "BBB") == ()
    assert archive.fetches(DatasetKind.PRICES_DAILY, "BBB") == ()
    assert archive.add(fetch(), [bar("BBB", "2025-03-03", 1)]) == 1


def test_records_are_typed(archive: Archive) -> None:
    """Metrics keep their digits, and what a vendor may write into a headline goes in and out unharmed."""
    metrics = {"revenue": "391035000000.10", "eps": "-0.02"}
    statement = row(
        DatasetKind.FUNDAMENTALS,
        ticker="AAA",
        period_end="2024-12-31",
        accepted_at="2025-02-01T21:30:00Z",
        metrics=metrics,
    )
    archive.add(fetch(kind=DatasetKind.FUNDAMENTALS), [statement])
    (filing,) = ArchiveTables(archive, lambda _: "XNYS").track(DatasetKind.FUNDAMENTALS, "AAA").between(None, MONDAY)
    assert {name: str(value) for name, value in filing.metrics.items()} == metrics
    title = 'Naïve "quotes", \\ and \u2028 <tags> 🚀'
    archive.add(fetch(kind=DatasetKind.NEWS), [news("AAA", MONDAY - timedelta(hours=1), title)])
    (item,) = ArchiveTables(archive, lambda _: "XNYS").track(DatasetKind.NEWS, "AAA").between(None, MONDAY)
    assert item.title == title
    assert isinstance(statement, VendorRow)
