"""Texts as vectors: by hashing, from an endpoint, and kept for the next time."""

import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from openoutcry.domain.errors import BudgetExceeded, ModelUnavailable
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.embeddings.cache import CachedEmbedder
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.llm.embeddings.remote import BATCH, RemoteEmbedder
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.transports.budget import BudgetedEmbeddings, CallBudget
from openoutcry.llm.transports.embeddings import HttpEmbeddings
from openoutcry.llm.transports.retry_policy import RetryPolicy
from openoutcry.memory.port import Query
from openoutcry.memory.record import Aspect
from pydantic import SecretStr
from stub.http_log import Fault
from stub.server import StubServer

from ..random_memories import (
    CALDR,
    RUN,
    day,
    news,
)

KEY = "sk-thisisverysecret"
HASTY = RetryPolicy(attempts=2, base_wait_s=0.0, max_wait_s=0.0, timeout_s=2.0)


def remote(stub, **more: int):
    budget = CallBudget(Budget(caps=BudgetCaps(**more)))
    http = HttpEmbeddings(
        Endpoint(stub.url, SecretStr(KEY)), HASTY, each_attempt=lambda inner: BudgetedEmbeddings(inner, budget)
    )
    return RemoteEmbedder(http, "tiny")


class Counting(HashingEmbedder):
    """Notes what it was asked."""

    def __init__(self):
        self.asked = []

    def embed(self, texts):
        self.asked += texts
        return super().embed(texts)


def test_hashing_is_frozen_and_of_unit_length():
    vectors = HashingEmbedder().embed(["Orders rise at Caldera", "…", "Orders  RISE, at caldera!"])
    assert [float(np.linalg.norm(row)) for row in vectors] == pytest.approx([1, 0, 1])
    assert np.array_equal(vectors[0], vectors[2])
    signed = np.sign(vectors[0]) * np.arange(384)
    assert signed[signed != 0].astype(int).tolist() == [65, -85, 150, 237, -267, -293, 305]


def test_likeness_follows_words_and_their_order():
    one, same, turned, other = HashingEmbedder().embed(
        ["orders rise and debt falls", "debt falls, orders rise", "debt rise and orders falls", "a strike at the port"]
    )
    assert one @ same > one @ turned > one @ other


def test_an_endpoint_is_asked_in_batches_and_scaled_to_one():
    with StubServer() as stub:
        texts = [f"text {chr(97 + n % 26) * (n % 7 + 1)}" for n in range(BATCH + 3)]
        vectors = remote(stub).embed(texts)
        assert sorted(len(record.body["input"]) for record in stub.requests) == [3, BATCH]
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(BATCH + 3))
        assert np.array_equal(vectors[-1], remote(stub).embed(texts[-1:])[0])


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        ([Fault.error(401, f"bad key {KEY}")], "OPENAI_API_KEY"),
        ([Fault.error(503), Fault.error(503)], "2 attempts"),
        ([Fault.text('{"data": []}')], "invalid vectors"),
    ],
)
def test_no_answer_is_said_without_the_key(faults, why):
    with StubServer() as stub:
        stub.fail(*faults)
        with pytest.raises(ModelUnavailable, match=why) as raised:
            remote(stub).embed(["orders rise"])
        assert KEY not in str(raised.value)


def test_a_passing_fault_is_tried_again_and_an_allowance_is_kept():
    with StubServer() as stub:
        stub.fail(Fault.error(503))
        embedder = remote(stub, max_tokens=5)
        assert embedder.embed(["orders rise"]).shape == (1, 26)
        with pytest.raises(BudgetExceeded):
            embedder.embed(["a text of many more words"])
        assert len(stub.requests) == 2


def test_no_text_is_paid_for_twice(tmp_path):
    inner = Counting()
    first = CachedEmbedder(inner, tmp_path / "kept.db").embed(["a b", "c d", "a b"])
    again = CachedEmbedder(inner, tmp_path / "kept.db").embed(["c d", "e f", "a b"])
    assert inner.asked == ["a b", "c d", "e f"]
    assert np.array_equal(first[[1, 0]], again[[0, 2]])
    (tmp_path / "kept.db").write_bytes(b"ruin" * 999)
    assert np.array_equal(CachedEmbedder(inner, tmp_path / "kept.db").embed(["a b"])[0], first[0])
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "kept.db").execute("SELECT 1 FROM vectors")


def test_what_could_not_be_embedded_is_not_remembered(open_store):
    with StubServer() as stub:
        memory = open_store(embedder=remote(stub))
        stub.fail(Fault.error(401))
        with pytest.raises(ModelUnavailable):
            memory.write([news("orders rise", 0)])
        assert memory.at(day(1), RUN).records() == ()
        memory.write([news("orders rise", 0)])
        assert len(memory.at(day(1), RUN).recall(Query(("orders",), CALDR, frozenset(Aspect)))) == 1


def test_a_view_scores_a_repeated_query_once_and_answers_as_a_new_view_does(open_store):
    embedder = Counting()
    memory = open_store(embedder=embedder)
    memory.write([news(f"orders rise by {n}", n % 5) for n in range(20)])
    query = Query(("orders rise",), CALDR, frozenset(Aspect), tokens=500, limit=6)
    small = replace(query, tokens=5)
    embedder.asked.clear()
    view = memory.at(day(6), RUN)
    first, again, shorter = view.recall(query), view.recall(query), view.recall(small)
    assert embedder.asked == ["orders rise"]
    assert again == first == memory.at(day(6), RUN).recall(query)
    assert shorter == memory.at(day(6), RUN).recall(small)
    assert len(shorter) < len(first)
