from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import InvalidData
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.field_reader import FieldReader, objects
from openoutcry.market.vendors.json_api import dashed, dotted, in_path
from openoutcry.market.vendors.normalize import (
    bar_row,
    format_utc,
    plain,
    require_unique_dates,
    split_row,
)

NAMES = ("o", "h", "l", "c", "v")


def fields(**values: object) -> FieldReader:
    return FieldReader("vendor", 3, values)


def bar(day: date = date(2025, 3, 3), **other: object):
    figures = {"o": 10, "h": Decimal("12.50"), "l": "8", "c": 11, "v": 0}
    return bar_row(DatasetKind.PRICES_DAILY, "ACME", day, fields(**figures | other), NAMES)


def test_a_bar_is_written_without_exponents_and_idle_zeros() -> None:
    cells = bar(v=Decimal("1.2E+9")).cells
    assert (cells["open"], cells["high"], cells["volume"]) == ("10", "12.5", "1200000000")


@pytest.mark.parametrize(
    "wrong",
    [{"o": 13}, {"c": 7}, {"l": 0, "o": 0}, {"l": -8}, {"h": 9}, {"v": -1}, {"c": "1e40"}, {"c": True}, {"c": None}],
)
def test_a_bar_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidData, match="vendor, row 3"):
        bar(**wrong)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_plain_says_the_same_number(number: Decimal) -> None:
    text = plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert not text.endswith((".", ".0"))


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_stamp_is_never_early(moment: datetime) -> None:
    exact = moment.replace(tzinfo=UTC)
    written = datetime.fromisoformat(format_utc(exact))
    assert timedelta(0) <= written - exact < timedelta(seconds=1)


def test_a_day_is_told_once() -> None:
    assert len(require_unique_dates("vendor", [bar(), bar(), bar(date(2025, 3, 4))])) == 2
    with pytest.raises(InvalidData, match="two different rows for ACME 2025-03-03"):
        require_unique_dates("vendor", [bar(), bar(c=10)])


def test_a_split_is_new_for_old() -> None:
    row = split_row("ACME", date(2025, 3, 3), fields(), Decimal(1), Decimal(8))
    assert row.cells["ratio"] == "0.125"
    with pytest.raises(InvalidData):
        split_row("ACME", date(2025, 3, 3), fields(), Decimal(-1))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20250303T1430", datetime(2025, 3, 3, 14, 30, tzinfo=UTC)),
        ("20250303T143015Z", datetime(2025, 3, 3, 14, 30, 15, tzinfo=UTC)),
        ("2025-03-03T09:30:15-05:00", datetime(2025, 3, 3, 14, 30, 15, tzinfo=UTC)),
        ("2025-03-03 14:30:15", datetime(2025, 3, 3, 14, 30, 15, tzinfo=UTC)),
    ],
)
def test_moments_are_in_utc(text: str, moment: datetime) -> None:
    assert fields(at=text).moment("at") == moment


@pytest.mark.parametrize("value", ["20251303T1430", "soon", "0001-01-01T00:00:00+23:00", 5, None, "1800-01-01", [1]])
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(InvalidData):
        fields(at=value).moment("at")


def test_lists_and_objects_are_what_they_are_documented_to_be() -> None:
    assert [each.number for each in objects("vendor", [{}, {}])] == [1, 2]
    for value in ({}, None, "x", [1]):
        with pytest.raises(InvalidData):
            objects("vendor", value)
    with pytest.raises(InvalidData, match="expected an object, got nothing"):
        fields().object("inner")


def test_class_shares_are_spelled_as_each_vendor_does() -> None:
    assert (dashed("BRK.B"), dotted("BRK-B"), dashed("BTC-USD"), dotted("BTC-USD")) == (
        "BRK-B",
        "BRK.B",
        "BTC-USD",
        "BTC-USD",
    )
    assert in_path("../x?y#z") == "..%2Fx%3Fy%23z"
