"""The journal: what it refuses, what it survives, and that nothing is lost."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from openoutcry.domain.errors import ConfigError, InvalidData, StoreLocked
from openoutcry.memory.port import Query
from openoutcry.memory.record import (
    Aspect,
    Change,
    Event,
    MemoryId,
    Source,
)

from ..random_memories import (
    CALDR,
    ROOT,
    RUN,
    day,
    news,
)

ALL = frozenset(Aspect)


def test_a_record_comes_back_as_it_was(store):
    (link,) = store.write([news("orders rise", 0)])
    whole = news(
        "thesis: buy\x00 “naïve” 🚀",
        1,
        source=Source.THESIS,
        due_at=day(20),
        outcome_at=day(1),
        surprise=1.5,
        sources=(link,),
        cites=(link,),
        facts=(("price", Decimal("12.340")),),
        symbol=None,
    )
    store.write([whole])
    assert store.at(day(2), RUN).records()[-1] == whole


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (news("  \n", 1), "empty"),
        (news("x", 1, available_at=day(0)), "available_at must not be before event_at"),
        (news("x", 1, outcome_at=day(2)), "before outcome_at"),
        (news("x", 1, due_at=day(0)), "due_at must not be before event_at"),
        (news("x", 1, surprise=float("nan")), "surprise"),
        (news("x", 1, surprise=-1.0), "surprise"),
        (news("half a surrogate \ud800", 1), "UTF-8"),
        (news("x" * 4_000_001, 1), "too long"),
        (news("x", 1, sources=(MemoryId("nobody"),)), "not in this memory"),
        (news("x", 1, cites=(news("orders rise", 5).id,)), "references"),
        (news("x", 6, learned=4, sources=(news("orders rise", 5).id,)), "references"),
        (replace(news("x", 1), available_at=datetime(2025, 3, 1)), "has no time zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_is_written(store, record, why):
    store.write([news("orders rise", 5)])
    head = store.journal.head()
    with pytest.raises(InvalidData, match=why):
        store.write([news("fine", 0), record])
    assert store.journal.head() == head
    assert [r.text for r in store.at(day(9), RUN).records()] == ["orders rise"]


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (Event(MemoryId("nobody"), Change.FORGOTTEN, day(9), "x"), "memory 'nobody', which does not exist"),
        (Event(news("orders rise", 5).id, Change.FEEDBACK, day(4), "x", 0.1), "before the record is available"),
        (Event(news("orders rise", 5).id, Change.FEEDBACK, day(6), news("later", 7).id, 0.1), "before its cause"),
        (Event(news("orders rise", 5).id, Change.FEEDBACK, day(6), "x", float("inf")), "not a finite number"),
        (Event(news("orders rise", 5).id, Change.FEEDBACK, day(6), "\udfff", 0.1), "UTF-8"),
    ],
)
def test_an_event_that_cannot_be_true_is_refused(store, event, why):
    store.write([news("orders rise", 5), news("later", 7)])
    head = store.journal.head()
    with pytest.raises(InvalidData, match=why):
        store.write([], [event])
    assert store.journal.head() == head


def test_the_same_event_counts_once(store):
    (root,) = store.write([news("orders rise", 0)])
    won = Event(root, Change.FEEDBACK, day(1), "won", 0.2)
    store.write([], [won, won])
    once = store.at(day(2), RUN).recall(Query(("orders",), CALDR, ALL))[0]
    store.write([], [won])
    assert store.at(day(2), RUN).recall(Query(("orders",), CALDR, ALL))[0] == once


def test_a_text_of_a_megabyte_is_kept_whole_and_told_in_brief(store):
    text = "orders rise at a long company " * 35_000
    store.write([news(text, 0), news("short", 0)])
    assert store.at(day(1), RUN).records()[0].text in (text, "short")
    recalled = store.at(day(1), RUN).recall(Query(("orders rise",), CALDR, ALL, tokens=400))
    assert recalled[0].record.text == text
    assert recalled[0].excerpt == text[: len(recalled[0].excerpt) - 2] + " …"
    assert sum(-(-len(each.excerpt) // 4) for each in recalled) <= 400
    assert store.at(day(1), RUN).recall(Query(("orders rise",), CALDR, ALL, tokens=5))[0].excerpt == "short"


@pytest.mark.parametrize(("text", "costs"), [("orders rise now", 4), ("订单 增加 了", 5), ("orders rise " * 400, 300)])
def test_a_budget_counts_bytes_and_a_long_text_as_its_excerpt(store, text, costs):
    store.write([news(text, 0)])
    view = store.at(day(1), RUN)
    assert view.recall(Query(("orders rise",), CALDR, ALL, tokens=costs - 1)) == ()
    (told,) = view.recall(Query(("orders rise",), CALDR, ALL, tokens=costs))
    assert text.startswith(told.excerpt.removesuffix(" …"))


def test_what_is_written_cannot_be_changed(store):
    (root,) = store.write([news("orders rise", 0)])
    store.write([], [Event(root, Change.FEEDBACK, day(1), "won", 0.2)])
    connection = sqlite3.connect(store.journal.path)
    for table in ("records", "events", "spaces"):
        column = {"records": "text", "events": "cause", "spaces": "run"}[table]
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


def test_a_second_writer_is_refused_and_readers_are_not(open_store):
    first, second = open_store(), open_store()
    first.acquire_writer()
    first.write([news("orders rise", 0)])
    with pytest.raises(StoreLocked, match="another process is writing"):
        second.write([news("strike", 0)])
    assert len(second.at(day(1), RUN).records()) == 1
    first.write([news("merger", 0)])
    assert len(second.at(day(1), RUN).recall(Query(("merger",), CALDR, ALL))) == 2
    first.close()
    second.write([news("strike", 0)])


def test_two_that_write_in_turn_lose_nothing_and_see_what_the_other_wrote(open_store):
    first, second = open_store(), open_store()
    for day_number, (writer, reader) in enumerate([(first, second), (second, first), (first, second)], start=1):
        writer.write([news(f"story {day_number} of the day", day_number)])
        asked = Query((f"story {day_number}",), CALDR, ALL)
        seen = [len(each.at(day(9), RUN).recall(asked)) for each in (writer, reader)]
        assert seen == [day_number, day_number]


def test_the_right_to_write_dies_with_its_process(open_store, tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom openoutcry.memory.journal.writer_lock import WriterLock\n"
        "claim = WriterLock(Path(sys.argv[1]))\nclaim.take()\nprint('held', flush=True)\ntime.sleep(60)"
    )
    memory = open_store()
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(memory.folder / "writer.lock")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StoreLocked, match="another process is writing"):
        memory.acquire_writer()
    holder.kill()
    holder.wait()
    holder.stdout.close()
    memory.acquire_writer()


def test_a_killed_writer_leaves_whole_steps_behind(open_store):
    """Each step writes three records and an event; whenever it dies, all or nothing of a step is there."""
    memory = open_store()
    memory.close()
    code = "import sys; sys.path[:0] = [sys.argv[1]]\nfrom tests.memory.crash_harness import write\nwrite(sys.argv[2])"
    survived = 0
    for wait in (0, 3, 7):
        command = [sys.executable, "-c", code, str(ROOT), str(memory.folder)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(wait + 1):
            said = writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.stdout.read()
        writer.wait()
        writer.stdout.close()
        acknowledged = int((rest.splitlines() or [said.strip()])[-1]) + 1
        with open_store() as left:
            records, events = (left.journal.rows(f"SELECT count(*) FROM {t}")[0][0] for t in ("records", "events"))
            assert records == 3 * events
            assert events >= acknowledged >= survived
            assert left.vectors.missing() == []
            assert left.journal.rows("PRAGMA integrity_check") == [("ok",)]
            survived = events


def test_a_full_disk_is_said_and_nothing_is_lost(store):
    store.write([news("orders rise", 0)])
    pages = store.journal.rows("PRAGMA page_count")[0][0]
    store.journal.rows(f"PRAGMA max_page_count={pages}")
    with pytest.raises(ConfigError, match="make room on the disk"):
        store.write([news(f"filler {number} " * 500, 0) for number in range(50)])
    assert [r.text for r in store.at(day(1), RUN).records()] == ["orders rise"]
    store.journal.rows("PRAGMA max_page_count=100000")
    store.write([news("strike", 0)])
    assert len(store.at(day(1), RUN).recall(Query(("strike",), CALDR, ALL))) == 2


def test_a_file_of_a_newer_version_of_something_else_or_in_ruins_is_left_alone(open_store, tmp_path):
    for name, prepare, why in (
        ("newer", lambda path: sqlite3.connect(path).executescript("PRAGMA user_version=99").close(), "newer version"),
        (
            "other",
            lambda path: sqlite3.connect(path).executescript("CREATE TABLE t (x)").close(),
            "not the memory",
        ),
        ("ruin", lambda path: path.write_bytes(b"not a database at all" * 999), "not a database"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        prepare(folder / "journal.db")
        before = (folder / "journal.db").read_bytes()
        with pytest.raises(ConfigError, match=why):
            open_store(name)
        assert (folder / "journal.db").read_bytes()[96:] == before[96:]


def test_a_truncated_file_is_said_and_not_written_over(open_store):
    memory = open_store()
    memory.write([news(f"record {number} " * 50, 0) for number in range(200)])
    memory.close()
    path = memory.journal.path
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigError, match="restore it from a backup"):
        open_store().at(day(1), RUN).records()
    assert path.read_bytes() == whole[: len(whole) // 2]
