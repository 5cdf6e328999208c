"""A session store of schema 1 is brought to schema 2: its rows and heartbeats stay, and can be changed."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openoutcry.desk.records.session_status import SessionStatus
from openoutcry.desk.records.session_store import Heartbeat, SessionRow, SessionStore
from openoutcry.domain.errors import ConfigError

SCHEMA_1 = """
CREATE TABLE sessions (
    account TEXT NOT NULL, session TEXT NOT NULL, attempt INTEGER NOT NULL, status TEXT NOT NULL,
    as_of TEXT NOT NULL, started_at TEXT NOT NULL, updated_at TEXT NOT NULL, request TEXT NOT NULL,
    config_hash TEXT NOT NULL, allocation TEXT, result TEXT, note TEXT NOT NULL,
    PRIMARY KEY (account, session)
);
CREATE TABLE heartbeats (
    account TEXT NOT NULL PRIMARY KEY, at TEXT NOT NULL, state TEXT NOT NULL, next_fire TEXT, missed INTEGER NOT NULL,
    error TEXT NOT NULL
);
INSERT INTO sessions VALUES
    ('mine', '2025-03-03', 1, 'done', '2025-03-03T21:00:00Z', '2025-03-03T21:45:00Z', '2025-03-03T21:46:00Z', '{}',
     '0123456789abcdef', '{}', NULL, ''),
    ('mine', '2025-03-04', 2, 'awaiting_approval', '2025-03-04T21:00:00Z', '2025-03-04T21:45:00Z',
     '2025-03-04T21:46:00Z', '{"plan": "Zürich"}', 'fedcba9876543210', NULL, NULL, 'attempt 1 was abandoned');
INSERT INTO heartbeats VALUES ('mine', '2025-03-04T22:00:00Z', 'waiting', '2025-03-05T21:30:00Z', 3, '');
PRAGMA user_version=1;
"""
AT = datetime(2025, 3, 4, 21, 46, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as connection:
        connection.executescript(SCHEMA_1)
    return tmp_path / "sessions.db"


def version(path):
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(sessions)")]
        return connection.execute("PRAGMA user_version").fetchone()[0], columns


def test_rows_and_heartbeats_stay(path):
    with closing(SessionStore(path)) as store:
        newest, oldest = store.rows("mine")
        beat = store.heartbeat("mine")
    assert newest == SessionRow(
        account="mine",
        session=date(2025, 3, 4),
        attempt=2,
        status=SessionStatus.AWAITING_APPROVAL,
        as_of=datetime(2025, 3, 4, 21, tzinfo=UTC),
        started_at=datetime(2025, 3, 4, 21, 45, tzinfo=UTC),
        updated_at=AT,
        request='{"plan": "Zürich"}',
        config_hash="fedcba9876543210",
        note="attempt 1 was abandoned",
        settled=None,
    )
    assert (oldest.session, oldest.status, oldest.settled) == (date(2025, 3, 3), SessionStatus.DONE, None)
    next_fire = datetime(2025, 3, 5, 21, 30, tzinfo=UTC)
    assert beat == Heartbeat("mine", datetime(2025, 3, 4, 22, tzinfo=UTC), "waiting", next_fire, 3)


def test_the_new_column_can_be_written_and_is_kept(path):
    with closing(SessionStore(path)) as store:
        row = store.find("mine", date(2025, 3, 4))
        store.update(replace(row, settled=42))
    with closing(SessionStore(path)) as store:
        assert store.find("mine", date(2025, 3, 4)).settled == 42
        assert store.find("mine", date(2025, 3, 3)).settled is None
    found, columns = version(path)
    assert (found, columns.count("settled")) == (2, 1)


def test_an_upgraded_store_is_the_same_as_a_new_one(path, tmp_path):
    for each in (path, tmp_path / "new.db"):
        SessionStore(each).close()
    assert version(path) == version(tmp_path / "new.db")


def test_an_upgrade_that_fails_leaves_schema_1(path):
    """A column of the same name is in the way; without it the store is upgraded."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("ALTER TABLE sessions ADD COLUMN settled INTEGER")
        with pytest.raises(ConfigError):
            SessionStore(path)
        assert version(path)[0] == 1
        other.execute("ALTER TABLE sessions DROP COLUMN settled")
    SessionStore(path).close()
    assert version(path)[0] == 2
