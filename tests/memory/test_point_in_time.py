"""What must hold whatever is written and whenever one looks: nothing from later, and nothing lost."""

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from openoutcry.domain.errors import LookAheadError
from openoutcry.memory.inspection import list_status
from openoutcry.memory.journal.snapshot import copy_journal
from openoutcry.memory.partitions.visibility import check_visible
from openoutcry.memory.port import Query
from openoutcry.memory.record import Aspect
from openoutcry.memory.timestamps import MAX_MICROS, to_micros

from .random_memories import (
    BASE,
    CALDR,
    ROOT,
    RUN,
    START,
    day,
    news,
    with_repeated_causes,
    with_variants,
    world,
    write,
)
from .reference_model import Reference

ALL = frozenset(Aspect)
ASKED = Query(("orders rise", "debt and margin"), CALDR, ALL, tokens=100, limit=6)
ACROSS = Query(("guidance cut", "strike"), None, ALL, tokens=10_000, limit=10)
WORLDS, MOMENTS = 50, 10


def recalled(view, query=ASKED):
    """Return an answer in values that compare."""
    return [(r.record.id, r.layer, r.score, r.parts, r.excerpt) for r in view.recall(query)]


def moments(seed):
    chance = Random(seed)
    return [day(chance.uniform(-5, 500)) for _ in range(MOMENTS)]


@pytest.mark.parametrize("seed", range(WORLDS))
def test_what_is_seen_is_what_the_rule_says(open_store, seed):
    """50 worlds of 25 records, seen at 10 moments each: 12,500 pairs of a write and a moment."""
    drawn, memory = with_repeated_causes(world(seed), seed) if seed % 5 == 4 else world(seed), open_store()
    write(memory, drawn, Random(seed))
    reference = Reference(drawn, (RUN, BASE))
    for at in moments(seed):
        view = memory.at(at, RUN, base=BASE)
        expected = reference.visible(at)
        assert {record.id for record in view.records()} == {record.id for record in expected}
        for query in (ASKED, ACROSS):
            best, pool = reference.ranked(query, at)[:40], view.candidates(query)
            assert list(zip(pool.names, pool.scores, strict=True)) == [(hit.record.id, hit.score) for hit in best]
            assert recalled(view, query) == [
                (hit.record.id, layer, hit.score, hit.parts, hit.record.text)
                for hit, layer in reference.recalled(query, at)
            ]


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_deleting_all_that_comes_later_changes_nothing(open_store, seed, repeated):
    drawn = with_repeated_causes(world(seed), seed) if repeated else world(seed)
    whole = open_store("whole")
    write(whole, drawn)
    for number, at in enumerate(moments(seed)[:4]):
        cut = open_store(f"cut{number}")
        write(cut, drawn.until(at))
        for query in (ASKED, ACROSS):
            assert recalled(whole.at(at, RUN, base=BASE), query) == recalled(cut.at(at, RUN, base=BASE), query)
        assert whole.at(at, RUN).records() == cut.at(at, RUN).records()
        assert whole.at(at, RUN).due_theses(CALDR) == cut.at(at, RUN).due_theses(CALDR)


