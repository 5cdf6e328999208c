import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import ConfigError, SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.tools.functions import ToolExecutor
from openoutcry.tools.registry import TOOLS, gather_evidence

FRIDAY, MONDAY = date(2025, 3, 7), date(2025, 3, 3)
OTHER = Symbol("OTHR")
START = datetime(2025, 2, 10, tzinfo=timezone(timedelta(hours=5)))


@pytest.fixture(scope="module")
def source(made: Any) -> Any:
    """Return a market that goes on for a week after the view."""
    last = date(2025, 3, 14)
    closes = [str(100 + n % 7) for n in range(120)]
    quarters = [(date(2024, 6, 30), 5), (date(2024, 9, 30), 6), (date(2024, 12, 31), 7)]
    return made.source(
        (*made.bars(last, closes), *made.bars(last, closes, symbol=OTHER)),
        [made.split(date(2025, 3, 12), 4)],
        [made.dividend(date(2025, 2, 20), 1), made.dividend(date(2025, 3, 11), 1)],
        [made.news(made.evening(last - timedelta(days=age)), f"Acme story {age}") for age in range(60)],
        [made.quarter(end, end + timedelta(days=66), {"revenue": n}) for end, n in quarters],
        [made.macro("VIX", last - timedelta(days=age), 20 + age) for age in range(60)],
        {made.acme: "XNYS", OTHER: "XNYS"},
    )


@pytest.fixture
def tools(made: Any, source: Any) -> Any:
    return ToolExecutor(made.view(source, FRIDAY), made.acme)


def call(tools: Any, name: str, **arguments: str) -> Any:
    return tools.call(name, json.dumps(arguments))


def test_every_tool_is_offered_with_a_closed_schema(tools: Any) -> None:
    assert [spec.name for spec in tools.specs] == list(TOOLS)
    extra = {"news": ["days"], "bars": ["count"]}
    for spec in tools.specs:
        assert spec.description
        assert list(spec.parameters["properties"]) == ["symbol", "as_of", *extra.get(spec.name, [])]
        assert spec.parameters["required"] == list(spec.parameters["properties"])
        assert spec.parameters["additionalProperties"] is False


def test_only_the_named_tools_are_offered(made: Any, source: Any) -> None:
    few = ToolExecutor(made.view(source, FRIDAY), made.acme, ["news"])
    assert [spec.name for spec in few.specs] == ["news"]
    assert call(few, "bars", symbol="ACME") == "There is no function called 'bars'; the functions are news."
    with pytest.raises(ConfigError):
        ToolExecutor(made.view(source, FRIDAY), made.acme, ["tarot"])


def test_the_case_and_the_call_show_the_same_evidence(made: Any, tools: Any, source: Any) -> None:
    evidence = gather_evidence(made.view(source, FRIDAY), made.acme, ["bars"]).evidence
    reply = call(tools, "bars", symbol="ACME", as_of=None, count=None)
    assert reply.splitlines() == [f"[{fact.id}] {fact.text}" for fact in evidence]
    assert tools.shown == evidence
    call(tools, "bars", symbol=" acme ", as_of="2025-03-07")
    assert tools.shown == evidence


def test_narrowed_dates_and_other_symbols_carry_a_mark(made: Any, tools: Any) -> None:
    assert "[px.close@2025-03-03]" in call(tools, "bars", symbol="ACME", as_of="2025-03-03")
    assert "[px.close@OTHR]" in call(tools, "bars", symbol="OTHR", as_of=None)
    assert "[px.close@OTHR@2025-03-03]" in call(tools, "bars", symbol="OTHR", as_of="2025-03-03")
    weekend = call(tools, "bars", symbol="ACME", as_of="2025-03-02")
    assert weekend.startswith("As of 2025-02-28 21:00 UTC:\n[px.close@2025-02-28] raw close")
    noon = call(tools, "bars", symbol="ACME", as_of="2025-03-04T12:00:00-05:00")
    assert "[px.close@2025-03-04T170000Z]" in noon
    shown = {fact.id: fact for fact in tools.shown}
    assert shown["px.close@2025-03-04T170000Z"].text == shown["px.close@2025-03-03"].text
    assert len(shown) == len(tools.shown)


@pytest.mark.parametrize(
    "later", ["2025-03-10", "2199-01-01", "9999-12-31", "2025-03-07T23:00:00", "2025-03-08T00:00Z"]
)
def test_a_later_date_is_cut_and_said_so(tools: Any, later: str) -> None:
    now = call(tools, "bars", symbol="ACME", as_of=None)
    note, _, rest = call(tools, "bars", symbol="ACME", as_of=later).partition("\n")
    assert note == "Nothing is known beyond 2025-03-07 21:00 UTC; shown as of then:"
    assert rest == now


def test_news_can_look_further_back_and_bars_give_a_table(tools: Any) -> None:
    assert call(tools, "news", symbol="ACME", days=1).count("[news.") == 1
    assert call(tools, "news", symbol="ACME").count("[news.") == 8
    table = call(tools, "bars", symbol="ACME", count=3).splitlines()[-1]
    assert table.startswith("[px.bars3] raw daily bars")
    assert [row.split()[0] for row in table.split(": ")[1].split("; ")] == ["2025-03-05", "2025-03-06", "2025-03-07"]


def test_nothing_found_is_said_in_words(tools: Any) -> None:
    assert call(tools, "actions", symbol="OTHR").startswith("There is no split or dividend of OTHR")
    assert call(tools, "news", symbol="OTHR", days=7) == "There is no news of OTHR in 7 days."
    assert call(tools, "bars", symbol="NONE") == "There is nothing to show: there is no NONE in this market."
    assert call(tools, "macro", symbol="NONE") == "There is nothing to show: there is no NONE in this market."
    assert tools.shown == ()


