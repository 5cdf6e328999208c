"""Replies from public bug reports, adapted to every role with that answer; skipped where the collection is absent."""

import json
from pathlib import Path

import pytest
from openoutcry.domain.outputs import OrderPlan, RiskOpinion, RiskReview, SingleAgentOutput

from tests.llm.faults.all_faults import FAULTS
from tests.llm.faults.fault_case import Asked, Ending, FaultCase
from tests.llm.faults.fault_desk import ROLES
from tests.stub.http_log import Reply

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "cases" / "endpoint"
WITH_OBJECTS = {
    "01-draft-then-final": Ending.REPAIRED,
    "02-think-cut-with-draft": Ending.NO_ANSWER,
    "13-braces-in-prose": Ending.REPAIRED,
    "14-first-fence-not-json": Ending.REPAIRED,
    "16-trailing-comma": Ending.REPAIRED,
    "18-extra-key": Ending.REPAIRED,
}
"""Replies with answers of a research manager: the good one has the rating buy, another one sell."""

AS_FAULTS = {
    "06-gemini-thought-signature": "empty arguments, signatures and reasoning to return",
    "07-empty-arguments-echo": "empty arguments, signatures and reasoning to return",
    "08-openrouter-404-tools": "404 no endpoint supports functions",
    "10-groq-json-validate-failed": "400 json_validate_failed",
    "11-finish-reason-error": "the same inside the choice",
    "17-enum-case-language": "a term that is in no table",
    "19-omitted-null": "fields left out that may be null",
    "21-list-as-string": "a list as JSON text",
    "25-stream-only": "answers only as a stream",
    "26-no-system-role": "no system role",
    "27-answer-in-reasoning": "no content; the field `reasoning` ends with the one object",
    "35-openrouter-reasoning": "empty arguments, signatures and reasoning to return",
    "36-groq-tool-use-failed": "400 tool_use_failed",
}
"""Situations that the matrix of faults has under these names."""

VERBATIM = {"20-empty-orders-hold", "23-approve-scale-0"}
ELSEWHERE = {
    *("03-socks-proxy", "04-ssl-cert-file"),
    *("28-live-hyphen-suffix", "29-live-unknown-exchanges", "30-folder-hk-calendar", "31-folder-currency"),
}
"""Proxies and certificates, tested with the network settings, and cases of markets."""


def reply_of(name: str) -> str:
    """Return the reply of a case, or skip where the collection is absent."""
    path = FOLDER / name / "reply.txt"
    if not path.is_file():
        pytest.skip("the collection of endpoint cases is not here")
    return path.read_text(encoding="utf-8").strip()


def adapted(text: str, asked: Asked) -> Reply:
    """Return the reply with the answers of a role in place of those of the research manager."""
    finish = "length" if text.startswith("finish_reason: length\n") else None
    text = text.removeprefix("finish_reason: length\n")
    for rating, answer in (("buy", asked.good), ("sell", asked.other)):
        start = text.find(f'{{"rating":"{rating}"')
        if start >= 0:
            end = text.index('"evidence":["fund.period"]', start) + len('"evidence":["fund.period"]')
            text = text[:start] + json.dumps(answer)[:-1] + text[end:]
    return Reply(text, finish_reason=finish)


@pytest.mark.parametrize("name", WITH_OBJECTS)
async def test_a_reply_has_its_outcome_at_every_role(fault_desk, name):
    text, ending = reply_of(name), WITH_OBJECTS[name]
    case = FaultCase(name, lambda asked: adapted(text, asked), ending)
    async with fault_desk.connected() as desk:
        for role in ROLES:
            outcome = await desk.run(case, role, lasting=True)
            assert outcome.ending is ending, role
            if outcome.decision is not None and outcome.decision.risk.allowed:
                assert outcome.decision.risk.allowed == desk.reference[_desk_of(role)].risk.allowed


async def test_no_orders_are_a_deliberate_hold(fault_desk):
    text = reply_of("20-empty-orders-hold")

    def serve(asked: Asked) -> Reply:
        view = {key: value for key, value in asked.good.items() if key not in {"orders", "rationale"}}
        return Reply(json.dumps({**view, **json.loads(text)}))

    case = FaultCase("", serve, Ending.REPAIRED)
    async with fault_desk.connected() as desk:
        for role, answer in ROLES.items():
            if answer in (OrderPlan, SingleAgentOutput):
                outcome = await desk.run(case, role, lasting=True)
                assert (outcome.ending, outcome.decision.outcome, outcome.exit_code) == (Ending.REPAIRED, "hold", 0)


async def test_an_approval_of_nothing_is_asked_again_and_never_trades(fault_desk):
    text = reply_of("23-approve-scale-0")
    case = FaultCase("", lambda _: Reply(text), Ending.ASKED_AGAIN, Ending.NO_ANSWER)
    async with fault_desk.connected() as desk:
        for role, answer in ROLES.items():
            if answer in (RiskOpinion, RiskReview):
                assert (await desk.run(case, role, lasting=False)).ending is Ending.ASKED_AGAIN
                lasting = await desk.run(case, role, lasting=True)
                assert lasting.ending is Ending.NO_ANSWER
                if answer is RiskReview:
                    assert (lasting.decision.outcome, lasting.exit_code) == ("abstain", 3)


def test_every_case_of_the_collection_is_tested():
    if not FOLDER.is_dir():
        pytest.skip("the collection of endpoint cases is not here")
    cases = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert cases <= {*WITH_OBJECTS, *AS_FAULTS, *VERBATIM, *ELSEWHERE}


def test_the_faults_of_the_collection_are_in_the_matrix():
    assert set(AS_FAULTS.values()) <= {case.name for case in FAULTS}


def _desk_of(role: str) -> str:
    return "single_agent" if role == "single_agent" else "debate"
