"""What outcomes do to memories."""

import sqlite3
from contextlib import closing

import pytest
from openoutcry.domain.errors import InvalidData
from openoutcry.memory.decay.daily_steps import _RecordState
from openoutcry.memory.decay.feedback import feedback_gain
from openoutcry.memory.port import Query
from openoutcry.memory.presets.catalog import PRESETS
from openoutcry.memory.record import (
    Aspect,
    Change,
    Event,
    Layer,
)

from ..random_memories import (
    CALDR,
    RUN,
    day,
    news,
)

VERSION_1 = """
DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete;
ALTER TABLE events RENAME TO events_2;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES records (seq),
    space INTEGER NOT NULL REFERENCES spaces (id), change TEXT NOT NULL, effective_at INTEGER NOT NULL,
    cause TEXT NOT NULL, gain REAL NOT NULL, UNIQUE (record, space, change, cause)
);
INSERT INTO events SELECT * FROM events_2;
DROP TABLE events_2;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
PRAGMA user_version = 1;
"""


def test_the_gain_is_bounded_of_both_signs_and_shared():
    assert feedback_gain(0.05, 0.02, 25, 1) == pytest.approx(0.05)
    assert feedback_gain(0.05, 0.02, 25, 5) == pytest.approx(0.01)
    assert feedback_gain(-9.0, 0.02, 25, 1) == -0.2
    assert feedback_gain(9.0, 0.02, 25, 1) == 0.2
    assert feedback_gain(9.0, 0.02, 25, 0) == 0
    for wrong in ((float("nan"), 0.02, 5), (0.1, 0.0, 5), (0.1, 0.02, 0)):
        with pytest.raises(InvalidData):
            feedback_gain(*wrong, 1)


def test_an_outcome_moves_only_what_was_cited_and_only_from_then_on(store):
    cited, other = store.write([news("orders rise", 0), news("strike at the port", 0)])
    store.write([], [Event(cited, Change.FEEDBACK, day(5), "lost", -0.2)])

    def strengths(at):
        found = store.at(day(at), RUN).recall(Query(("orders",), CALDR, frozenset(Aspect)))
        return {recall.record.id: recall.parts["strength"] for recall in found}

    assert strengths(4.999)[cited] == strengths(4.999)[other]
    assert strengths(5)[cited] == pytest.approx(strengths(5)[other] - 0.2, abs=1e-6)


def test_feedback_that_is_written_late_counts_from_its_own_moment(open_store):
    """The same outcome is evaluated as of June first and as of April later, and the other way round."""
    june, april = (Event(news("orders rise", 0).id, Change.FEEDBACK, day(at), "thesis", 0.2) for at in (6, 3))
    stores = {name: open_store(name) for name in ("june first", "april first")}
    for name, events in (("june first", (june, april)), ("april first", (april, june))):
        stores[name].write([news("orders rise", 0)])
        for event in events:
            stores[name].write([], [event])

    def strengths(memory):
        query = Query(("orders",), CALDR, frozenset(Aspect))
        return [memory.at(day(at), RUN).recall(query)[0].parts["strength"] for at in (2.9, 3, 5.9, 6)]

    assert strengths(stores["june first"]) == strengths(stores["april first"])
    before, after, *_ = strengths(stores["june first"])
    assert after > before


def test_a_journal_that_kept_only_the_first_event_takes_the_others_after_its_upgrade(open_store, tmp_path):
    memory = open_store("old")
    record = memory.write([news("orders rise", 0)])[0]
    memory.write([], [Event(record, Change.FEEDBACK, day(6), "thesis", 0.2)])
    memory.close()
    path = memory.folder / "journal.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
    again = open_store("old")
    again.write([], [Event(record, Change.FEEDBACK, day(3), "thesis", 0.2)])
    query = Query(("orders",), CALDR, frozenset(Aspect))
    early, late = (again.at(day(at), RUN).recall(query)[0].parts["strength"] for at in (2.9, 3.1))
    assert late > early
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        again.journal.connection.execute("DELETE FROM events")


@pytest.mark.parametrize(
    ("preset", "gains", "importance"),
    [
        ("finmem", (0.1, 0.1, -0.1), 50 + 5 + 10 + 5),  # a penalty after two rewards still raises it
        ("investor-bench", (0.1, -0.3), 50 + 18 - 18),
        ("fincon", (0.1, -0.3), 50 + 5),
    ],
)
def test_the_presets_credit_as_their_sources_do(preset, gains, importance):
    walk = _RecordState(PRESETS[preset].decay, Layer.SHORT, 50.0)
    for gain in gains:
        walk.credit(gain)
    assert walk.importance == importance
