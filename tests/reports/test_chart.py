"""The chart: what is drawn, where it stands, and that it always fits."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.decision import Decision
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar
from openoutcry.domain.orders import Action, Order, OrderType
from openoutcry.reports.chart_frame import HEIGHT, PRICE, TAG_STEP, TOP, WIDE, dates, separate_labels, ticks
from openoutcry.reports.chart_levels import LevelRole, levels
from openoutcry.reports.formats import number
from openoutcry.reports.price_chart import abbreviate, chart
from openoutcry.reports.render import sparkline

BARS, WIDTH = WIDE.bars, WIDE.width
NUMBERS = re.compile(r"-?\d+\.?\d*")


def drawn(bars: Sequence[Bar], orders: Sequence[Order]) -> ElementTree.Element:
    return ElementTree.fromstring(chart(bars, orders))


def tags(svg: ElementTree.Element) -> dict[str, tuple[float, float]]:
    """Return label -> (height of its line, height of its tag)."""
    found = {}
    for group in svg.iter("g"):
        if "level" in group.attrib["class"]:
            path, box, label = group[0], group[1], group[2].text or ""
            heights = NUMBERS.findall(path.attrib["d"])
            found[label] = (float(heights[1]), float(box.attrib["y"]) + 9)
    return found


def test_the_last_bars_are_drawn_each_with_its_volume(bars: Sequence[Bar]) -> None:
    svg = drawn(bars, ())
    candles = [group for group in svg.iter("g") if group.attrib["class"] in ("up", "down")]
    volumes = [box for box in svg.iter("rect") if "volume" in box.attrib.get("class", "")]
    assert len(candles) == len(volumes) == BARS
    assert str(bars[-1].session) in (candles[-1][0].text or "")
    assert str(bars[-BARS].session) in (candles[0][0].text or "")


def test_a_rise_and_a_fall_look_different(bars: Sequence[Bar]) -> None:
    rise = replace(bars[-1], open=Decimal(100), close=Decimal(101), high=Decimal(102), low=Decimal(99))
    fall = replace(rise, close=Decimal(99))
    ways = [g.attrib["class"] for g in drawn((rise, fall), ()).iter("g") if g.attrib["class"] in ("up", "down")]
    assert ways == ["up", "down"]


def test_every_level_of_an_allowed_order_is_labelled_at_its_height(decision: Decision, bars: Sequence[Bar]) -> None:
    found = tags(drawn(bars, decision.risk.allowed))
    assert set(found) == {"Take profit", "Buy stop", "Last close", "Buy limit", "Stop loss"}
    order = sorted(found, key=lambda label: found[label][0])
    assert order == ["Take profit", "Buy stop", "Last close", "Buy limit", "Stop loss"]


def test_levels_say_what_they_are_for(decision: Decision) -> None:
    bracket = decision.risk.allowed[0]
    roles = {level.label: level.role for level in levels([bracket], Decimal(100))}
    assert roles == {
        "Buy limit": LevelRole.ENTRY,
        "Take profit": LevelRole.TARGET,
        "Stop loss": LevelRole.STOP,
        "Last close": LevelRole.LAST,
    }
    out = replace(bracket, action=Action.SELL, take_profit=None, stop_loss=None)
    assert levels([out], None)[0].role is LevelRole.TARGET


def test_a_trailing_stop_is_drawn_where_it_stands_now(decision: Decision) -> None:
    trail = replace(
        decision.risk.allowed[1],
        action=Action.SELL,
        type=OrderType.TRAILING_STOP,
        stop_price=None,
        trail=Decimal(3),
    )
    standing = levels([trail], Decimal(100))[0]
    assert standing.label == "Sell trail"
    assert standing.price == 97


def test_a_level_far_away_is_pointed_at_and_does_not_flatten_the_bars(decision: Decision, bars: Sequence[Bar]) -> None:
    far = replace(decision.risk.allowed[1], stop_price=Decimal(400))
    near = drawn(bars, ())
    svg = drawn(bars, [far])
    assert "400.00 ↑" in [text.text for text in svg.iter("text")]
    assert tags(svg)["Last close"][0] == tags(near)["Last close"][0]


def test_everything_stays_on_the_canvas(decision: Decision, bars: Sequence[Bar]) -> None:
    for element in drawn(bars, decision.risk.allowed).iter():
        for name, most in {"x": WIDTH, "y": HEIGHT, "width": WIDTH, "height": HEIGHT}.items():
            if name in element.attrib:
                assert 0 <= float(element.attrib[name]) <= most


def test_no_bars_no_chart() -> None:
    assert chart((), ()) == ""


@pytest.mark.parametrize("price", ["100", "0.00002", "68000"])
def test_a_single_flat_bar_without_volume_is_drawn(bars: Sequence[Bar], price: str) -> None:
    level = Decimal(price)
    flat = replace(bars[0], open=level, high=level, low=level, close=level, volume=Decimal(0))
    text = chart((flat,), ())
    assert "nan" not in text.lower()
    assert len(list(drawn((flat,), ()).iter("g"))) == 2


def test_nothing_in_a_symbol_can_break_the_drawing(bars: Sequence[Bar]) -> None:
    plain, hostile = (
        drawn([replace(bar, symbol=Symbol(symbol)) for bar in bars[-3:]], ()) for symbol in ("ABC", '<a b="c">&')
    )
    assert [node.tag for node in hostile.iter()] == [node.tag for node in plain.iter()]


@given(st.floats(1e-6, 1e6), st.floats(1e-3, 10))
def test_ticks_are_few_and_even_and_inside(low: float, share: float) -> None:
    high = low * (1 + share)
    marks = ticks(low, high)
    assert 2 <= len(marks) <= 12
    assert low <= marks[0]
    assert marks[-1] <= high * (1 + 1e-9)
    steps = [b - a for a, b in pairwise(marks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)


@given(st.lists(st.floats(TOP, TOP + PRICE), max_size=14).map(sorted))
def test_tags_never_cover_each_other(heights: list[float]) -> None:
    placed = separate_labels(heights)
    assert len(placed) == len(heights)
    assert all(below - above >= TAG_STEP - 1e-6 for above, below in pairwise(placed))
    assert all(0 < y < HEIGHT for y in placed)


def test_a_lone_tag_stands_at_its_line() -> None:
    assert separate_labels([100.0, 200.0]) == (100.0, 200.0)


def test_months_are_named_where_they_begin_and_years_once() -> None:
    days = [date(2024, 11, 15) + timedelta(days=place) for place in range(100)]
    marks = dict(dates(days))
    assert list(marks.values()) == ["Dec 2024", "Jan 2025", "Feb"]
    assert all(days[place].day == 1 for place in marks)


def test_a_short_span_is_dated_by_the_day() -> None:
    days = [date(2025, 3, 3) + timedelta(days=place) for place in range(3)]
    assert [label for _, label in dates(days)] == ["3 Mar 2025", "4 Mar 2025", "5 Mar 2025"]


def test_numbers_are_short_and_plain() -> None:
    assert [abbreviate(n) for n in (12, 1_234, 5_400_000, 2e9)] == ["12", "1.2K", "5.4M", "2.0B"]
    assert [number(Decimal(n)) for n in ("1234567", "103.20", "0.12345600", "1E+2", "5.000000")] == [
        "1,234,567",
        "103.20",
        "0.123456",
        "100",
        "5",
    ]


def test_a_sparkline_spans_low_to_high() -> None:
    assert sparkline([Decimal(1), Decimal(3), Decimal(2)]) == "▁█▄"
    assert sparkline([Decimal(5)] * 3) == "▁▁▁"
    assert sparkline([]) == ""
