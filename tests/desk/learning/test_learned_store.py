"""Stores of what desks have learned: one contract for both, and entries that survive the process."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from openoutcry.desk.learning.desk_learning import DeskLearning
from openoutcry.desk.learning.instructions.steps import TextVerdict
from openoutcry.desk.learning.learned_store import (
    InMemoryLearnedStore,
    LearnedEntry,
    LearningSpace,
    SqliteLearnedStore,
)
from openoutcry.prompts.library import load_prompts

HERE = LearningSpace("demo-7", "mine", "atlas:rules")
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    if request.param == "memory":
        yield InMemoryLearnedStore()
        return
    with closing(SqliteLearnedStore(tmp_path)) as opened:
        yield opened


def entry(key, at=NOON, body="{}", kind="step"):
    return LearnedEntry(kind, key, at, body)


def keys(store, as_of=NOON, space=HERE, kind="step"):
    return [each.key for each in store.entries(space, kind, as_of)]


def test_entries_are_ordered_by_time_and_key_whatever_the_order_of_writing(store):
    for key, at in (("c", NOON), ("a", NOON), ("b", NOON - SECOND)):
        store.add(HERE, entry(key, at))
    assert keys(store) == ["b", "a", "c"]


def test_an_entry_is_visible_from_its_moment_on(store):
    store.add(HERE, entry("late", NOON.astimezone(timezone(timedelta(hours=9)))))
    assert keys(store, NOON - timedelta(microseconds=1)) == []
    assert keys(store, NOON) == ["late"]
    assert keys(store, NOON.astimezone(timezone(timedelta(hours=-5)))) == ["late"]


def test_moments_with_and_without_fractions_are_ordered(store):
    store.add(HERE, entry("b", NOON + timedelta(microseconds=1)))
    store.add(HERE, entry("a", NOON))
    assert keys(store, NOON + SECOND) == ["a", "b"]
    assert keys(store, NOON) == ["a"]


def test_the_first_entry_with_a_key_stays(store):
    store.add(HERE, entry("a", body="1"))
    store.add(HERE, entry("a", body="2"))
    (found,) = store.entries(HERE, "step", NOON)
    assert (found.body, found.learned_at) == ("1", NOON)


@pytest.mark.parametrize("field", ["workspace", "account", "desk"])
def test_spaces_and_kinds_are_kept_apart(store, field):
    store.add(HERE, entry("a"))
    store.add(replace(HERE, **{field: "other"}), entry("b"))
    store.add(HERE, entry("c", kind="other"))
    assert keys(store) == ["a"]
    assert keys(store, space=replace(HERE, **{field: "other"})) == ["b"]
    assert keys(store, kind="other") == ["c"]


def test_entries_survive_the_process(tmp_path):
    with closing(SqliteLearnedStore(tmp_path)) as store:
        store.add(HERE, entry("a", body='{"x": 1}'))
    with closing(SqliteLearnedStore(tmp_path)) as store:
        assert store.entries(HERE, "step", NOON) == [entry("a", body='{"x": 1}')]


def test_a_dry_run_reads_and_adds_nothing():
    learning = DeskLearning(InMemoryLearnedStore(), HERE, load_prompts())
    known = TextVerdict(text="a", status="adopted")
    learning.add("step", "a", NOON, known)
    dry = replace(learning, writes=False)
    dry.add("step", "b", NOON, known)
    assert dry.read("step", TextVerdict, NOON) == learning.read("step", TextVerdict, NOON) == [known]
