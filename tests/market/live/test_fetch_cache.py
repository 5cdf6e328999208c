"""The fetch log is read once: counted in the statements that the archive's connections execute."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from openoutcry.domain.errors import SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.archive import FetchOutcome
from openoutcry.market.archive.fetch_log import FetchLog
from openoutcry.market.archive.store import Archive
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.live import LiveSource
from openoutcry.storage.sqlite import SqliteFile
from vendors.in_memory_vendor import bar

from .conftest import (
    FRIDAY,
    Market,
    close_of,
    flat,
)

AAA = Symbol("AAA")
MONDAY = date(2025, 6, 30)


@dataclass
class LogReads:
    """The SELECT statements on the fetch log while this is active, with the number of rows that each returned."""

    statements: list[str] = field(default_factory=list)
    rows: int = 0


@contextmanager
def log_reads(file: SqliteFile) -> Iterator[LogReads]:
    """Count the reads of the log; each is repeated on a connection of its own for its rows."""
    found = LogReads()

    def count(statement: str) -> None:
        if "FROM fetches" in statement:
            found.statements.append(statement)
            with closing(sqlite3.connect(file.path)) as other:
                found.rows += len(other.execute(statement).fetchall())

    file.connection.set_trace_callback(count)
    try:
        yield found
    finally:
        file.connection.set_trace_callback(None)


def file_of(source: LiveSource) -> SqliteFile:
    return source._archive._file


def ask(source: LiveSource, moment: datetime) -> list[str]:
    bars = source.bars(AAA, Interval.DAY, until=moment, count=2)
    return [f"{each.session:%m-%d} {each.close}" for each in bars]


def filled(market: Market, fetches: int = 30) -> LiveSource:
    """Return a source whose log has many fetches of AAA."""
    market.vendor("one", flat("AAA"))
    source = market.source()
    ask(source, market.clock.now())
    archive, now = market.archive(), market.clock.now() - timedelta(days=1)
    for _ in range(fetches):
        archive.add(FetchLog(DatasetKind.PRICES_DAILY, "AAA", "one", now, now, now, FetchOutcome.NOTHING, now))
    return source


def test_a_repeated_question_reads_no_fetch_again(market: Market) -> None:
    source = filled(market)
    with log_reads(file_of(source)) as first:
        expected = ask(source, market.clock.now())
    assert first.rows == 30  # those that were added after the last question, by another connection
    with log_reads(file_of(source)) as second:
        assert ask(source, market.clock.now()) == expected
    assert (len(second.statements), second.rows) == (1, 0)


def test_the_cost_of_a_question_does_not_grow_with_the_questions_before_it(market: Market) -> None:
    source = filled(market)
    ask(source, market.clock.now())
    with log_reads(file_of(source)) as reads:
        for _ in range(20):
            ask(source, market.clock.now())
    assert (len(reads.statements), reads.rows) == (20, 0)


def test_a_question_that_asks_a_vendor_reads_the_log_once_more(market: Market) -> None:
    source = filled(market)
    ask(source, market.clock.now())
    market.at(close_of(MONDAY) + timedelta(hours=1)).vendors[0].give([bar("AAA", MONDAY, 11)])
    with log_reads(file_of(source)) as reads:
        assert ask(source, market.clock.now()) == ["06-27 10", "06-30 11"]
    # The log and the new fetch; the archive also reads the log to decide which of the new rows are late.
    assert len(reads.statements) == 3


def test_a_fetch_of_another_process_is_seen_by_the_next_question(market: Market) -> None:
    """Two archives of one file share nothing but the file, as two processes do."""
    market.vendor("one", flat("AAA"))
    mine, other = market.source(), market.source()
    ask(mine, market.clock.now())
    market.at(close_of(MONDAY) + timedelta(hours=1)).vendors[0].give([bar("AAA", MONDAY, 11)])
    ask(other, market.clock.now())
    asked = market.asked
    assert ask(mine, market.clock.now()) == ["06-27 10", "06-30 11"]
    assert market.asked == asked  # the log of the other process says that the vendor has answered


def test_an_outage_that_another_process_met_is_told(market: Market) -> None:
    market.vendor("one", flat("AAA"))
    mine, other = market.source(), market.source()
    ask(mine, market.clock.now())
    market.at(close_of(MONDAY) + timedelta(hours=1)).vendors[0].down = SourceUnavailable("the line is dead")
    other.ensure(DatasetKind.PRICES_DAILY, "AAA", market.clock.now())
    outage = mine.outage(DatasetKind.PRICES_DAILY, "AAA", market.clock.now())
    assert outage is not None
    assert "the line is dead" in outage.text


def test_the_archive_returns_the_fetches_after_a_number(market: Market) -> None:
    archive: Archive = market.archive()
    for origin in ("one", "two", "three"):
        moment = close_of(FRIDAY)
        archive.add(
            FetchLog(DatasetKind.PRICES_DAILY, "AAA", origin, moment, moment, moment, FetchOutcome.NOTHING, moment)
        )
    first, *rest = archive.fetches(DatasetKind.PRICES_DAILY, "AAA")
    assert [each.origin for each in archive.fetches(DatasetKind.PRICES_DAILY, "AAA", after=first.number)] == [
        "two",
        "three",
    ]
    assert list(archive.fetches(DatasetKind.PRICES_DAILY, "AAA", after=first.number)) == rest
