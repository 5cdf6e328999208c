"""The memory of a desk: what it reads, writes and shows, and how its recall fails."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from openoutcry.agents.recall import ALL_ASPECTS, WHOLE
from openoutcry.desk.learning.memory import DeskMemory
from openoutcry.desk.learning.shown_lessons import beside
from openoutcry.domain.errors import LookAheadError, ModelUnavailable
from openoutcry.graph.learning_section import LessonsLearning, NoLearning
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.port import RecalledRecord
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.record import Aspect, Layer, Source
from openoutcry.memory.store import FileMemoryStore

from tests.memory.random_memories import BASE, CALDR, GRUND, RUN, day, news

NOW = day(6)


class Failing(HashingEmbedder):
    """An embedder that raises `error` once there is one."""

    error = None

    def embed(self, texts):
        if self.error is not None:
            raise self.error
        return super().embed(texts)


@pytest.fixture
def embedder():
    return Failing()


@pytest.fixture
def store(tmp_path, embedder):
    with FileMemoryStore(tmp_path / "memory", embedder, DEFAULT) as memory:
        yield memory


def lesson(text, at, symbol=CALDR, learned=None):
    facts = (("outcome", Decimal("0.5")),)
    return news(text, at, learned=learned, symbol=symbol, source=Source.TRADE_REFLECTION, aspect=Aspect.TRADE,
                outcome_at=day(at), facts=facts)  # fmt: skip


def texts(recalled):
    return [each.excerpt or each.record.text for each in recalled]


def test_a_desk_learns_if_it_writes_and_is_not_frozen(store):
    frozen = NoLearning(frozen_at_test=True)
    desks = [DeskMemory(store, RUN), DeskMemory(store, RUN, writes=False), DeskMemory(store, RUN, learning=frozen)]
    assert [desk.learns for desk in desks] == [True, False, False]


def test_only_lessons_settle_all_decisions_at_one_horizon(store):
    kinds = (NoLearning(), LessonsLearning(horizon=7), LessonsLearning(horizon=None))
    assert [DeskMemory(store, RUN, learning=kind).horizon for kind in kinds] == [None, 7, None]


def test_a_role_has_its_own_part_of_the_memory_and_of_its_base(store):
    desk = DeskMemory(store, RUN, BASE).of_role("bold")
    assert (desk.namespace, desk.base) == tuple(replace(space, agent=f"{space.agent}:bold") for space in (RUN, BASE))
    assert DeskMemory(store, RUN).of_role("bold").base is None


def test_the_version_counts_what_could_be_read(store):
    store.write([news("orders rise", 1), news("orders fall", 5)])
    versions = [DeskMemory(store, RUN).version(at) for at in (day(1), day(6))]
    assert versions == [f"demo/run/{RUN.branch}/{RUN.agent}@{seq}" for seq in (1, 2)]


def test_lessons_come_first_and_once_and_whole(store, context):
    """The newest lesson on the symbol, one on another symbol, and then what the search finds beside them."""
    store.write([lesson("orders rise: wait", 1), lesson("orders rise: sell", 2), lesson("robots", 3, GRUND),
                 news("orders rise at the plant again", 4)])  # fmt: skip
    desk = DeskMemory(store, RUN, learning=LessonsLearning(same=1, cross=1))
    shown = desk.recall(NOW, CALDR, [], lessons=True)(context, ALL_ASPECTS, WHOLE)
    first, other, *found = shown
    assert texts((first, other)) == ["Outcome: +0.5 deviations. Lesson: orders rise: sell", "GRUND: robots"]
    assert {(each.score, each.layer, each.whole) for each in (first, other)} == {(1.0, Layer.REFLECTION, True)}
    assert set(texts(found)) == {"orders rise: wait", "orders rise at the plant again"}
    plain = desk.recall(NOW, CALDR, [])(context, ALL_ASPECTS, WHOLE)
    assert {each.record.id for each in plain} == {each.record.id for each in shown} - {other.record.id}
    assert not any(each.whole for each in plain)


def test_a_desk_that_does_not_learn_by_lessons_shows_none_first(store, context):
    store.write([lesson("robots", 3), news("orders rise at the plant again", 4)])
    desk = DeskMemory(store, RUN)
    assert desk.recall(NOW, CALDR, [], lessons=True)(context, ALL_ASPECTS, WHOLE) == desk.recall(NOW, CALDR, [])(
        context, ALL_ASPECTS, WHOLE
    )


@pytest.mark.parametrize("learning", [NoLearning(), LessonsLearning(same=0, cross=3)], ids=["analogies", "lessons"])
def test_lessons_on_other_symbols_of_the_same_moment_are_not_shown(store, context, learning):
    """The order in which symbols are decided at one moment has no effect."""
    store.write([lesson("orders rise: early", 1, GRUND), lesson("orders rise: now", 1, GRUND, learned=6)])
    desk = DeskMemory(store, RUN, analogies=learning == NoLearning(), learning=learning)

    def shown(at):
        return {each.record.text for each in desk.recall(at, CALDR, [], lessons=True)(context, ALL_ASPECTS, WHOLE)}

    assert shown(NOW) == {"orders rise: early"}
    assert shown(NOW + timedelta(microseconds=1)) == {"orders rise: early", "orders rise: now"}


def test_a_lesson_of_the_same_moment_on_the_symbol_is_shown(store, context):
    store.write([lesson("orders rise: now", 1, learned=6)])
    desk = DeskMemory(store, RUN, learning=LessonsLearning(same=1, cross=0))
    (shown,) = desk.recall(NOW, CALDR, [], lessons=True)(context, ALL_ASPECTS, WHOLE)
    assert shown.whole


async def test_a_failure_recalls_nothing_and_is_named_once(store, embedder, context):
    store.write([news("orders rise at the plant again", 4)])
    embedder.error, warnings = ModelUnavailable("the endpoint is down"), []
    recall = DeskMemory(store, RUN).recall(NOW, CALDR, warnings)
    assert recall(context, ALL_ASPECTS, WHOLE) == ()
    embedder.error = None
    assert recall(context, ALL_ASPECTS, WHOLE) == ()
    assert await recall.without_blocking(context, ALL_ASPECTS, WHOLE) == ()
    assert warnings == ["nothing was recalled: the endpoint is down"]


async def test_a_defect_is_raised(store, embedder, context):
    store.write([news("orders rise at the plant again", 4)])
    embedder.error, warnings = LookAheadError("a later fact"), []
    recall = DeskMemory(store, RUN).recall(NOW, CALDR, warnings)
    with pytest.raises(LookAheadError):
        recall(context, ALL_ASPECTS, WHOLE)
    with pytest.raises(LookAheadError):
        await recall.without_blocking(context, ALL_ASPECTS, WHOLE)
    assert not warnings


def test_what_is_shown_as_a_lesson_is_not_shown_again():
    one, two = (RecalledRecord(news(text, 1), Layer.REFLECTION, 1.0, {}) for text in ("a", "b"))
    again = replace(one, score=0.5)
    assert beside([one], [again, two]) == (one, two)
    assert beside([], [again, two]) == (again, two)
