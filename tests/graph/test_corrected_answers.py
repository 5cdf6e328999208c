"""Answers that a desk cannot use: the reason goes back to the model; an answer that stays wrong is an abstention."""

import json
from types import SimpleNamespace

import pytest
from decision_matrix import decided, desk_of, good_answer
from faulty_role import ANSWERS
from openoutcry.domain.decision import Outcome
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.completion import NO_TOKENS, Completion
from openoutcry.llm.messages import message_in
from openoutcry.llm.openai_model import OpenAIModel


class Wrong:
    """Completes every request with the good answer, after a number of wrong answers of one role.

    Attributes:
        corrections: the last text of every request of that role that follows a refused answer.
    """

    def __init__(self, role, spoil, times):
        self.role, self.spoil, self.times, self.corrections, self._asked = role, spoil, times, [], 0

    async def complete(self, request):
        asked = SimpleNamespace(role=request.role, user=request.user, answer=ANSWERS[request.schema.name])
        answer = good_answer(asked).model_dump(mode="json")
        if request.role == self.role:
            self._asked += 1
            self.corrections += [turn.content for turn in request.turns[-1:]]
            if self._asked <= self.times:
                self.spoil(answer)
        return Completion(message_in({"content": json.dumps(answer)}, "stop"), NO_TOKENS)

    async def open(self):
        pass

    async def aclose(self):
        pass


def entry(answer, **changes):
    answer["entries"][0].update(changes)


def weights(*values, cash=None):
    def spoil(answer):
        for each, weight in zip(answer["entries"], values, strict=True):
            each["weight"] = weight
        answer["cash"] = cash

    return spoil


def first_twice(answer):
    answer["entries"].append(answer["entries"][0])


STRANGE = "these symbols were not asked for: NOWHERE"
TWICE = "these symbols occur more than once: GRUND"
CASES = {
    "NaN weight": ("livetradebench", weights(float("nan"), 0, 0), "NaN is no number"),
    "weights of 3": ("livetradebench", weights(1.0, 1.0, 1.0), "the weights sum to 3"),
    "weights of nothing": ("livetradebench", weights(0.0, 0.0, 0.0, cash=0.0), "the allocation is empty"),
    "strange weight": ("livetradebench", lambda answer: entry(answer, symbol="NOWHERE"), STRANGE),
    "weight twice": ("livetradebench", first_twice, TWICE),
    "strange target": ("stockbench", lambda answer: entry(answer, symbol="NOWHERE"), STRANGE),
    "target twice": ("stockbench", first_twice, TWICE),
    "target left out": ("stockbench", lambda answer: answer["entries"].pop(), "left out: VEXIL; name every symbol"),
    "target above equity": (
        "stockbench", lambda answer: entry(answer, target_cash_amount=100_001.0), "more than the available",
    ),
    "negative target": ("stockbench", lambda answer: entry(answer, target_cash_amount=-1.0), "greater than or equal"),
    "forced direction": (
        "quantagent", lambda answer: answer.update(direction="flat", confidence=0), "choose long or short",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_the_reason_goes_back_and_a_corrected_answer_is_used(demo, case):
    name, spoil, said = CASES[case]
    transport = Wrong(load_desk(name).decider, spoil, times=1)
    made = await decided(desk_of(name, demo, OpenAIModel(transport, "m", "m", InMemoryCallLog())))
    assert len(transport.corrections) == 1
    assert said in transport.corrections[0]
    assert {each.outcome for each in made} <= {Outcome.ORDERS, Outcome.HOLD}
    assert any(each.risk.allowed for each in made)


@pytest.mark.parametrize("case", CASES)
async def test_an_answer_that_stays_wrong_is_an_abstention_with_the_reason(demo, case):
    name, spoil, said = CASES[case]
    transport = Wrong(load_desk(name).decider, spoil, times=99)
    made = await decided(desk_of(name, demo, OpenAIModel(transport, "m", "m", InMemoryCallLog())))
    assert {each.outcome for each in made} == {Outcome.ABSTAIN}
    assert all(said in each.abstention.reason and not each.risk.allowed for each in made)


@pytest.fixture
def planned(tmp_path):
    """Return the path of a desk whose planner picks the analysts of each symbol."""
    text = (BUILT_IN / "deepfund.yaml").read_text(encoding="utf-8")
    text = text.replace("{scope: book}", "{scope: book, select: planner}", 1)
    path = tmp_path / "planned.yaml"
    path.write_text(text.replace("roles:\n", "roles:\n  - {role: planner, name: planner}\n", 1), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("picked", "said"),
    [([], "at least 1 item"), (["astrologer"], "there is no analyst astrologer; pick from technical")],
    ids=["nobody", "unknown"],
)
@pytest.mark.parametrize("times", [1, 99])
async def test_a_planner_that_picks_nobody_is_corrected_and_then_the_symbol_is_an_abstention(
    demo, planned, picked, said, times
):
    transport = Wrong("planner", lambda answer: answer.update(analysts=picked), times)
    made = await decided(desk_of(planned, demo, OpenAIModel(transport, "m", "m", InMemoryCallLog())))
    assert said in transport.corrections[0]
    lost = {Outcome.ABSTAIN} if times > 1 else set()
    assert {each.outcome for each in made} & {Outcome.ABSTAIN} == lost
    assert all((each.abstention.role, said in each.abstention.reason) == ("planner", True) for each in made if lost)
