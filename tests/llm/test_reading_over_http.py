"""Replies over HTTP, for every answer of the desk: accepted at once, after a second ask, or an abstention."""

import json

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.llm.events import AnswerCorrected, AnswerRepaired
from openoutcry.llm.scope import decision_scope
from stub.http_log import Reply

from tests.llm.reading_cases import CASES
from tests.llm.reading_cases.builders import GOOD, OTHER, Case, Result, message

NAMES = {
    "draft, then final",
    "thought cut off",
    "two answers",
    "braces in prose",
    "other fence first",
    "trailing comma",
    "case of a stance",
    "known synonym",
    "unknown synonym",
    "extra fields",
    "left-out nulls",
    "deliberate hold",
    "list as JSON text",
    "reasoning field",
    "approve with 0",
    "approve with 0.5",
    "rating and orders",
    "blank text",
}
PAIRS = [(case, answer) for case in CASES if case.name in NAMES for answer in GOOD if case.applies(answer)]
IDS = [f"{case.name}-{answer.__name__}" for case, answer in PAIRS]


def reply(case: Case, answer) -> Reply:
    written = message(case.write(GOOD[answer], OTHER[answer]))
    content, finish = written.pop("content"), written.pop("finish_reason", None)
    return Reply(content, finish_reason=finish, extra=written)


def expected(case: Case, answer):
    return answer.model_validate_json(json.dumps(case.expected(GOOD[answer])))


def recorded(log):
    """Return the repairs that are stored with the first call."""
    first, *_ = log.calls()
    return json.loads(first.reply)["openoutcry_served"].get("repairs", [])


@pytest.mark.parametrize(("case", "answer"), PAIRS, ids=IDS)
async def test_a_reply_has_its_outcome(stub, model, question, log, case, answer):
    events = []
    stub.reply(reply(case, answer), json.dumps(GOOD[answer]))
    with decision_scope("CALDR") as scope:
        said = await model(events=events.append).generate(question(answer=answer, check=lambda _: None))
    again = case.result is Result.ASKED_AGAIN
    assert len(stub.requests) == 1 + again
    assert said == (answer.model_validate_json(json.dumps(GOOD[answer])) if again else expected(case, answer))
    assert len([event for event in events if isinstance(event, AnswerCorrected)]) == again
    repairs = [event.repair for event in events if isinstance(event, AnswerRepaired)]
    assert bool(repairs) == (case.result is Result.REPAIRED)
    assert recorded(log) == repairs
    assert len(scope.notes) == len(set(repairs))
    assert all(any(note.endswith(text) for note in scope.notes) for text in repairs)


@pytest.mark.parametrize(
    ("case", "answer"), [(case, answer) for case, answer in PAIRS if case.result is Result.ASKED_AGAIN]
)
async def test_a_second_reply_that_cannot_be_used_is_an_abstention(stub, model, question, case, answer):
    stub.reply(*[reply(case, answer)] * 3)
    outcome = await model().generate(question(answer=answer, check=lambda _: None))
    assert isinstance(outcome, Abstention)
    assert outcome.cause is AbstentionCause.ANSWER
    assert len(stub.requests) == 2


async def test_a_run_that_is_resumed_notes_the_same_repairs(stub, model, question):
    stub.reply(f"Certainly. {json.dumps(GOOD[next(iter(GOOD))])}")
    notes = []
    for _ in range(2):
        with decision_scope("CALDR") as scope:
            await model().generate(question(answer=next(iter(GOOD)), check=lambda _: None))
        notes.append(scope.notes)
    assert notes[0] == notes[1] == ("answers repaired: words around the JSON object were left out",)
    assert len(stub.requests) == 1
