"""Nested budgets: reservations, settlements, and what failed attempts leave booked."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import BudgetExceeded
from openoutcry.domain.outputs import Report
from openoutcry.llm.budget import Budget, BudgetCaps, Spending
from openoutcry.llm.chat import ChatRequest, Parameters
from openoutcry.llm.completion import Completion
from openoutcry.llm.messages import Message
from openoutcry.llm.pricing import Price
from openoutcry.llm.schema import answer_schema
from openoutcry.llm.transports.budget import BudgetTransport, CallBudget
from openoutcry.llm.transports.retry_policy import RetryPolicy
from stub.http_log import Fault, Reply

LEVELS = ("experiment", "account", "session", "run", "call")
PRICE = Price(Decimal(2), Decimal("0.5"), Decimal(8), date(2025, 3, 3))
GOOD = '{"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}'


class Held:
    """An endpoint that answers, with the presumed tokens, when it is released."""

    def __init__(self):
        self.asked, self.released = 0, asyncio.Event()

    async def complete(self, request):
        self.asked += 1
        await self.released.wait()
        return Completion(Message("{}", "", "", "stop", ()), request.presumed_tokens)

    async def open(self):
        pass

    async def aclose(self):
        pass


def chat(**changes):
    given = {"parameters": Parameters(max_tokens=50), **changes}
    return ChatRequest("role", "m", "system", "user", answer_schema(Report), **given)


def cost_of(request):
    """Return what a call can cost at PRICE, computed apart from the code: no prompt token is cached."""
    tokens = request.presumed_tokens
    return (Decimal(tokens.prompt) * 2 + Decimal(tokens.completion) * 8) / 10**6


@pytest.mark.parametrize("level", LEVELS[:-1])
@pytest.mark.parametrize("unit", ["calls", "tokens", "usd"])
async def test_of_eight_concurrent_calls_with_room_for_three_exactly_three_are_sent(level, unit):
    tokens = chat().presumed_tokens
    room = {
        "calls": BudgetCaps(max_calls=3),
        "tokens": BudgetCaps(max_tokens=3 * (tokens.prompt + tokens.completion) + 1),
        "usd": BudgetCaps(max_cost_usd=3 * cost_of(chat()) + Decimal("0.0000001")),
    }[unit]
    budget = None
    for name in LEVELS[:-1]:
        budget = Budget(name, room if name == level else BudgetCaps(), budget)
    held = Held()
    transport = BudgetTransport(held, CallBudget(budget, {"m": PRICE}))
    calls = [asyncio.create_task(transport.complete(chat(sample=n))) for n in range(8)]
    async with asyncio.timeout(5):
        while sum(call.done() for call in calls) < 5:
            await asyncio.sleep(0)
    assert held.asked == 3
    held.released.set()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetExceeded)]
    assert len(refused) == 5
    assert f"the {level}'s budget" in str(refused[0])
    assert budget.booked.calls == 3


AMOUNTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 900), st.integers(0, 900), st.sampled_from("skr")), max_size=60
)
CAPS = st.lists(
    st.tuples(st.none() | st.integers(1, 9), st.none() | st.integers(1, 4000), st.none() | st.integers(1, 4000)),
    min_size=1, max_size=5,
)  # fmt: skip


@given(CAPS, AMOUNTS)
def test_no_level_exceeds_its_cap_and_every_level_has_the_sum_of_those_inside_it(caps, amounts):
    """Reserve at random levels and settle by less, by the whole or by nothing; compare with plain sums."""
    levels, parent = [], None
    for place, (calls, tokens, usd) in enumerate(caps):
        parent = Budget(f"level {place}", BudgetCaps(calls, tokens, None if usd is None else Decimal(usd)), parent)
        levels.append(parent)
    spent = [Spending() for _ in levels]
    for place, tokens, usd, how in amounts:
        own, amount = place % len(levels), Spending(1, tokens, Decimal(usd))
        fits = all(_fits(spent[n] + amount, levels[n].caps, spent[n]) for n in range(own + 1))
        try:
            reservation = levels[own].reserve(amount)
        except BudgetExceeded:
            assert not fits
            continue
        assert fits
        actual = {"s": Spending(1, tokens // 2, Decimal(usd) / 2), "k": amount, "r": Spending()}[how]
        {"s": lambda r=reservation, a=actual: r.settle(a), "k": reservation.keep, "r": reservation.release}[how]()
        reservation.keep()  # a second settlement changes nothing
        spent = [total + actual if n <= own else total for n, total in enumerate(spent)]
    assert [level.booked for level in levels] == spent


def _fits(after, caps, before):
    pairs = (
        (caps.max_calls, after.calls, before.calls),
        (caps.max_tokens, after.tokens, before.tokens),
        (caps.max_cost_usd, after.usd, before.usd),
    )
    return all(cap is None or (total <= cap and was < cap) for cap, total, was in pairs)


@pytest.mark.parametrize("level", LEVELS)
async def test_a_budget_in_usd_stops_within_one_call_of_its_cap(stub, model, question, level):
    stub.responder = lambda _: Reply(GOOD, usage={"prompt_tokens": 200, "completion_tokens": 50})
    price = (Decimal(200) * 2 + Decimal(50) * 8) / 10**6
    budget, cap = None, 5 * price
    for name in LEVELS:
        budget = Budget(name, BudgetCaps(max_cost_usd=cap) if name == level else BudgetCaps(), budget)
    asker = model(budget=budget, prices={"quick-1": PRICE}, parameters=Parameters(max_tokens=50))
    outcomes = [await asker.generate(question(user=f"{n}")) for n in range(8)]
    answered = [not isinstance(outcome, Abstention) for outcome in outcomes]
    assert answered == sorted(answered, reverse=True)
    assert 4 <= sum(answered) <= 5
    assert cap - price <= budget.booked.usd <= cap
    assert outcomes[-1].cause is AbstentionCause.BUDGET


async def test_a_cap_of_each_attempt_refuses_a_call_that_is_too_large(stub):
    budget = CallBudget(Budget(), each=BudgetCaps(max_tokens=40))
    with pytest.raises(BudgetExceeded, match="the call's budget of 40 model tokens has 40 left"):
        await BudgetTransport(Held(), budget).complete(chat())


async def test_cached_tokens_are_settled_at_their_own_price(stub, model, question):
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 600}}
    stub.reply(Reply(GOOD, usage=usage))
    budget = Budget()
    await model(budget=budget, prices={"quick-1": PRICE}).generate(question())
    assert budget.booked == Spending(1, 1100, Decimal("0.0008") + Decimal("0.0003") + Decimal("0.0008"))


async def test_a_model_without_a_price_is_not_called_under_a_budget_in_usd(stub, model, question):
    outcome = await model(budget=Budget(caps=BudgetCaps(max_cost_usd=Decimal(1)))).generate(question())
    assert outcome.cause is AbstentionCause.BUDGET
    assert "quick-1 has no price" in outcome.reason
    assert not stub.requests


@pytest.mark.parametrize(
    ("fault", "booked"),
    [
        (Fault.hang(), True),
        (Fault.reset(), True),
        (Fault.truncated(), True),
        (Fault.broken_stream(), True),
        (Fault.error(401), False),
        (Fault.error(429), False),
        (Fault.error(500), False),
    ],
)
async def test_a_failed_attempt_stays_booked_if_the_endpoint_may_have_charged_it(stub, model, question, fault, booked):
    stub.fail(*[fault] * 2)
    budget = Budget()
    asker = model(budget=budget, retry_policy=RetryPolicy(attempts=2, timeout_s=0.1))
    assert (await asker.generate(question())).cause is AbstentionCause.MODEL
    sent = len(stub.requests)
    assert budget.booked.calls == (sent if booked else 0)
    assert (budget.booked.tokens >= sent * 15) is booked
    assert budget.reserve(Spending()).amount == Spending()


async def test_an_attempt_that_never_reached_the_endpoint_costs_nothing(model, question):
    budget = Budget()
    outcome = await model("http://127.0.0.1:9/v1", budget=budget).generate(question())
    assert outcome.cause is AbstentionCause.MODEL
    assert budget.booked == Spending()


async def test_nothing_is_retried_into_a_used_up_budget(stub, model, question):
    stub.fail(*[Fault.hang()] * 3)
    asker = model(budget=Budget(caps=BudgetCaps(max_calls=2)), retry_policy=RetryPolicy(attempts=3, timeout_s=0.05))
    assert (await asker.generate(question())).cause is AbstentionCause.BUDGET
    assert len(stub.requests) == 2


async def test_a_call_at_the_deadline_stays_booked_with_its_reservation(stub, model, question):
    from openoutcry.llm.scope import decision_scope

    stub.fail(Fault.hang())
    budget = Budget()
    asker = model(budget=budget, parameters=Parameters(max_tokens=70))
    with decision_scope("AAA", 0.1):
        assert (await asker.generate(question())).cause is AbstentionCause.MODEL
    assert budget.booked.calls == 1
    assert budget.booked.tokens > 70


@given(st.text(max_size=400))
def test_the_presumed_prompt_counts_a_token_for_three_bytes_of_any_script(text):
    presumed = chat().presumed_tokens
    larger = ChatRequest("role", "m", "system", "user" + text, answer_schema(Report)).presumed_tokens
    assert larger.prompt - presumed.prompt >= len(text.encode("utf-8", "replace")) // 3
    assert (presumed.completion, larger.completion) == (50, 4000)
