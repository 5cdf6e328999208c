"""An endpoint that accepts a limit on the length of answers and ignores it overdraws a budget by one answer at most."""

import asyncio
import json

import pytest
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.scope import decision_scope
from stub.http_log import Fault

LONG = 50_000
CAP = 30_000
GOOD = {"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}


def whole(request, tokens, usage=True):
    """Return one JSON document, also where a stream was requested."""
    message = {"role": "assistant", "content": json.dumps(GOOD | {"summary": "up" * (1 if usage else tokens)})}
    document = {"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    if usage:
        document["usage"] = {"prompt_tokens": 300, "completion_tokens": tokens}
    return Fault.text(json.dumps(document))


def ignores_limits(request):
    return whole(request, LONG)


def ignores_limits_and_refuses_streams(request):
    if request.body.get("stream"):
        return Fault.error(400, "stream is not supported by this model")
    return whole(request, LONG)


def counts_no_tokens(request):
    return whole(request, LONG, usage=False)


@pytest.mark.parametrize(
    "personality",
    [ignores_limits, ignores_limits_and_refuses_streams, counts_no_tokens],
    ids=lambda each: each.__name__,
)
@pytest.mark.parametrize("cap", [CAP, 10 * LONG], ids=["less_than_one_answer", "ten_answers"])
async def test_parallel_calls_overdraw_by_one_answer(stub, model, question, personality, cap, tmp_path):
    stub.personality = personality
    store, budget = CapabilityStore(tmp_path / "capabilities.json"), Budget(caps=BudgetCaps(max_tokens=cap))
    asker = model(budget=budget, store=store)
    outcomes = await asyncio.gather(*(asker.generate(question(user=f"[px.close] {n}")) for n in range(8)))
    refused = [each for each in outcomes if getattr(each, "cause", None) is AbstentionCause.BUDGET]
    assert len(refused) >= 7
    assert LONG / 2 < budget.booked.tokens < 2 * LONG
    written = json.loads((tmp_path / "capabilities.json").read_text(encoding="utf-8"))["models"]
    assert [entry["keeps_limits"] for entry in written.values()] == [False]


async def test_a_later_process_is_refused_before_its_first_call_and_without_such_a_cap_is_not(
    stub, model, question, tmp_path
):
    stub.personality, path = ignores_limits, tmp_path / "capabilities.json"
    with decision_scope("AAA") as scope:
        await model(budget=Budget(caps=BudgetCaps(max_tokens=CAP)), store=CapabilityStore(path)).generate(question())
    assert [note for note in scope.notes if "ignores the limit on the length of an answer" in note]
    sent, budget = len(stub.requests), Budget(caps=BudgetCaps(max_tokens=CAP))
    outcome = await model(budget=budget, store=CapabilityStore(path)).generate(question(user="[px.close] again"))
    assert outcome.cause is AbstentionCause.BUDGET
    assert "has ignored the limit on the length of an answer" in outcome.reason
    assert (len(stub.requests), budget.booked.tokens) == (sent, 0)
    free = model(budget=Budget(caps=BudgetCaps(max_calls=9)), store=CapabilityStore(path))
    assert (await free.generate(question(user="[px.close] free"))).summary == "up"


async def test_an_endpoint_that_keeps_its_limit_is_asked_again(stub, model, question, tmp_path):
    stub.personality = lambda request: whole(request, request.body["max_tokens"])
    store = CapabilityStore(tmp_path / "capabilities.json")
    asker = model(budget=Budget(caps=BudgetCaps(max_tokens=10 * LONG)), store=store)
    outcomes = await asyncio.gather(*(asker.generate(question(user=f"[px.close] {n}")) for n in range(4)))
    assert {outcome.summary for outcome in outcomes} == {"up"}


def test_an_entry_of_an_earlier_release_is_read(tmp_path):
    path = tmp_path / "capabilities.json"
    CapabilityStore(path).learn("http://a/v1", "m", CapabilityStore().get("", ""))
    document = json.loads(path.read_text(encoding="utf-8"))
    entry = document["models"]["http://a/v1 m"]
    del entry["keeps_limits"]
    entry["seed"] = False
    path.write_text(json.dumps(document), encoding="utf-8")
    assert not CapabilityStore(path).get("http://a/v1", "m").seed
