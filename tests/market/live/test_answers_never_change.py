"""What was once answered for a moment is answered for it ever after, whatever is fetched in between."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.errors import DataError, SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.live import LiveSource
from openoutcry.market.vendors.port import VendorRow
from vendors.clock import Clock
from vendors.in_memory_vendor import bar, news, row

from .conftest import FRIDAY, Market, close_of, flat, sessions

AAA = Symbol("AAA")
DOWN = SourceUnavailable("the line is dead")
START, END = datetime(2021, 1, 4, tzinfo=UTC), datetime(2025, 6, 27, 23, tzinfo=UTC)
READERS: Mapping[str, Callable[[LiveSource, datetime], object]] = {
    "bars": lambda source, at: source.bars(AAA, Interval.DAY, until=at, count=2000),
    "splits": lambda source, at: source.splits(AAA, until=at),
    "dividends": lambda source, at: source.dividends(AAA, until=at),
    "news": lambda source, at: source.news(AAA, since=at - timedelta(days=90), until=at),
    "filings": lambda source, at: source.filings(AAA, until=at),
    "macro": lambda source, at: source.macro("CPI", until=at, count=2000),
}


def filing(day: date) -> VendorRow:
    fields = {"ticker": "AAA", "period_end": day - timedelta(days=30), "metrics": {"eps": "1"}}
    return row(DatasetKind.FUNDAMENTALS, accepted_at=f"{day}T21:30:00Z", **fields)


def history() -> Sequence[tuple[date, VendorRow]]:
    """Return rows of every kind over five years, sparse enough to be fast; bars stand at every third session."""
    days = [day for day in sessions(FRIDAY, 1300) if day >= START.date()]
    rows = [(day, bar("AAA", day, 10)) for day in days[::3]]
    rows += [(day, row(DatasetKind.SPLITS, ticker="AAA", ex_date=day, ratio=2)) for day in days[5::250]]
    rows += [(day, row(DatasetKind.DIVIDENDS, ticker="AAA", ex_date=day, amount=1)) for day in days[9::90]]
    rows += [(day, news("AAA", close_of(day), f"news of {day}")) for day in days[::20]]
    rows += [(day, filing(day)) for day in days[::120]]
    rows += [
        (day, row(DatasetKind.MACRO, series="CPI", date=day, value=3, released_at=day + timedelta(days=40)))
        for day in days[::60]
    ]
    return rows


HISTORY = history()
MOMENTS = st.one_of(
    st.integers(0, 1270 * 24 * 60).map(lambda minutes: datetime(2022, 1, 3, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.none(),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([timedelta(0), timedelta(minutes=2), timedelta(hours=3), timedelta(days=1), timedelta(days=9)]),
        st.sampled_from(sorted(READERS)),
        MOMENTS,
        st.sampled_from(["up", "up", "up", "down"]),
    ),
    min_size=2,
    max_size=8,
)
SILENCES = st.lists(
    st.tuples(st.integers(0, 1500), st.integers(1, 250), st.integers(0, 20), st.sampled_from(["all", "bars", "facts"])),
    max_size=3,
)


def give(market: Market, silences: Sequence[tuple[int, int, int, str]]) -> None:
    """Let one vendor give the history; rows of a silent window appear only some days after the first question."""
    vendor = market.vendor("one")
    for day, record in HISTORY:
        waits = [wait for first, length, wait, what in silences if _is_silent(day, record, first, length, what)]
        since = END + timedelta(days=max(waits)) if waits else datetime.min.replace(tzinfo=UTC)
        vendor.give([record], max(since, datetime.combine(day, datetime.min.time(), UTC)))


def _is_silent(day: date, record: VendorRow, first: int, length: int, what: str) -> bool:
    is_bar = record.kind is DatasetKind.PRICES_DAILY
    start = START.date() + timedelta(days=first)
    return start <= day < start + timedelta(days=length) and what in ("all", "bars" if is_bar else "facts")


@settings(max_examples=30, deadline=None)
@given(STEPS, SILENCES)
def test_an_answer_never_changes(steps: Sequence[tuple[timedelta, str, datetime | None, str]], silences) -> None:
    with tempfile.TemporaryDirectory() as folder:
        market = Market(Path(folder) / "archive.db", Clock(END))
        give(market, silences)
        source, answers = market.source(), dict[tuple[str, datetime], object]()
        for wait, kind, moment, state in steps:
            market.at(market.clock.now() + wait).vendors[0].down = DOWN if state == "down" else None
            at = moment or market.clock.now()
            try:
                answer = READERS[kind](source, at)
            except DataError:
                continue  # an error is no answer
            assert answers.setdefault((kind, at), answer) == answer
        market.at(market.clock.now() + timedelta(days=40)).vendors[0].down = None
        for kind in READERS:  # the widest questions come last
            READERS[kind](source, END - timedelta(days=1200))
        for (kind, at), answer in answers.items():
            assert READERS[kind](market.source(), at) == answer, (kind, at)


def test_a_silent_gap_in_a_history_that_is_fetched_later_moves_no_earlier_answer(market: Market) -> None:
    """The gap lies between two windows of bars that were fetched apart."""
    market.vendor("one", [*flat("AAA", last=date(2023, 1, 20), count=700), *flat("AAA", count=400)])
    market.vendors[0].give(
        [row(DatasetKind.SPLITS, ticker="AAA", ex_date="2022-06-01", ratio=2), filing(date(2022, 8, 1))]
    )
    now, source = market.clock.now(), market.source()
    before = source.filings(AAA, until=now), source.splits(AAA, until=now)
    for moment in (close_of(date(2022, 12, 1)), close_of(date(2023, 6, 1)), close_of(date(2024, 6, 3))):
        source.bars(AAA, Interval.DAY, until=moment, count=900)
    assert (source.filings(AAA, until=now), source.splits(AAA, until=now)) == before


def test_facts_that_were_asked_for_before_the_bars_are_those_asked_for_after_them(market: Market) -> None:
    market.vendor("one", [*flat("AAA", last=date(2024, 3, 1), count=60), *flat("AAA", count=30)])
    market.vendors[0].give([row(DatasetKind.DIVIDENDS, ticker="AAA", ex_date="2024-02-01", amount=1)])
    now, source = market.clock.now(), market.source()
    first = source.dividends(AAA, until=now)
    source.bars(AAA, Interval.DAY, until=now, count=900)
    assert source.dividends(AAA, until=now) == first == ()


def test_a_bar_that_a_vendor_gives_too_late_is_known_from_then_on(market: Market) -> None:
    asked_at = close_of(FRIDAY) + timedelta(minutes=2)
    market.at(asked_at).vendor("one", flat("AAA", last=date(2025, 6, 26)))
    assert market.source().bars(AAA, Interval.DAY, until=asked_at, count=1)[0].session == date(2025, 6, 26)
    market.vendors[0].give([bar("AAA", FRIDAY, 10)])
    later = market.at(asked_at + timedelta(hours=1)).clock.now()
    assert market.source().bars(AAA, Interval.DAY, until=later, count=1)[0].session == FRIDAY
    assert market.source().bars(AAA, Interval.DAY, until=asked_at, count=1)[0].session == date(2025, 6, 26)


def test_a_part_of_the_history_that_could_not_be_had_is_no_answer(market: Market) -> None:
    market.vendor("one", [*flat("AAA", count=900), filing(date(2016, 3, 1)), filing(date(2024, 3, 1))])
    source, past = market.source(), close_of(date(2024, 6, 3))
    assert len(source.filings(AAA, until=market.clock.now())) == 2
    market.vendors[0].down = DOWN
    with pytest.raises(SourceUnavailable, match="fundamentals of AAA"):
        source.filings(AAA, until=past)
    market.vendors[0].down = None
    market.at(market.clock.now() + timedelta(minutes=6))
    assert [each.known_at.year for each in source.filings(AAA, until=past)] == [2016, 2024]
