"""Tokens that an endpoint bills beyond the limit on an answer overdraw a budget by one call at most."""

import asyncio
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.abstention import AbstentionCause
from openoutcry.domain.errors import BudgetExceeded
from openoutcry.domain.outputs import Report
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.capabilities import Capabilities
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.chat import ChatRequest, Parameters
from openoutcry.llm.completion import TokenUsage
from openoutcry.llm.pricing import Price
from openoutcry.llm.request_body import request_body
from openoutcry.llm.schema import answer_schema
from openoutcry.llm.transports.answer_limit import AnswerLimitTransport
from openoutcry.llm.transports.budget import BudgetTransport, CallBudget
from openoutcry.llm.transports.errors import EndpointOutage
from openoutcry.llm.transports.failures import AttemptFailed, Failure
from openoutcry.llm.transports.kept_limits import (
    AnswerLimits,
    EndpointLimits,
    KeptLimitsTransport,
    MeasuredTransport,
)
from openoutcry.llm.transports.negotiated import NegotiatedTransport
from openoutcry.llm.transports.readers import reply_reader
from stub.http_log import Fault

URL = "http://endpoint/v1"
LIMIT, VISIBLE, HIDDEN, PROMPT = 100, 20, 5000, 30
CALLS = 8
PRICE = Price(Decimal(2), Decimal(1), Decimal(8), date(2025, 3, 3))
SHAPES = {
    "inside_completion": lambda hidden: {"prompt_tokens": PROMPT, "completion_tokens": VISIBLE + hidden},
    "reasoning_outside_completion": lambda hidden: {
        "prompt_tokens": PROMPT,
        "completion_tokens": VISIBLE,
        "completion_tokens_details": {"reasoning_tokens": hidden},
    },
    "total_above_the_parts": lambda hidden: {
        "prompt_tokens": PROMPT,
        "completion_tokens": VISIBLE,
        "total_tokens": PROMPT + VISIBLE + hidden,
    },
    "total_without_parts": lambda hidden: {"total_tokens": PROMPT + VISIBLE + hidden},
    "prompt": lambda hidden: {"prompt_tokens": PROMPT + hidden, "completion_tokens": VISIBLE},
    "none": lambda hidden: None,
}
ABOVE_THE_LIMIT = [name for name in SHAPES if name not in ("prompt", "none")]


