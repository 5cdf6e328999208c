"""What every kind of desk contributes is in the document, strictly described, and every citation is evidence."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import jsonschema
import pytest
from citations import citations
from desk_factory import close_of, rules, taken
from openoutcry.desk.book_decision import decide_book
from openoutcry.desk.decision import DecisionRequest, decide
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.desk.records.run_status import Status
from openoutcry.desk.records.run_store import Run, RunStore
from openoutcry.domain.account import Account
from openoutcry.domain.decision import Outcome
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.proposal import (
    CashTarget,
    Direction,
    DirectionProposal,
    NoteSection,
    RatioProposal,
    ReportProposal,
    TargetAction,
    TargetCashProposal,
)

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))
ANALYSTS = "[{role: analyst, name: technical, tools: [bars, indicators]}, {role: analyst, name: macro, tools: [macro]}]"
AGENTS = (
    "[{role: single_agent, name: a, tools: [bars, indicators, macro]}, {role: single_agent, name: b, tools: [news]}]"
)
KEEP = "map: {buy: 1, overweight: 0.5, hold: keep, underweight: half, sell: 0}"
PANEL = "{kind: panel, decider: head}"
SYMBOL_DESKS = {
    "rating": (ANALYSTS, PANEL, f"{{kind: rating_map, {KEEP}}}"),
    "direction": (AGENTS, "{kind: vote, rounds: 1}", "{kind: all_in}"),
    "exposure": (ANALYSTS, PANEL, "{kind: vol_target}"),
    "ratio": (ANALYSTS, PANEL, "{kind: as_decided}"),
    "report": (ANALYSTS, PANEL, "{kind: as_decided}"),
}
BOOK_DESKS = {
    "allocation": "{kind: as_decided}",
    "target_cash": "{kind: as_decided}",
    "signals": "{kind: equal}",
}
SYMBOLS = ("CALDR", "GRUND", "HALDM")


def checked(decision):
    """Return the document after its schema and its citations were checked."""
    document = json.loads(json.dumps(to_document(decision)))
    assert not [error.message for error in VALIDATOR.iter_errors(document)]
    known = {item["id"] for item in document["evidence"]}
    assert set(citations({name: part for name, part in document.items() if name != "evidence"})) <= known
    return document


@pytest.fixture
def decisions_of(demo, tmp_path):
    """Return a function that writes a desk file and returns its decisions, one for each symbol."""

    def run(kind, roles, deliberation, sizing, scope="symbol"):
        path = tmp_path / f"{kind}.yaml"
        path.write_text(
            f"name: {kind}\nintake: {{scope: {scope}}}\nroles: {roles}\ndeliberation: {deliberation}\n"
            f"decision: {{kind: {kind}}}\nsizing: {sizing}\n",
            encoding="utf-8",
        )
        desk, account = rules(demo, str(path)), Account("test", Decimal(100_000))
        asked = [DecisionRequest(RunId(f"run-{each}"), Symbol(each), close_of(2025, 3, 3), account) for each in SYMBOLS]
        if scope == "book":
            return asyncio.run(decide_book(desk, asked))
        return [asyncio.run(decide(desk, each)) for each in asked]

    return run


@pytest.mark.parametrize("kind", SYMBOL_DESKS)
def test_documents_of_desks_for_one_symbol_are_strict_and_cite_evidence(decisions_of, kind):
    decided = [each for each in decisions_of(kind, *SYMBOL_DESKS[kind]) if each.outcome is not Outcome.ABSTAIN]
    assert decided
    for decision in decided:
        document = checked(decision)
        assert document["proposal"]["kind"] == kind
        assert {made["kind"] for made in document["contributions"]} == {
            type(decision.proposal).__name__.replace("Proposal", "Decision").replace("ReportDecision", "ResearchNote")
        }


def test_a_vote_records_the_ballots_of_each_round_and_then_the_count(decisions_of):
    decision = decisions_of("direction", *SYMBOL_DESKS["direction"])[1]
    made = [(each.author, each.round) for each in decision.contributions]
    assert made[-1] == ("vote", 0)
    assert {("a", 0), ("a", 1)} <= set(made[:-1])
    assert decision.contributions[-1].content["direction"] == decision.proposal.direction


@pytest.mark.parametrize("kind", BOOK_DESKS)
def test_documents_of_a_book_have_no_ids_of_other_symbols(decisions_of, kind):
    for decision in decisions_of(kind, ANALYSTS, PANEL, BOOK_DESKS[kind], "book"):
        document = checked(decision)
        assert not [item["id"] for item in document["evidence"] if "/" in item["id"]]
        assert len(document["proposal"]["entries"]) == len(SYMBOLS)
        (head,) = document["contributions"]
        assert (head["author"], len(head["content"]["entries"])) == ("head", len(SYMBOLS))
        assert {report["role"] for report in document["reports"]} == {"technical", "macro"}


def test_a_signal_keeps_the_citations_of_its_own_symbol(decisions_of):
    for decision in decisions_of("signals", ANALYSTS, PANEL, "{kind: equal}", "book"):
        cited = {entry["symbol"]: entry["evidence"] for entry in to_document(decision)["proposal"]["entries"]}
        assert [symbol for symbol, ids in cited.items() if ids] == [decision.ticker]
        assert all(order.evidence for order in decision.risk.asked)


def test_the_reason_of_an_abstention_names_no_other_symbol(demo, decisions_of):
    blind = "[{role: analyst, name: technical, tools: [filings]}]"
    for decision in decisions_of("allocation", blind, PANEL, "{kind: as_decided}", "book"):
        others = set(SYMBOLS) - {str(decision.ticker)}
        assert decision.outcome is Outcome.ABSTAIN
        assert not [each for each in others if each in decision.abstention.reason]


def test_documents_of_the_default_desk_have_no_contributions(demo):
    for desk in ("debate", "single_agent"):
        assert "contributions" not in checked(taken(rules(demo, desk), "GRUND"))


@pytest.mark.parametrize(
    "proposal",
    [
        DirectionProposal(Symbol("GRUND"), Direction.SHORT, Decimal("-0.5"), Decimal("1.5"), Decimal("120.25"), "why"),
        RatioProposal(Symbol("GRUND"), Decimal("0.25")),
        TargetCashProposal((CashTarget(Symbol("GRUND"), TargetAction.HOLD, None, ("a", "b")),)),
        ReportProposal((NoteSection("title", "text"),)),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_schema_describes_each_kind_of_proposal_strictly(decisions_of, proposal):
    decision = replace(decisions_of("ratio", *SYMBOL_DESKS["ratio"])[1], proposal=proposal, contributions=())
    document = json.loads(json.dumps(to_document(decision)))
    assert not list(VALIDATOR.iter_errors(document))
    kind = document["proposal"]["kind"]
    others = [each for each in ("rating", "direction", "exposure", "ratio", "signals", "report") if each != kind]
    assert all(list(VALIDATOR.iter_errors(document | {"proposal": document["proposal"] | {"kind": o}})) for o in others)
    assert list(VALIDATOR.iter_errors(document | {"proposal": document["proposal"] | {"mood": "calm"}}))
    assert list(VALIDATOR.iter_errors(document | {"proposal": {"kind": kind}}))


def test_contributions_come_back_from_the_store_as_they_went_in(decisions_of, tmp_path):
    decision = decisions_of("allocation", ANALYSTS, PANEL, "{kind: as_decided}", "book")[1]
    store = RunStore(tmp_path / "runs.db")
    at = close_of(2025, 3, 3)
    store.begin(Run(decision.run_id, at, decision.ticker, at, "allocation", Status.RUNNING, None, "{}", "abc"))
    store.finish(decision)
    assert store.decision(decision.run_id) == decision
    store.close()
