"""Budgets cannot be exceeded by long answers: their length is limited to what is reserved."""

import asyncio
import json
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.chat import Parameters
from openoutcry.llm.pricing import Price
from stub.http_log import Fault, Reply
from stub.personalities import strict

RESERVED = 4000
PRICE = Price(Decimal(2), Decimal(1), Decimal(8), date(2025, 3, 3))
GOOD = {"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}
CAPS = {"tokens": BudgetCaps(max_tokens=30_000), "USD": BudgetCaps(max_cost_usd=Decimal("0.2"))}


def limit_of(request):
    return request.body.get("max_tokens", request.body.get("max_completion_tokens"))


def writes_as_much_as_it_may(request):
    """Answer with as many tokens as the request allows, or 100,000 of them."""
    allowed = limit_of(request) or 100_000
    usage = {"prompt_tokens": len(json.dumps(request.body)) // 4, "completion_tokens": allowed}
    return Reply(json.dumps(GOOD), usage=usage)


@pytest.mark.parametrize("unit", CAPS)
async def test_parallel_answers_of_any_length_stay_within_the_budget(stub, model, question, unit):
    stub.responder = writes_as_much_as_it_may
    budget, caps = Budget(caps=CAPS[unit]), CAPS[unit]
    asker = model(budget=budget, prices={"quick-1": PRICE})
    outcomes = await asyncio.gather(*(asker.generate(question(user=f"[px.close] {n}")) for n in range(20)))
    refused = [outcome for outcome in outcomes if getattr(outcome, "cause", None) is AbstentionCause.BUDGET]
    assert refused
    assert len(refused) < 20
    assert {limit_of(request) for request in stub.chats} == {RESERVED}
    assert budget.booked.tokens <= (caps.max_tokens or budget.booked.tokens)
    assert budget.booked.usd <= (caps.max_cost_usd or budget.booked.usd)


@pytest.mark.parametrize("caps", [BudgetCaps(), BudgetCaps(max_calls=9)])
async def test_without_a_cap_in_tokens_or_money_no_limit_is_sent(stub, model, question, caps):
    await model(budget=Budget(caps=caps)).generate(question())
    assert [limit_of(request) for request in stub.chats] == [None]


async def test_a_limit_of_the_settings_is_sent_as_it_is(stub, model, question):
    await model(budget=Budget(caps=CAPS["tokens"]), parameters=Parameters(max_tokens=70)).generate(question())
    assert [limit_of(request) for request in stub.chats] == [70]


async def test_the_name_that_the_endpoint_accepts_is_used(stub, model, question):
    stub.personality = strict
    asker = model(budget=Budget(caps=CAPS["tokens"]))
    await asker.generate(question())
    assert stub.chats[-1].body["max_completion_tokens"] == RESERVED
    assert "max_tokens" not in stub.chats[-1].body


async def test_an_endpoint_without_a_limit_is_used_and_named(stub, model, question):
    from openoutcry.llm.scope import decision_scope

    stub.responder = lambda _: Reply(json.dumps(GOOD))
    stub.personality = lambda request: (
        Fault.error(400, "Unsupported parameter: max_tokens and max_completion_tokens") if limit_of(request) else None
    )
    with decision_scope("AAA") as scope:
        answer = await model(budget=Budget(caps=CAPS["tokens"])).generate(question())
    assert answer.summary == "up"
    assert [note for note in scope.notes if "no limit on the length of an answer" in note]


async def test_the_limit_does_not_change_the_key_of_a_call(stub, model, question, log):
    stub.responder = lambda _: Reply(json.dumps(GOOD))
    await model().generate(question())
    await model(budget=Budget(caps=CAPS["tokens"])).generate(question())
    assert len(stub.requests) == 1
    assert len(log.calls()) == 1


def refuses_limits(request):
    return (
        Fault.error(400, "Unsupported parameter: max_tokens and max_completion_tokens") if limit_of(request) else None
    )


def refuses_limits_and_streams(request):
    if request.body.get("stream"):
        return Fault.error(400, "stream is not supported by this model")
    return refuses_limits(request)


LONG = {"summary": "up " * 20_000, "confidence": 0.6, "evidence": ["px.close"]}


@pytest.mark.parametrize("personality", [None, refuses_limits], ids=["ignored", "refused"])
@pytest.mark.parametrize("unit", CAPS)
async def test_a_long_answer_is_cut_off_where_its_reservation_ends(stub, model, question, log, unit, personality):
    stub.responder = lambda _: Reply(json.dumps(LONG))
    stub.personality = personality
    budget, caps = Budget(caps=CAPS[unit]), CAPS[unit]
    asker = model(budget=budget, prices={"quick-1": PRICE})
    outcomes = [await asker.generate(question(user=f"[px.close] {n}")) for n in range(8)]
    assert {outcome.cause for outcome in outcomes} == {AbstentionCause.ANSWER, AbstentionCause.BUDGET}
    assert "cut off at the length limit" in outcomes[0].reason
    stored = sum(call.prompt_tokens + call.completion_tokens for call in log.calls())
    assert 0 < stored <= (caps.max_tokens or stored)
    assert budget.booked.tokens <= (caps.max_tokens or budget.booked.tokens)
    assert budget.booked.usd <= (caps.max_cost_usd or budget.booked.usd)


async def test_an_endpoint_that_neither_limits_nor_streams_is_refused_under_a_cap(stub, model, question):
    stub.responder = lambda _: Reply(json.dumps(LONG))
    stub.personality = refuses_limits_and_streams
    budget = Budget(caps=CAPS["tokens"])
    outcome = await model(budget=budget).generate(question())
    assert outcome.cause is AbstentionCause.BUDGET
    assert "neither limits the length of an answer nor streams it" in outcome.reason
    assert budget.booked.tokens == 0
    stub.responder = lambda _: Reply(json.dumps(GOOD))
    assert (await model(budget=Budget(caps=BudgetCaps(max_calls=9))).generate(question())).summary == "up"


async def test_an_answer_within_the_limit_is_read_to_its_end(stub, model, question):
    stub.responder = lambda _: Reply(json.dumps(GOOD | {"summary": "up " * 1_000}))
    budget = Budget(caps=CAPS["tokens"])
    answer = await model(budget=budget).generate(question())
    assert answer.summary == "up " * 1_000
    assert stub.chats[-1].body["stream"] is True