class Bills:
    """An endpoint that answers when it is released, in bytes that are read as those of a connection are."""

    def __init__(self, usage, *, text="x" * VISIBLE * 4, held=False):
        self.usage, self.text, self.finish, self.failures = usage, text, "stop", 0
        self.sent = self.running = self.most = 0
        self._released = asyncio.Semaphore(0 if held else 10**6)

    def release(self, calls=10**3):
        for _ in range(calls):
            self._released.release()

    async def complete(self, request):
        self.sent, self.running = self.sent + 1, self.running + 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(0)
            await self._released.acquire()
            if self.failures:
                self.failures -= 1
                raise AttemptFailed(Failure("failed", "", transient=False))
        finally:
            self.running -= 1
        body = request_body(request)
        reader = reply_reader(body, request)
        for chunk in self._stream() if body.get("stream") else [json.dumps(self._whole()).encode()]:
            if not reader.is_complete:
                reader.feed(chunk)
        return reader.completion()

    def _whole(self):
        message = {"role": "assistant", "content": self.text}
        reply = {"choices": [{"message": message, "finish_reason": self.finish}]}
        return reply | ({"usage": self.usage} if self.usage else {})

    def _stream(self):
        deltas = [{"content": self.text[n : n + 8]} for n in range(0, len(self.text), 8)]
        chunks = [{"choices": [{"delta": delta}]} for delta in deltas]
        chunks.append({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        if self.usage:
            chunks.append({"choices": [], "usage": self.usage})
        for chunk in chunks:
            yield b"data: " + json.dumps(chunk).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"

    async def open(self):
        pass

    async def aclose(self):
        pass


def chat(sample=0):
    return ChatRequest(
        "role", "m", "system", "user", answer_schema(Report), parameters=Parameters(max_tokens=LIMIT), sample=sample
    )


def chain(endpoint, budget, *, streamed=True, shared=None):
    store = CapabilityStore()
    store.learn(URL, "m", Capabilities(stream=streamed))
    spent, limits = CallBudget(budget, {"m": PRICE}), EndpointLimits(URL, store, shared or AnswerLimits())
    attempt = MeasuredTransport(BudgetTransport(endpoint, spent), limits)
    return AnswerLimitTransport(KeptLimitsTransport(NegotiatedTransport(attempt, URL, store), limits), spent)


def caps_for(unit, calls):
    """Return caps with room for so many reservations; an answer costs less than one unless it has hidden tokens."""
    most = chat().presumed_tokens
    if unit == "tokens":
        return BudgetCaps(max_tokens=calls * (most.prompt + most.completion))
    return BudgetCaps(max_cost_usd=calls * PRICE.cost(most))


async def asked(*transports):
    calls = [transports[n % len(transports)].complete(chat(n)) for n in range(CALLS)]
    return await asyncio.gather(*calls, return_exceptions=True)


async def started(endpoint, running):
    async with asyncio.timeout(5):
        while endpoint.running < running:
            await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize("shape", ABOVE_THE_LIMIT)
@pytest.mark.parametrize("streamed", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("unit", ["tokens", "usd"])
@pytest.mark.parametrize("calls", [8, 1000], ids=["small_cap", "large_cap"])
async def test_the_first_call_is_alone_and_no_other_one_is_sent(shape, streamed, unit, calls):
    endpoint, budget = Bills(SHAPES[shape](HIDDEN)), Budget(caps=caps_for(unit, calls))
    outcomes = await asked(chain(endpoint, budget, streamed=streamed))
    assert endpoint.sent == 1
    assert [isinstance(outcome, BudgetExceeded) for outcome in outcomes] == [False] + [True] * (CALLS - 1)
    assert PROMPT + HIDDEN <= budget.booked.tokens <= PROMPT + HIDDEN + VISIBLE
    assert any("ignores the limit" in note for note in outcomes[0].notes)


async def test_prompts_that_are_billed_above_their_reservation_are_sent_one_at_a_time():
    endpoint, budget = Bills(SHAPES["prompt"](HIDDEN)), Budget(caps=BudgetCaps(max_tokens=3 * HIDDEN))
    outcomes = await asked(chain(endpoint, budget))
    assert (endpoint.sent, endpoint.most) == (3, 1)
    assert budget.booked.tokens == 3 * (PROMPT + HIDDEN + VISIBLE)
    assert sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes) == CALLS - 3


@given(
    shape=st.sampled_from(sorted(SHAPES)),
    streamed=st.booleans(),
    hidden=st.sampled_from([0, 1, 79, 80, 81, 300, HIDDEN]),
    written=st.integers(1, 900),
    cap=st.integers(1, 20_000),
    first_fails=st.booleans(),
)
@settings(max_examples=80)
def test_spending_exceeds_the_cap_by_the_excess_of_one_call_at_most(shape, streamed, hidden, written, cap, first_fails):
    async def outcomes():
        endpoint, budget = Bills(SHAPES[shape](hidden), text="x" * written), Budget(caps=BudgetCaps(max_tokens=cap))
        endpoint.failures = int(first_fails)
        await asked(chain(endpoint, budget, streamed=streamed))
        return endpoint, budget

    endpoint, budget = asyncio.run(outcomes())
    alone = Budget()
    asyncio.run(chain(Bills(endpoint.usage, text=endpoint.text), alone, streamed=streamed).complete(chat()))
    most = chat().presumed_tokens
    excess = max(0, alone.booked.tokens - most.prompt - most.completion)
    assert budget.booked.tokens <= cap + excess
    assert budget.booked.tokens <= cap or endpoint.most == 1


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "prompt"])
async def test_the_others_wait_for_the_first_and_then_run_together(shape):
    endpoint, budget = Bills(SHAPES[shape](10), held=True), Budget(caps=caps_for("tokens", 100))
    transport = chain(endpoint, budget)
    calls = asyncio.gather(*(transport.complete(chat(n)) for n in range(CALLS)))
    await started(endpoint, 1)
    assert endpoint.running == 1
    endpoint.release(1)
    await started(endpoint, CALLS - 1)
    endpoint.release(CALLS - 1)
    await calls
    later = asyncio.gather(*(transport.complete(chat(n)) for n in range(CALLS)))
    await started(endpoint, CALLS)
    endpoint.release()
    await later


async def test_answers_in_one_piece_run_together_after_one_has_ended_at_its_limit():
    endpoint, budget = Bills(SHAPES["inside_completion"](10)), Budget(caps=caps_for("tokens", 100))
    transport = chain(endpoint, budget, streamed=False)
    await asked(transport)
    assert endpoint.most == 1
    endpoint.finish, endpoint.usage = "length", SHAPES["inside_completion"](LIMIT - VISIBLE)
    await transport.complete(chat())
    await asked(transport)
    assert endpoint.most == CALLS


