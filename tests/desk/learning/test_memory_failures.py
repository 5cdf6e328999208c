"""A memory that fails, or that another keeps: it costs no decision, and nothing is learned twice."""

import threading

import pytest
from desk_factory import rules, scripted, taken
from memory_desk import (
    MONTHS,
    citing_news,
    lived,
    records,
    remembering,
)
from openoutcry.domain.errors import ModelUnavailable, StoreLocked
from openoutcry.domain.outputs import Lesson
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.record import Source
from openoutcry.memory.store import FileMemoryStore
from scripted_answers import TICKER


class Falling(HashingEmbedder):
    """An embedder whose endpoint goes down."""

    down = False
    asked = 0

    def embed(self, texts):
        if self.down:
            self.asked += 1
            raise ModelUnavailable("the embeddings endpoint is down")
        return super().embed(texts)


@pytest.fixture
def falling(tmp_path):
    embedder = Falling()
    with FileMemoryStore(tmp_path / "falling", embedder, DEFAULT) as memory:
        yield embedder, memory


def test_a_memory_that_fails_costs_no_decision_and_is_named(demo, falling):
    embedder, memory = falling
    floor = remembering(rules(demo), memory)
    lived(floor, MONTHS[:2])
    plain = taken(rules(demo), as_of=MONTHS[3])
    embedder.down = True
    decision = taken(floor, as_of=MONTHS[3])
    assert decision.outcome is plain.outcome
    said = " ".join(decision.provenance.degraded)
    assert "no outcome was evaluated: the embeddings endpoint is down" in said
    assert "nothing was recalled" in said
    assert "nothing was recorded" in said
    assert embedder.asked == 3, "to look back, to remind the first member, and to note: no other member waits for it"
    embedder.down = False
    taken(floor, as_of=MONTHS[3])
    assert records(memory, Source.TRADE_REFLECTION)


def test_a_decision_stands_when_nothing_can_be_noted_down_and_says_so(demo, keeper, tmp_path):
    first = taken(remembering(rules(demo), keeper), as_of=MONTHS[0])
    with FileMemoryStore(tmp_path / "other", HashingEmbedder(), DEFAULT) as theirs:
        theirs.acquire_writer()
        with FileMemoryStore(tmp_path / "other", HashingEmbedder(), DEFAULT) as ours:
            decision = taken(remembering(rules(demo), ours), as_of=MONTHS[0])
    assert decision.risk == first.risk
    assert any("nothing was recorded" in said and "another process" in said for said in decision.provenance.degraded)


def test_a_lesson_that_cannot_be_written_stops_the_desk_before_anything_is_spent(demo, keeper, tmp_path):
    """Outcomes are due, and another process writes: the operator is told at once."""
    folder = tmp_path / "other"
    with FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as ours:
        lived(remembering(rules(demo), ours), MONTHS[:1])
    with FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as theirs:
        theirs.acquire_writer()
        with (
            FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as ours,
            pytest.raises(StoreLocked, match="another process"),
        ):
            taken(remembering(rules(demo), ours), as_of=MONTHS[2])


def test_a_memory_that_another_keeps_is_noticed_before_a_model_is_asked(demo, tmp_path):
    folder, asked = tmp_path / "kept", []

    def lesson(question):
        asked.append(question.user)
        return Lesson(lesson="Patience.")

    with FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as ours:
        lived(remembering(rules(demo), ours), MONTHS[:1])
    with FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as theirs:
        theirs.acquire_writer()
        with FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as ours, pytest.raises(StoreLocked):
            taken(remembering(scripted(demo, reflector=lesson), ours), as_of=MONTHS[2])
    assert asked == []


def test_two_that_look_back_at_once_learn_once(demo, keeper):
    """Both ask their model before either has written: one lesson stays, and feedback is booked once."""

    def lesson(question):
        if not nested:
            nested.append(True)
            taken_by_another(question)
        return Lesson(lesson=f"Lesson {len(nested)}.")

    def taken_by_another(_):
        other = remembering(scripted(demo, research_manager=citing_news, reflector=Lesson(lesson="Theirs.")), keeper)
        threading.Thread(target=taken, args=(other, TICKER, MONTHS[2])).start()
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and thread.name.startswith("Thread-"):
                thread.join()

    nested = []
    floor = remembering(scripted(demo, research_manager=citing_news, reflector=lesson), keeper)
    taken(floor, as_of=MONTHS[0])
    taken(floor, as_of=MONTHS[2])
    (thesis,) = [record for record in records(keeper, Source.THESIS) if record.event_at == MONTHS[0]]
    told = [record for record in records(keeper, Source.TRADE_REFLECTION) if thesis.id in record.sources]
    assert len(told) == 1
