"""Branches grow from one another and then live alone."""

from random import Random

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.memory.port import Query
from openoutcry.memory.record import Aspect, Change, Event

from ..random_memories import (
    CALDR,
    RUN,
    day,
    news,
    world,
    write,
)

ASKED = Query(("orders rise", "debt"), CALDR, frozenset(Aspect), tokens=10_000, limit=10)


def told(view):
    return [(r.record.id, r.layer, r.score, r.parts) for r in view.recall(ASKED)]


@pytest.mark.parametrize("seed", range(10))
def test_what_the_parent_writes_after_the_fork_does_not_reach_the_branch(store, seed):
    """Nor does a late arrival change how new the branch finds what it inherited."""
    first, second = world(seed), world(seed + 100)
    write(store, first)
    child = store.fork(RUN, "what-if")
    before = [told(store.at(day(at), child)) for at in range(0, 500, 50)]
    assert before == [told(store.at(day(at), RUN)) for at in range(0, 500, 50)]
    write(store, second.shuffled(Random(seed)))
    assert [told(store.at(day(at), child)) for at in range(0, 500, 50)] == before


def test_what_the_branch_writes_does_not_reach_the_parent(store):
    (root,) = store.write([news("orders rise", 0)])
    child = store.fork(RUN, "what-if")
    store.write(
        [news("strike", 1, namespace=child)],
        [
            Event(root, Change.FEEDBACK, day(1), "won", 0.2, child),
            Event(root, Change.FORGOTTEN, day(3), "x", 0.0, child),
        ],
    )
    assert [r.text for r in store.at(day(2), RUN).records()] == ["orders rise"]
    assert [r.text for r in store.at(day(2), child).records()] == ["orders rise", "strike"]
    parent, branch = (store.at(day(2), each).recall(ASKED) for each in (RUN, child))
    assert parent[0].parts["outcome"] == 0.5 < branch[0].parts["outcome"]
    assert [r.text for r in store.at(day(4), child).records()] == ["strike"]
    assert [r.text for r in store.at(day(4), RUN).records()] == ["orders rise"]


def test_branches_grow_from_branches_and_names_are_taken_once(store):
    store.write([news("orders rise", 0)])
    child = store.fork(RUN, "one")
    store.write([news("strike", 0, namespace=child)])
    grandchild = store.fork(child, "two")
    store.write([news("merger", 0), news("oil", 0, namespace=child)])
    assert {r.text for r in store.at(day(1), grandchild).records()} == {"orders rise", "strike"}
    with pytest.raises(ConfigError, match="already"):
        store.fork(RUN, "one")


def test_the_last_row_that_a_view_sees_is_noted(store):
    store.write([news("orders rise", 0), news("strike", 5)])
    assert [store.at(day(at), RUN).seq for at in (-1, 1, 6)] == [0, 1, 2]
    store.write([], [Event(news("orders rise", 0).id, Change.FEEDBACK, day(8), "won", 0.1)])
    assert [store.at(day(at), RUN).seq for at in (6, 9)] == [2, 3]
