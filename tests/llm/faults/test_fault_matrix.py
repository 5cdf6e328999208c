"""Every fault at every role of the default desk, over HTTP: the answer, the orders and the number of requests."""

import json
import tracemalloc

import pytest
from openoutcry.agents.single_agent import split_output
from openoutcry.domain.abstention import Abstention
from openoutcry.domain.decision import Outcome as DecisionOutcome
from openoutcry.llm.transports import readers

from tests.llm.faults.all_faults import FAULTS
from tests.llm.faults.fault_case import ABSTAINS, BODY_LIMIT, Ending, FaultCase
from tests.llm.faults.fault_desk import ATTEMPTS, DECIDING, REFLECTOR, ROLES, SINGLE, FaultDesk, Outcome, good_answer
from tests.llm.faults.fault_table import draw
from tests.llm.reading_table import PAGE, page_with
from tests.stub.http_log import Fault

CELLS = [(case, lasting) for case in FAULTS for lasting in ((False,) if case.lasting is None else (False, True))]
IDS = [f"{case.name[:60]}{' lasting' if lasting else ''}" for case, lasting in CELLS]
MOST_REQUESTS = 12
"""Requests of one role in a decision: three of the longest conversation, each tried twice, in two turns of a debate."""
MOST_MEMORY = 12_000_000
"""Bytes at once while a body of 25 MB arrives."""
EXITS = {Ending.NO_ANSWER: 3, Ending.UNCITED: 3, Ending.NO_MODEL: 5}


@pytest.fixture(autouse=True)
def small_bodies(monkeypatch):
    monkeypatch.setattr(readers, "LARGEST_BODY", BODY_LIMIT)


@pytest.mark.parametrize(("case", "lasting"), CELLS, ids=IDS)
async def test_a_fault_has_its_ending_at_every_role(fault_desk, case, lasting):
    async with fault_desk.connected() as desk:
        for role, answer in ROLES.items():
            if case.applies(answer):
                check(desk, case, await desk.run(case, role, lasting=lasting), lasting=lasting)


def check(desk: FaultDesk, case: FaultCase, outcome: Outcome, *, lasting: bool) -> None:
    """Check what a role said, what the desk made of it, and how often the endpoint was asked."""
    assert outcome.ending is case.ending(lasting), (outcome.role, outcome.said)
    assert 0 < len(outcome.requests) <= MOST_REQUESTS
    abstained = outcome.ending in ABSTAINS
    for said in outcome.said:
        assert abstained == isinstance(said, Abstention)
        assert abstained or said == final_answer(case, outcome), outcome.role
    if outcome.role != REFLECTOR:
        check_decision(desk, outcome, abstained=abstained)


def final_answer(case: FaultCase, outcome: Outcome) -> object:
    """Return the answer that the model gave last: the one of the fault where it is read, else the good one."""
    answer = ROLES[outcome.role]
    good = good_answer(answer, outcome.requests[0].prompt)
    read = case.expected(good) if outcome.ending in {Ending.ACCEPTED, Ending.REPAIRED} else good
    written = answer.model_validate_json(json.dumps(read))
    return split_output(written)[1] if outcome.role == SINGLE else written


def check_decision(desk: FaultDesk, outcome: Outcome, *, abstained: bool) -> None:
    """Check that the desk trades as without a fault, goes on without the role, or abstains; it never holds."""
    decision, reference = outcome.decision, desk.reference[SINGLE if outcome.role == SINGLE else "debate"]
    if abstained and outcome.role in DECIDING:
        assert decision.outcome is DecisionOutcome.ABSTAIN
        assert not decision.risk.allowed
        assert outcome.exit_code == EXITS[outcome.ending]
        return
    assert decision.risk.allowed == reference.risk.allowed
    assert decision.outcome is DecisionOutcome.ORDERS
    assert outcome.exit_code == 0
    assert outcome.role != SINGLE or decision.thesis == reference.thesis
    named = [note for note in decision.provenance.degraded if note.startswith(f"{outcome.role} abstained")]
    assert bool(named) == abstained


def test_the_matrix_has_at_least_60_faults_of_distinct_names():
    names = [(case.section, case.name) for case in FAULTS]
    assert len(set(names)) == len(names) >= 60
    assert {case.ending(lasting) for case, lasting in CELLS} == set(Ending)


async def test_an_outage_of_all_roles_ends_without_orders_and_with_exit_code_5(fault_desk, faulty):
    case = next(case for case in FAULTS if case.name.startswith("500 internal"))
    async with fault_desk.connected() as desk:
        decision, requests = await desk.outage(case)
    assert decision.outcome is DecisionOutcome.ABSTAIN
    assert decision.abstention.cause == "model"
    assert not decision.risk.allowed
    assert requests == 4 * ATTEMPTS


@pytest.mark.parametrize("status", [200, 302, 400, 500])
async def test_a_body_of_any_size_is_not_kept_in_memory(fault_desk, status):
    case = FaultCase("", lambda _: Fault.flood(status), Ending.NO_MODEL)
    async with fault_desk.connected() as desk:
        await desk.run(case, REFLECTOR, lasting=True)
        tracemalloc.start()
        try:
            outcome = await desk.run(case, REFLECTOR, lasting=True)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert outcome.ending is Ending.NO_MODEL
    assert peak < MOST_MEMORY


def test_the_table_in_the_docs_is_written_from_the_faults():
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(draw(), page, "faults"), "run: python -m tests.llm.faults.fault_table"