@pytest.mark.parametrize("caps", [BudgetCaps(), BudgetCaps(max_calls=99)], ids=["none", "calls"])
async def test_without_a_cap_in_tokens_or_money_nothing_waits(caps):
    endpoint = Bills(SHAPES["inside_completion"](HIDDEN), held=True)
    calls = asyncio.ensure_future(asked(chain(endpoint, Budget(caps=caps))))
    await started(endpoint, CALLS)
    endpoint.release()
    assert not any(isinstance(outcome, BaseException) for outcome in await calls)


async def test_a_call_that_fails_or_is_canceled_lets_the_next_one_go_alone():
    endpoint, budget = Bills(SHAPES["inside_completion"](0), held=True), Budget(caps=caps_for("tokens", 100))
    transport = chain(endpoint, budget)
    calls = [asyncio.create_task(transport.complete(chat(n))) for n in range(5)]
    await started(endpoint, 1)
    calls[1].cancel()  # while it waits
    calls[0].cancel()
    await asyncio.wait(calls[:2])
    await started(endpoint, 1)
    assert (endpoint.sent, endpoint.running) == (2, 1)
    endpoint.failures = 1
    endpoint.release()
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["CancelledError", "CancelledError", "AttemptFailed", "Completion", "Completion"]
    assert endpoint.most == 1


async def test_two_runs_of_a_process_share_what_is_known():
    endpoint, budget = Bills(SHAPES["inside_completion"](HIDDEN)), Budget(caps=caps_for("tokens", 8))
    shared = AnswerLimits()
    await asked(*(chain(endpoint, budget.child(name), shared=shared) for name in ("one", "two")))
    assert endpoint.sent == 1


async def test_an_answer_that_is_cut_off_does_not_show_what_is_billed():
    endpoint, budget = Bills(None, text="x" * LIMIT * 40), Budget(caps=caps_for("tokens", 100))
    transport = chain(endpoint, budget)
    await asked(transport)
    assert endpoint.most == 1
    endpoint.text, endpoint.usage = "x" * VISIBLE, SHAPES["inside_completion"](HIDDEN)
    await asked(transport)
    assert endpoint.sent == CALLS + 1


async def test_a_failed_attempt_that_was_billed_above_the_limit_is_not_repeated(stub, model, question):
    chunks = [{"choices": [{"delta": {"content": "{"}}]}, {"choices": [], "usage": SHAPES["prompt"](0)}]
    chunks[1]["usage"]["completion_tokens"] = 90_000
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    stub.personality = lambda _: Fault("status", 200, {"content-type": "text/event-stream"}, body)
    budget = Budget(caps=BudgetCaps(max_tokens=10**7))
    asker = model(budget=budget)
    outcomes = await asyncio.gather(*(asker.generate(question(user=f"[px.close] {n}")) for n in range(CALLS)))
    assert [outcome.cause for outcome in outcomes].count(AbstentionCause.BUDGET) == CALLS - 1
    assert len(stub.requests) == 1
    assert budget.booked.tokens == 90_000 + PROMPT


class Down:
    """An endpoint that refuses connections."""

    def __init__(self):
        self.sent = 0

    async def complete(self, request):
        self.sent += 1
        await asyncio.sleep(0)
        raise EndpointOutage(f"refused {self.sent}", TokenUsage(1, 0, 1, estimated=True))


@pytest.mark.parametrize(("has_fallback", "sent"), [(True, 1), (False, CALLS)])
async def test_requests_that_wait_for_an_outage_meet_it_once_if_another_endpoint_answers(has_fallback, sent):
    down, limits = Down(), EndpointLimits(URL, CapabilityStore(), AnswerLimits())
    spent = CallBudget(Budget("run", caps_for("tokens", 100)), {"m": PRICE})
    first = AnswerLimitTransport(KeptLimitsTransport(down, limits, has_fallback=has_fallback), spent)
    failed = await asyncio.gather(*(first.complete(chat(n)) for n in range(CALLS)), return_exceptions=True)
    assert down.sent == sent
    assert {type(each) for each in failed} == {EndpointOutage}
    assert sum(each.lost.completion for each in failed) == sent, "only requests that were sent lost tokens"
    with pytest.raises(EndpointOutage):
        await first.complete(chat(CALLS))
    assert down.sent == sent + 1, "a later request tries the endpoint again"