@pytest.mark.parametrize(
    ("name", "arguments", "start"),
    [
        ("tarot", "{}", "There is no function called 'tarot'"),
        ("tarot" * 99, "{}", "There is no function called 'tarot"),
        ("bars", "{", "The arguments are not valid JSON"),
        ("bars", "[" * 1900, "The arguments are not valid JSON"),
        ("bars", '{"count": 1' + "0" * 1900 + "}", "count must be a whole number"),
        ("bars", "[]", "The arguments must be one JSON object"),
        ("bars", "null", "The arguments must be one JSON object"),
        ("bars", '{"symbol": "' + "A" * 1_000_000 + '"}', "The arguments are too long"),
        ("bars", '{"symbol": 7}', "a value of type int is not a symbol"),
        ("bars", '{"symbol": "../etc"}', "'../etc' is not a symbol"),
        ("bars", '{"symbol": "\\ud800"}', "'\\ud800' is not a symbol"),
        ("bars", '{"symbol": ""}', "'' is not a symbol"),
        ("bars", '{"ticker": "ACME"}', "There is no argument called 'ticker'"),
        ("news", '{"count": 3}', "There is no argument called 'count'"),
        ("bars", '{"as_of": 20250303}', "as_of must be an ISO date or null"),
        ("bars", '{"as_of": "yesterday"}', "as_of must be an ISO date such as"),
        ("bars", '{"as_of": "2025-02-30"}', "as_of must be an ISO date such as"),
        ("bars", '{"as_of": "0001-01-01"}', "Nothing is known as of 0001-01-01"),
        ("bars", '{"as_of": "0001-01-01T00:00:00+14:00"}', "as_of must be an ISO date such as"),
        ("bars", '{"as_of": "1990-01-02"}', "Nothing is known as of 1990-01-02"),
        ("bars", '{"as_of": "1990-01-03"}', "There is nothing to show: there is no 1d bar of ACME"),
        ("bars", '{"count": 0}', "count must be a whole number from 1 to 250"),
        ("bars", '{"count": 251}', "count must be a whole number from 1 to 250"),
        ("bars", '{"count": true}', "count must be a whole number from 1 to 250"),
        ("bars", '{"count": 2.5}', "count must be a whole number from 1 to 250"),
        ("bars", '{"count": NaN}', "count must be a whole number from 1 to 250"),
        ("news", '{"days": "7"}', "days must be a whole number from 1 to 365"),
        ("news", '{"days": [366]}', "days must be a whole number from 1 to 365"),
    ],
)
def test_nonsense_is_answered_in_one_short_sentence(tools: Any, name: str, arguments: str, start: str) -> None:
    reply = tools.call(name, arguments)
    assert reply.startswith(start)
    assert reply.endswith(".")
    assert len(reply) < 320
    assert "\n" not in reply
    assert tools.shown == ()


def test_an_outage_is_told_as_what_it_is_and_kept(made: Any, source: Any) -> None:
    class Down(made.source):
        def bars(self, symbol: Any, interval: Any, *, until: Any, count: int) -> None:
            raise SourceUnavailable("the source is down")

    tools = ToolExecutor(made.view(Down(), FRIDAY), made.acme)
    assert tools.failed == ()
    for _ in range(2):
        said = call(tools, "bars", symbol="ACME")
        assert said == "It is unknown, as the source failed: the source is down."
    assert tools.failed == (("bars", "the source is down"),)
    assert tools.shown == ()


moments = st.one_of(
    st.none(),
    st.dates().map(date.isoformat),
    st.datetimes().map(datetime.isoformat),
    st.dates(date(2025, 2, 1), date(2025, 3, 20)).map(date.isoformat),
    st.integers(0, 60 * 24 * 40).map(lambda m: f"{(START + timedelta(minutes=m)).isoformat()}"),
    st.text(max_size=12),
    st.integers(),
)
symbols = st.one_of(st.none(), st.sampled_from(["ACME", "OTHR", "NONE", "spy"]), st.text(max_size=6), st.integers())
numbers = st.one_of(st.none(), st.integers(-5, 400), st.floats(), st.text(max_size=3))
calls = st.tuples(
    st.sampled_from([*TOOLS, "other"]),
    st.one_of(
        st.fixed_dictionaries(
            {}, optional={"symbol": symbols, "as_of": moments, "days": numbers, "count": numbers}
        ).map(json.dumps),
        st.text(max_size=30),
        st.recursive(st.integers() | st.text(max_size=3), st.lists, max_leaves=5).map(json.dumps),
    ),
)


@given(asked=st.lists(calls, min_size=1, max_size=4))
def test_whatever_a_model_writes_it_sees_nothing_later_than_the_view(made: Any, source: Any, asked: Any) -> None:
    view = made.view(source, FRIDAY)
    tools = ToolExecutor(view, made.acme)
    blind = ToolExecutor(replace(view, source=cut(source, view.as_of)), made.acme)
    for name, arguments in asked:
        reply = tools.call(name, arguments)
        assert reply
        assert reply == blind.call(name, arguments)
    assert all(fact.known_at <= view.as_of for fact in tools.shown)
    assert len({fact.id for fact in tools.shown}) == len(tools.shown)


def cut(source: Any, moment: Any) -> Any:
    """Return `source` as if nothing had happened after `moment`."""
    fields = ("daily", "split_list", "dividend_list", "items", "statements", "points")
    return replace(
        source, **{name: [fact for fact in getattr(source, name) if fact.known_at <= moment] for name in fields}
    )
