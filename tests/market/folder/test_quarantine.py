"""Prices that jump by more than 20 times without a reason are withheld, judged by earlier bars alone."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from contracts.market_folder import MarketFolder
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar, Interval, Split
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.market.folder import validate_folder
from openoutcry.market.folder.index import FolderIndex
from openoutcry.market.folder.layout import find, require_unique
from openoutcry.market.folder.manifest import Manifest
from openoutcry.market.folder.quarantine import judge
from openoutcry.market.folder.source import FolderSource
from openoutcry.market.folder.tables import FolderTables
from openoutcry.market.view import MarketView
from openoutcry.tools.functions import ToolExecutor

AAA = Symbol("AAA")
HEADER = "ticker,date,open,high,low,close,volume"
NYSE = trading_calendar("XNYS")
DAYS = NYSE.between(date(2025, 3, 3), date(2025, 3, 31))
END = datetime(2025, 4, 1, tzinfo=UTC)


def rows(*closes: object) -> list[str]:
    return [f"AAA,{day},{close},{close},{close},{close},1000" for day, close in zip(DAYS, closes, strict=False)]


def closes(source: FolderSource, until: datetime = END, count: int = 99) -> list[str]:
    return [str(bar.close) for bar in source.bars(AAA, Interval.DAY, until=until, count=count)]


def fact(day: date, close: Decimal) -> Bar:
    return Bar(AAA, day, NYSE.open(day), NYSE.close(day), close, close, close, close, Decimal(1))


CASES = {
    "one spike": ([100, 100, 10000, 100, 100], ["100", "100", "100", "100"]),
    "two in a row": ([100, 10000, 9900, 101], ["100", "101"]),
    "a block": ([100, 9000, 9100, 9200, 9300, 9400, 99], ["100", "99"]),
    "a switch of units that stays": ([612, 5.85, 5.9, 6.01, 5.7], ["612"]),
    "a fall to a hundredth": ([250, 249, "2.48", 251], ["250", "249", "251"]),
    "twentyfold exactly": ([10, 200, 10], ["10", "200", "10"]),
    "a tenfold rise that stays": ([10, 100, 110], ["10", "100", "110"]),
}


@pytest.mark.parametrize(("given_closes", "served"), CASES.values(), ids=CASES)
def test_a_jump_without_a_reason_is_withheld_and_told(folder: MarketFolder, given_closes, served) -> None:
    source = folder.csv("prices_daily.csv", HEADER, *rows(*given_closes)).open()
    assert closes(source) == served
    assert closes(source, count=2) == served[-2:]
    jumped = len(served) < len(given_closes)
    assert bool(source.warnings(AAA, until=END)) == jumped
    assert bool(validate_folder(folder.path).defect_count) == jumped


def test_an_answer_of_before_the_jump_knows_nothing_of_it(folder: MarketFolder) -> None:
    source = folder.csv("prices_daily.csv", HEADER, *rows(100, 101, 10000, 102)).open()
    assert closes(source, NYSE.close(DAYS[1])) == ["100", "101"]
    assert source.warnings(AAA, until=NYSE.close(DAYS[1])) == ()
    assert closes(source, NYSE.close(DAYS[2])) == ["100", "101"]


def test_a_spike_within_a_bar_is_one(folder: MarketFolder) -> None:
    spike = f"AAA,{DAYS[1]},100,100,1,100,1000"
    assert closes(folder.csv("prices_daily.csv", HEADER, rows(100)[0], spike).open()) == ["100"]


def test_a_recorded_split_explains_a_jump_of_its_ratio_only(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(1500, 30, 31, 3100))
    source = folder.csv("splits.csv", "ticker,ex_date,ratio", f"AAA,{DAYS[1]},50").open()
    assert closes(source) == ["1500", "30", "31"]


def test_a_split_that_is_recorded_later_counts_from_then_on(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(1500, 30, 31))
    late = f"{DAYS[2]}T22:00:00Z"
    source = folder.csv("splits.csv", "ticker,ex_date,ratio,seen_at", f"AAA,{DAYS[1]},50,{late}").open()
    assert closes(source, NYSE.close(DAYS[2])) == ["1500"]
    assert closes(source) == ["1500", "30", "31"]


def test_a_person_accepts_a_jump(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(612, 5.85, 5.9, 600))
    folder.csv("accepted_jumps.csv", "ticker,date,note", f"AAA,{DAYS[1]},spin-off of nearly all assets")
    assert closes(folder.open()) == ["612", "5.85", "5.9"]
    report = validate_folder(folder.path)
    assert [defect.row for defect in report.defects] == [5]
    assert report.unread == ()


def test_an_acceptance_with_a_moment_leaves_earlier_answers_alone(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(612, 5.85, 5.9))
    source = folder.csv("accepted_jumps.csv", "ticker,date,seen_at", f"AAA,{DAYS[1]},{DAYS[2]}T22:00:00Z").open()
    assert closes(source, NYSE.close(DAYS[2])) == ["612"]
    assert closes(source) == ["612", "5.85", "5.9"]


def test_a_line_that_accepts_nothing_is_refused(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(1)).csv("accepted_jumps.csv", "ticker,date", "AAA,soon")
    with pytest.raises(ConfigError, match=r"accepted_jumps.csv, row 2: date is 'soon'"):
        folder.open()


def test_a_block_is_one_defect_with_its_row(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(612, 5.85, 5.9, 6.01))
    (defect,) = validate_folder(folder.path).defects
    assert (defect.file, defect.row) == ("prices_daily.csv", 3)
    assert "AAA on 2025-03-04 traded at 5.85, 1/104.6 of the last accepted close 612 of 2025-03-03" in defect.reason
    assert "it and the 2 bars after it are not served" in defect.reason


def test_hourly_bars_are_judged_too(folder: MarketFolder) -> None:
    hours = [f"AAA,2025-03-03T{hour}:30:00Z,{c},{c},{c},{c},10" for hour, c in ((15, 100), (16, 10000), (17, 101))]
    source = folder.csv("prices_hourly.csv", HEADER.replace("date", "ts_utc"), *hours).open()
    assert [bar.close for bar in source.bars(AAA, Interval.HOUR, until=END, count=9)] == [100, 101]


def test_the_index_of_a_folder_answers_like_the_folder(folder: MarketFolder, tmp_path: Path) -> None:
    folder.csv("prices_daily.csv", HEADER, *rows(100, 101, 10000, 102, 103))

    def opened() -> FolderSource:
        index = FolderIndex(tmp_path / "cache", settled_ns=0)
        return FolderSource(FolderTables(require_unique(find(folder.path)), {}, index), Manifest())

    moments = [NYSE.close(day) for day in DAYS[:6]]
    plain = [closes(folder.open(), at, count) for at in moments for count in (0, 1, 3, 99)]
    for _ in range(3):  # it reads the file, then places the rows, then reads the placement
        assert [closes(opened(), at, count) for at in moments for count in (0, 1, 3, 99)] == plain


def test_a_tool_and_the_view_show_nothing_of_it(folder: MarketFolder) -> None:
    view = MarketView(folder.csv("prices_daily.csv", HEADER, *rows(*[100] * 8, 10000, 100)).open(), END)
    reply = ToolExecutor(view, AAA).call("bars", json.dumps({"count": 20}))
    assert "10000" not in reply
    (warning,) = view.warnings(AAA)
    assert warning.startswith("1 bar(s) withheld: AAA on 2025-03-13 traded at 10000, 100 times the last accepted close")


PRICES = st.lists(st.integers(1, 8).map(lambda power: Decimal(3) ** power), min_size=1, max_size=15)
RATIOS = st.dictionaries(st.integers(0, 14), st.sampled_from([Decimal(2), Decimal(50), Decimal("0.01")]), max_size=2)


@given(PRICES, RATIOS, st.integers(1, 15))
def test_nothing_later_decides_about_a_bar(prices: list[Decimal], ratios: dict[int, Decimal], count: int) -> None:
    bars = [fact(day, price) for day, price in zip(DAYS, prices, strict=False)]
    splits = [Split(AAA, DAYS[place], ratio, NYSE.open(DAYS[place])) for place, ratio in sorted(ratios.items())]
    cut = bars[:count]
    served, withheld = judge(cut, [each for each in splits if each.ex_date <= cut[-1].session], lambda _: False)
    whole, all_withheld = judge(bars, splits, lambda _: False)
    assert whole[: len(served)] == served
    assert all_withheld[: len(withheld)] == withheld
    assert served[0] == bars[0]
