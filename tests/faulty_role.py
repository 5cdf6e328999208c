"""An endpoint that answers well at every role but one, whose answers have a fault."""

import json
from types import SimpleNamespace

from every_desk import answer_to
from openoutcry.domain import (
    book_outputs,
    contest_outputs,
    decision_outputs,
    deliberation_outputs,
    outputs,
    portfolio_outputs,
    remarks,
)
from openoutcry.domain.errors import ModelUnavailable
from openoutcry.llm.completion import NO_TOKENS, Completion
from openoutcry.llm.messages import message_in
from openoutcry.llm.policy import judging_model

MODULES = (book_outputs, contest_outputs, decision_outputs, deliberation_outputs, outputs, portfolio_outputs, remarks,
           judging_model)  # fmt: skip
ANSWERS = {
    kind.schema_name: kind for module in MODULES for kind in vars(module).values() if hasattr(kind, "schema_name")
}
FAULTS = {
    "an empty answer": lambda _: "",
    "no JSON": lambda _: "I would rather not say.",
    "other fields": lambda _: '{"mood": "good"}',
    "not a number": lambda good: good.replace("0.5", "NaN").replace("0.2", "NaN").replace("1.0", "NaN"),
    "unknown evidence": lambda good: json.dumps(forged(json.loads(good)), separators=(",", ":")),
    "an outage": None,
}
MOST_REQUESTS = 4
"""Requests for one answer: the first, and corrections."""


def forged(answer):
    """Return the answer with citations of evidence that does not exist."""
    if isinstance(answer, list):
        return [forged(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    given = {"evidence": ["px.forged"], "source": "px.forged"}
    return {key: given.get(key, forged(value)) for key, value in answer.items()}


class FaultyAt:
    """Completes every request with the good answer, except those of one role; a fault of None is an outage."""

    def __init__(self, role, fault, answer=answer_to):
        self.role, self.fault, self.answer, self.requests, self.spoilt = role, fault, answer, 0, False

    async def complete(self, request):
        asked = SimpleNamespace(role=request.role, user=request.user, answer=ANSWERS[request.schema.name])
        good = self.answer(asked).model_dump_json()
        if request.role == self.role:
            self.requests += 1
            self.spoilt |= self.fault is None or self.fault(good) != good
            if self.fault is None:
                raise ModelUnavailable("the endpoint is down")
            good = self.fault(good)
        return Completion(message_in({"content": good}, "stop"), NO_TOKENS)

    async def open(self):
        pass

    async def aclose(self):
        pass
