"""Checkpoints in SQLite: failed writes are translated and leave nothing behind."""

import sqlite3
from contextlib import closing

import pytest
from langgraph.checkpoint.base import empty_checkpoint
from openoutcry.domain.errors import ConfigError, StoreLocked
from openoutcry.graph.checkpoints import open_checkpoints

RUN = {"configurable": {"thread_id": "run", "checkpoint_ns": ""}}


@pytest.fixture
def saver(tmp_path):
    with open_checkpoints(tmp_path / "c.db") as opened:
        yield opened


async def test_a_locked_file_is_a_conflict_and_the_next_write_succeeds(saver, tmp_path):
    saver.conn.execute("PRAGMA busy_timeout=1")
    with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLocked, match=r"c\.db cannot be used: database is locked; another process is writing"):
            await saver.aput(RUN, empty_checkpoint(), {}, {})
        other.execute("ROLLBACK")
    stored = await saver.aput(RUN, empty_checkpoint(), {}, {})
    assert (await saver.aget_tuple(RUN)).config == stored


async def test_a_write_that_fails_halfway_stores_nothing(saver, tmp_path):
    """A task of which a part is stored would count as done when the run is resumed."""
    stored = await saver.aput(RUN, empty_checkpoint(), {}, {})
    saver.conn.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON writes WHEN NEW.channel = 'b' "
        "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    )
    with pytest.raises(ConfigError, match="disk is full; make room on the disk"):
        await saver.aput_writes(stored, [("a", 1), ("b", 2)], "task")
    assert (await saver.aget_tuple(RUN)).pending_writes == []
    await saver.aput_writes(stored, [("c", 3)], "task")
    assert (await saver.aget_tuple(RUN)).pending_writes == [("task", "c", 3)]


async def test_a_listing_not_read_to_its_end_blocks_no_write(saver):
    for _ in range(2):
        await saver.aput(RUN, empty_checkpoint(), {}, {})
    listing = saver.alist(RUN)
    await anext(listing)
    assert not saver.lock.locked()
    await listing.aclose()


def test_a_file_with_other_tables_is_named(tmp_path):
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE VIEW writes AS SELECT 1")
    with pytest.raises(ConfigError, match=r"the checkpoints .*c\.db cannot be used"), open_checkpoints(path):
        pass
