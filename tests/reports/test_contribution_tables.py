"""Tables of contributions in reports: columns and notes follow from the values, and texts of models stay data."""

from dataclasses import replace
from decimal import Decimal

import pytest
from desk_factory import rules, taken
from openoutcry.agents.context import Contribution
from openoutcry.cli.console.descriptions import describe
from openoutcry.domain.book_outputs import AllocationDecision, AllocationEntry
from openoutcry.domain.decision import RecordedContribution
from openoutcry.domain.decision_outputs import DirectionDecision
from openoutcry.domain.ids import Symbol
from openoutcry.domain.outputs import RiskOpinion, Verdict
from openoutcry.domain.proposal import AllocationProposal, Direction, WeightEntry
from openoutcry.reports.contribution_tables import contribution_tables, in_one_line, proposal_tables
from openoutcry.reports.render import html, markdown

HOSTILE = "<script>alert(1)</script> | [link](http://x.example) \x1b[31m\u202e `code`"


@pytest.fixture(scope="module")
def decision(demo):
    return taken(rules(demo), "GRUND")


def ballot(author, number, **values):
    content = {"direction": "long", "confidence": 0.25, "stop": None, "summary": "s" * 40, "evidence": ["px.close"]}
    return RecordedContribution(author, number, "DirectionDecision", content | values)


WEIGHTS = RecordedContribution(
    "router", 0, "ExpertWeights", {"entries": [{"expert": "trend", "weight": 0.7}, {"expert": "macd", "weight": 0.3}]}
)


def test_short_values_are_columns_long_texts_notes_and_records_tables(decision):
    made = (ballot("a", 0), ballot("a", 1, stop="12.50"), ballot("count", 0, confidence=0.123456), WEIGHTS)
    ballots, weights = contribution_tables(replace(decision, contributions=made))
    assert ballots.title == "direction decision"
    assert [(each.name, each.numeric) for each in ballots.columns] == [
        ("author", False),
        ("round", True),
        ("direction", False),
        ("confidence", True),
        ("stop", True),
    ]
    assert [row.cells for row in ballots.rows] == [
        ("a", "1", "long", "0.25", ""),
        ("a", "2", "long", "0.25", "12.50"),
        ("count", "", "long", "0.1235", ""),
    ]
    assert ballots.rows[0].notes == (("summary", "s" * 40),)
    assert ballots.rows[0].evidence == ("px.close",)
    assert (weights.title, weights.rows[1].cells) == ("expert weights of router: entries", ("macd", "0.3"))


def test_the_entries_of_the_only_decision_are_shown_once_as_the_proposal(decision):
    proposal = AllocationProposal((WeightEntry(Symbol("GRUND"), Decimal("0.25")),), Decimal("0.75"), "why so")
    content = {"summary": "why so", "entries": [{"symbol": "GRUND", "weight": 0.25}], "cash": 0.75, "evidence": []}
    made = (RecordedContribution("head", 0, "AllocationDecision", content),)
    decision = replace(decision, proposal=proposal, contributions=made)
    assert [table.title for table in proposal_tables(decision)] == ["allocation", "allocation: entries"]
    assert [table.title for table in contribution_tables(decision)] == ["allocation decision"]
    assert [table.title for table in contribution_tables(replace(decision, proposal=None))] == [
        "allocation decision",
        "allocation decision of head: entries",
    ]


def test_texts_of_models_stay_data(decision):
    entries = [{"expert": HOSTILE, "note": HOSTILE, "evidence": ["px.close", "no such id"]}]
    content = {"label": "<b>x</b>|y", "summary": HOSTILE, "entries": entries}
    decision = replace(decision, contributions=(RecordedContribution("a", 0, "Table", content),))
    page, text = html(decision, ()), markdown(decision, ())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>x</b>" not in page
    assert not {"\x1b", "\u202e"} & set(page + text)
    assert "<script>" not in text
    assert "[link](http" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| a |")]
    assert row.replace("\\|", "").count("|") == 4  # author, label and remarks
    heading, body = describe("a", Contribution("a", ballot_output(HOSTILE)))
    assert not {"\x1b", "\u202e"} & set(heading.plain + body.plain)


def ballot_output(summary):
    return DirectionDecision(
        horizon_sessions=5,
        summary=summary,
        invalidation="below",
        evidence=(),
        direction=Direction.LONG,
        confidence=0.5,
        reward_to_risk=None,
        stop=None,
    )


def test_cited_evidence_of_contributions_is_marked_as_cited(decision):
    cited = next(item.id for item in decision.evidence)
    made = (ballot("a", 0, evidence=[cited]),)
    assert '<a class="cite" href="#e1"' in html(replace(decision, contributions=made), ())


def test_progress_describes_every_output_in_a_few_words():
    entries = tuple(AllocationEntry(symbol=Symbol(f"S{number}"), weight=0.125) for number in range(8))
    said = AllocationDecision(summary="Equal weights over all symbols.", evidence=(), entries=entries, cash=0.0)
    heading, body = describe("head", Contribution("head", said))
    assert heading.plain.startswith("head: cash 0, entries: S0 0.125; S1 0.125")
    assert heading.plain.endswith("S5 0.125 and 2 more")
    assert body.plain == "Equal weights over all symbols."
    heading, body = describe("a", Contribution("a", ballot_output("It rises for a reason that is long.")))
    assert heading.plain == "a: horizon sessions 5, invalidation below, direction long, confidence 0.5"
    opinion = RiskOpinion(verdict=Verdict.SHRINK, scale=0.5, reason="too large", evidence=())
    heading, body = describe("neutral", Contribution("neutral", opinion))
    assert (heading.plain, body.plain) == ("neutral: shrink, lets through 50%", "too large")
    assert in_one_line({"evidence": ["a"], "text": "x" * 50}) == ""
