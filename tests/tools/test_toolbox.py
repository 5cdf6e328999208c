from dataclasses import FrozenInstanceError
from datetime import date
from typing import Any

import pytest
from openoutcry.domain.errors import ConfigError, InvalidData, SourceUnavailable
from openoutcry.domain.ids import Symbol
from openoutcry.tools.registry import TOOLS, gather_evidence

FRIDAY = date(2025, 3, 7)


def test_the_table_is_closed(made: Any) -> None:
    assert list(TOOLS) == [
        "bars",
        "indicators",
        "actions",
        "news",
        "sentiment",
        "statements",
        "ratios",
        "macro",
        "calendar",
        "filings",
        "profile",
        "signals",
        "oscillators",
        "scales",
        "peers",
        "alphas",
        "closes_10d",
        "closes_7s",
        "headlines_3d",
        "headlines_2d",
        "insider",
        "key_figures",
    ]
    with pytest.raises(TypeError):
        TOOLS["other"] = TOOLS["bars"]
    with pytest.raises(FrozenInstanceError):
        TOOLS["bars"].name = "other"


def test_what_finds_nothing_is_named_with_its_reason(made: Any) -> None:
    source = made.source(made.bars(FRIDAY, ["50"] * 30))
    found = gather_evidence(made.view(source, FRIDAY), made.acme, ["news", "bars", "macro", "news"])
    assert found.evidence[0].id == "px.close"
    assert found.empty == (
        ("news", "no news of ACME in the last 30 days"),
        ("macro", "no current macro series is held"),
    )
    assert gather_evidence(made.view(source, FRIDAY), made.acme, []).empty == ()


def test_missing_prices_are_absence(made: Any) -> None:
    found = gather_evidence(made.view(made.source(), FRIDAY), made.acme, TOOLS)
    reasons = dict(found.empty)
    assert reasons["bars"].startswith("there is no 1d bar of ACME")
    assert [fact.id for fact in found.evidence] == ["cal.month_end"]
    nobody = gather_evidence(made.view(made.source(), FRIDAY), Symbol("NONE"), TOOLS)
    assert nobody.evidence == ()
    assert len(nobody.empty) == len(TOOLS)


def test_unknown_tool_is_the_operators_error(made: Any) -> None:
    with pytest.raises(ConfigError, match=r"unknown tool 'tarot'; the tools are bars, indicators"):
        gather_evidence(made.view(made.source(), FRIDAY), made.acme, ["bars", "tarot"])


@pytest.mark.parametrize("error", [SourceUnavailable("the wire is down"), InvalidData("news", 3, "no title")])
def test_outage_and_defect_are_not_absence_and_cost_the_other_tools_nothing(made: Any, error: Any) -> None:
    class Broken(made.source):
        def news(self, symbol: Any, *, since: Any, until: Any) -> None:
            raise error

    found = gather_evidence(made.view(Broken(), FRIDAY), made.acme, ["news", "calendar", "macro"])
    assert [fact.id for fact in found.evidence] == ["cal.month_end"]
    assert found.empty == (("macro", "no current macro series is held"),)
    assert found.failed == (("news", str(error)),)


def test_all_ids_of_a_case_differ(made: Any) -> None:
    source = made.source(
        made.bars(FRIDAY, ["50"] * 300),
        items=[made.news(made.evening(date(2025, 3, day)), f"story {day}") for day in range(1, 7)],
        dividend_list=[made.dividend(FRIDAY, 1)],
    )
    evidence = gather_evidence(made.view(source, FRIDAY), made.acme, TOOLS).evidence
    assert len({fact.id for fact in evidence}) == len(evidence) > 20
