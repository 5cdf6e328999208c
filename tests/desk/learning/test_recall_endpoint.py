"""Recall with an embedder at an endpoint: other agents proceed, and equal situations share one request."""

import asyncio

import pytest
from openoutcry.agents.recall import ALL_ASPECTS, MOST_PARTS, WHOLE
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.embeddings.cache import CachedEmbedder
from openoutcry.llm.embeddings.remote import RemoteEmbedder
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.transports.budget import BudgetedEmbeddings, CallBudget
from openoutcry.llm.transports.embeddings import HttpEmbeddings
from openoutcry.llm.transports.retry_policy import RetryPolicy
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.store import FileMemoryStore
from pydantic import SecretStr
from stub.http_log import Fault
from stub.server import StubServer

from tests.memory.random_memories import CALDR, RUN, day, news

POLICY = RetryPolicy(attempts=1, base_wait_s=0.0, timeout_s=5)


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


@pytest.fixture
def desk_of(stub, tmp_path):
    """Return a function that opens a memory with an embedder at the stub, under caps."""
    opened = []

    def make(**caps):
        budget = CallBudget(Budget("run", BudgetCaps(**caps)))
        http = HttpEmbeddings(
            Endpoint(stub.url, SecretStr("")), POLICY, each_attempt=lambda inner: BudgetedEmbeddings(inner, budget)
        )
        embedder = CachedEmbedder(RemoteEmbedder(http, "tiny"), tmp_path / f"vectors-{len(opened)}.db")
        opened.append(FileMemoryStore(tmp_path / f"memory-{len(opened)}", embedder, DEFAULT))
        return DeskMemory(opened[-1], RUN)

    yield make
    for store in opened:
        store.close()


def ids(recalled):
    return [each.record.id for each in recalled]


async def test_other_agents_proceed_and_equal_situations_are_embedded_once(stub, desk_of, context):
    memory = desk_of()
    memory.keeper.write([news(f"orders rise by {n}", n % 5) for n in range(4)])
    stub.requests.clear()
    steps = 0

    async def other_agent():
        nonlocal steps
        while True:
            steps += 1
            await asyncio.sleep(0)

    working = asyncio.create_task(other_agent())
    recall = memory.recall(day(6), CALDR, []).without_blocking
    bull, bear, trader = await asyncio.gather(
        *(recall(context, ALL_ASPECTS, share) for share in (MOST_PARTS, MOST_PARTS, WHOLE))
    )
    working.cancel()
    assert len(stub.requests) == 1
    assert steps > 10, "with one request under way, the loop goes on"
    assert bull
    assert ids(bull) == ids(bear) == ids(trader)


async def test_recall_without_blocking_returns_what_the_blocking_recall_returns(desk_of, context):
    one, other = desk_of(), desk_of()
    for memory in (one, other):
        memory.keeper.write([news(f"orders rise by {n}", n % 5) for n in range(4)])
    waited = await one.recall(day(6), CALDR, []).without_blocking(context, ALL_ASPECTS, WHOLE)
    assert waited == other.recall(day(6), CALDR, [])(context, ALL_ASPECTS, WHOLE)


async def test_an_endpoint_that_fails_is_asked_once_and_named(stub, desk_of, context):
    memory = desk_of()
    memory.keeper.write([news("orders rise", 1)])
    stub.requests.clear()
    stub.fail(*[Fault.error(503)] * 3)
    warnings = []
    recall = memory.recall(day(6), CALDR, warnings).without_blocking
    assert await asyncio.gather(*(recall(context, ALL_ASPECTS, WHOLE) for _ in range(3))) == [(), (), ()]
    assert len(stub.requests) == 1
    assert len(warnings) == 1
    assert warnings[0].startswith("nothing was recalled: ")


async def test_a_spent_budget_recalls_nothing_and_sends_nothing(stub, desk_of, context):
    memory = desk_of(max_calls=1)
    memory.keeper.write([news("orders rise", 1)])
    warnings = []
    recall = memory.recall(day(6), CALDR, warnings).without_blocking
    assert await recall(context, ALL_ASPECTS, WHOLE) == ()
    assert len(stub.requests) == 1, "that of the write"
    assert "budget of 1 model calls" in warnings[0]


async def test_records_are_embedded_before_they_are_written(stub, desk_of):
    memory = desk_of()
    records = [news(f"debt falls by {n}", 1) for n in range(3)]
    steps = 0

    async def other_agent():
        nonlocal steps
        while True:
            steps += 1
            await asyncio.sleep(0)

    working = asyncio.create_task(other_agent())
    await memory.keeper.prepare(records)
    before = steps
    memory.keeper.write(records)
    working.cancel()
    assert before > 10
    assert len(stub.requests) == 1