@pytest.mark.parametrize("repeated", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_writing_does_not_matter(open_store, seed, repeated):
    drawn, chance = with_repeated_causes(world(seed), seed) if repeated else world(seed), Random(seed)
    one, other = open_store("one"), open_store("other")
    write(one, drawn)
    write(other, drawn.shuffled(chance), chance)
    for at in moments(seed):
        for query in (ASKED, ACROSS):
            assert recalled(one.at(at, RUN, base=BASE), query) == recalled(other.at(at, RUN, base=BASE), query)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_writing_different_contents_of_one_id_does_not_matter(open_store, seed):
    drawn = with_variants(world(seed), seed)
    assert len({record.id for record in drawn.records}) < len(drawn.records)
    stores = [open_store(str(number)) for number in range(3)]
    for number, memory in enumerate(stores):
        chance = Random(seed * 3 + number)
        write(memory, drawn.shuffled(chance) if number else drawn, chance)
    first, *others = stores
    for at in moments(seed)[:5]:
        for other in (*others, open_store("1")):
            for query in (ASKED, ACROSS):
                assert recalled(first.at(at, RUN, base=BASE), query) == recalled(other.at(at, RUN, base=BASE), query)
            assert first.at(at, RUN, base=BASE).records() == other.at(at, RUN, base=BASE).records()
            assert first.at(at, RUN).due_theses(CALDR) == other.at(at, RUN).due_theses(CALDR)
            shown, listed = ({s.record.id: s for s in list_status(m, m.at(at, RUN))} for m in (first, other))
            assert shown == listed


def test_of_two_contents_the_smaller_counts_from_the_row_at_which_it_was_written(store):
    record = news("orders rise", 0, surprise=3.0)
    calm = replace(record, surprise=0.5, facts=(("price", Decimal("7")),))
    store.write([record])
    fork, before = store.fork(RUN, "what-if"), store.at(day(1), RUN)
    strength = recalled(before)[0][3]["strength"]
    store.write([calm])
    now = store.at(day(1), RUN)
    assert (before.records(), now.records()) == ((record,), (calm,))
    assert recalled(before)[0][3]["strength"] == strength > recalled(now)[0][3]["strength"]
    assert store.at(day(1), RUN, seq=before.seq).records() == (record,) == store.at(day(1), fork).records()
    assert now.seq == before.seq + 1 == store.journal.head()
    store.write([calm, record])
    assert store.journal.head() == now.seq
    assert now.recall(ASKED)[0].record == calm


def test_a_copy_of_the_journal_has_the_content_of_its_row(store, tmp_path, open_store):
    record = news("orders rise", 0, surprise=3.0)
    store.write([record])
    head = store.journal.head()
    store.write([replace(record, surprise=0.5)])
    copy_journal(store.folder, tmp_path / "early", head)
    assert open_store("early").at(day(1), RUN).records() == (record,)


def test_what_the_future_says_never_surfaces_however_well_it_fits(store):
    poison = news("orders rise", 100, learned=0), news("orders rise now", 0, learned=100)
    store.write([news("debt", 0), *poison])
    for at in (0, 50, 99.999):
        assert [record.text for record in store.at(day(at), RUN).records()] == ["debt"]
        assert [recall.record.text for recall in store.at(day(at), RUN).recall(ACROSS)] == (["debt"] if at < 9 else [])
    assert len(store.at(day(100), RUN).records()) == 3


@pytest.mark.parametrize(
    ("record", "known_until"),
    [
        (news("x", 2, learned=1), MAX_MICROS),
        (news("x", 1, learned=2), MAX_MICROS),
        (news("x", 0), to_micros(day(1.5))),
    ],
)
def test_an_answer_that_must_not_be_seen_is_stopped_at_the_door(record, known_until):
    with pytest.raises(LookAheadError):
        check_visible(record, known_until, to_micros(day(1.5)))
    check_visible(news("x", 1.5), to_micros(day(1.6)), to_micros(day(1.5)))


def test_a_search_that_finds_too_much_is_caught(store, monkeypatch):
    """The second check does not believe the first: columns that lie about their stamps give no answer."""
    store.write([news("orders rise", 5)])
    view = store.at(day(1), RUN)
    shelf = store.library.view(view._lenses[0], CALDR, view._lenses, view._head)
    shelf.partition.available[:] = to_micros(START)
    shelf.partition.learned[:] = to_micros(START)
    with pytest.raises(LookAheadError):
        view.recall(ASKED)


def test_looking_changes_nothing(store):
    write(store, world(3))
    view = store.at(day(200), RUN, base=BASE)
    first = recalled(view, ACROSS)
    head = store.journal.head()
    for at in moments(1):
        recalled(store.at(at, RUN, base=BASE))
    assert recalled(view, ACROSS) == first == recalled(store.at(day(200), RUN, base=BASE), ACROSS)
    assert store.journal.head() == head


def test_a_view_stays_as_it_was_made(store):
    store.write([news("orders rise", 0)])
    view = store.at(day(3), RUN)
    before, seq = recalled(view), view.seq
    store.write([news("orders rise and rise", 1), news("orders rise", -1)])
    assert recalled(view) == before
    assert (view.seq, len(view.records())) == (seq, 1)
    assert len(store.at(day(3), RUN).records()) == 3
    assert recalled(store.at(day(3), RUN, seq=seq)) == before


def test_a_second_telling_is_the_same_memory(store):
    record = news("orders rise", 0)
    first = store.write([record, record])
    assert store.write([replace(record, surprise=2.0)]) == first[:1] == first[1:]
    assert store.at(day(9), RUN).records() == (record,)


def test_what_was_learned_later_first_can_still_be_learned_at_an_earlier_clock(store):
    record = news("orders rise", 0)
    store.write([replace(record, learned_at=day(9))])
    assert store.at(day(5), RUN).records() == ()
    store.write([record])
    assert store.at(day(5), RUN).records() == (record,)
    assert len(store.at(day(9), RUN).recall(Query(("orders rise",), CALDR, ALL))) == 1


def test_namespaces_see_themselves_and_their_base_alone(store):
    own, base = news("own", 0), news("base", 0, namespace=BASE)
    store.write([own, base])
    assert store.at(day(1), RUN).records() == (own,)
    assert {r.text for r in store.at(day(1), RUN, base=BASE).records()} == {"own", "base"}
    assert store.at(day(1), BASE, base=BASE).records() == (base,)
    assert store.at(day(1), replace(RUN, agent="someone else")).records() == ()


def test_a_replay_says_the_same_in_every_process(tmp_path):
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]\nfrom tests.memory.replay import digest\nprint(digest(sys.argv[2]))"
    )
    digests = set()
    for seed in ("0", "77"):
        command = [sys.executable, "-c", code, str(ROOT), str(tmp_path / seed)]
        ran = subprocess.run(
            command, check=False, capture_output=True, text=True, env={"PYTHONHASHSEED": seed, "PATH": ""}, cwd=ROOT
        )
        assert ran.returncode == 0, ran.stderr
        digests.add(ran.stdout.strip())
    assert digests == {json.loads((ROOT / "tests" / "memory" / "replay.json").read_text())["digest"]}
