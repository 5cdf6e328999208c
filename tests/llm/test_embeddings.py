"""Embeddings of an endpoint: concurrent batches, rate limits, budgets, and use inside a running event loop."""

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest
from openoutcry.domain.errors import BudgetExceeded, ModelUnavailable
from openoutcry.llm.budget import Budget, BudgetCaps, Spending
from openoutcry.llm.embeddings.recorded import RecordingEmbedder, ReplayEmbedder
from openoutcry.llm.embeddings.remote import BATCH, RemoteEmbedder
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.recording import EntryKind, RecordingStore
from openoutcry.llm.replay import Player, Recorder, ReplayMismatch
from openoutcry.llm.transports.budget import BudgetedEmbeddings, CallBudget
from openoutcry.llm.transports.embeddings import HttpEmbeddings, LimitedEmbeddings
from openoutcry.llm.transports.limiter import RateLimits, RequestLimiter
from openoutcry.llm.transports.retry_policy import RetryPolicy
from pydantic import SecretStr
from stub.http_log import Fault

TEXTS = [f"text number {n}" for n in range(3 * BATCH + 1)]
POLICY = RetryPolicy(attempts=2, base_wait_s=0.0, timeout_s=5)


@dataclass
class Setup:
    """An embedder and its budget."""

    embedder: RemoteEmbedder
    budget: Budget


@pytest.fixture
async def made(stub, naps):
    opened = []

    def make(parallel=8, policy=POLICY, **caps):
        budget, limiter = Budget("run", BudgetCaps(**caps)), RequestLimiter(RateLimits(parallel))
        http = HttpEmbeddings(
            Endpoint(stub.url, SecretStr("")),
            policy,
            sleep=naps,
            each_attempt=lambda inner: LimitedEmbeddings(BudgetedEmbeddings(inner, CallBudget(budget)), limiter),
        )
        opened.append(http)
        return Setup(RemoteEmbedder(http, "tiny"), budget)

    yield make
    for http in opened:
        await http.aclose()


async def test_batches_are_requested_concurrently_and_rows_stay_in_order(stub, made):
    setup = made()
    vectors = await setup.embedder.embed_async(TEXTS)
    assert sorted(len(record.body["input"]) for record in stub.requests) == [1, BATCH, BATCH, BATCH]
    assert len({record.connection for record in stub.requests}) > 1
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    alone = await made().embedder.embed_async(TEXTS[-1:])
    assert np.array_equal(vectors[-1], alone[0])


async def test_the_event_loop_goes_on_while_vectors_are_awaited(stub, made):
    stub.fail(Fault.error(503))
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(tick())
    setup = made()
    await setup.embedder.embed_async(TEXTS[:1])
    other.cancel()
    assert ticks > 10


async def test_the_blocking_call_works_inside_a_running_event_loop(made):
    assert made().embedder.embed(TEXTS[:2]).shape == (2, 26)


async def test_the_limit_of_concurrent_requests_holds_for_batches(stub, made):
    setup = made(parallel=1)
    await setup.embedder.embed_async(TEXTS)
    assert len({record.connection for record in stub.requests}) == 1


async def test_batches_that_do_not_fit_into_the_budget_are_not_sent(stub, made):
    setup = made(max_calls=2)
    with pytest.raises(BudgetExceeded, match="budget of 2 model calls"):
        await setup.embedder.embed_async(TEXTS)
    assert len(stub.requests) <= 2


async def test_reported_tokens_are_booked_and_an_unanswered_request_is_estimated(stub, made):
    setup = made()
    await setup.embedder.embed_async(["x" * 400])
    assert setup.budget.booked == Spending(1, 100)
    stub.fail(*[Fault.hang()] * 2)
    slow = made(policy=RetryPolicy(attempts=2, base_wait_s=0.0, timeout_s=0.1))
    with pytest.raises(ModelUnavailable, match="within"):
        await slow.embedder.embed_async(["x" * 300])
    assert slow.budget.booked == Spending(2, 200)


def test_vectors_are_replayed_exactly_and_an_unknown_text_is_named(made, tmp_path):
    store = RecordingStore(tmp_path / "recordings.db")
    recording = RecordingEmbedder(made().embedder, Recorder(store, "run"))
    vectors = recording.embed(["orders rise", "debt falls", "a third text"])
    player = Player(store.entries("run"), "the recording of run")
    replay = ReplayEmbedder(recording.name, player)
    assert np.array_equal(replay.embed(["debt falls", "orders rise"]), vectors[[1, 0]])
    assert replay.embed(["debt falls"]).dtype == np.float32
    with pytest.raises(ReplayMismatch, match=r'at /text: recorded "orders rise", asked "orders rose"'):
        replay.embed(["orders rose"])
    with pytest.raises(ReplayMismatch):
        player.check()
    assert {entry.kind for entry in store.entries("run")} == {EntryKind.EMBEDDING}
    store.close()
