"""The tables of the journal. Triggers reject updates and deletions."""

from ...storage.sqlite import Schema, append_only

VERSION = 3
"""Version 1 kept only the first written of several events with one record, namespace, change and cause.
Version 2 kept only the first written content of records with one id."""

JOURNAL = """
CREATE TABLE IF NOT EXISTS spaces (
    id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, run TEXT NOT NULL, branch TEXT NOT NULL, agent TEXT NOT NULL,
    parent INTEGER REFERENCES spaces (id), fork_seq INTEGER, UNIQUE (workspace, run, branch, agent)
);
CREATE TABLE IF NOT EXISTS records (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, space INTEGER NOT NULL REFERENCES spaces (id),
    symbol TEXT NOT NULL, source TEXT NOT NULL, aspect TEXT NOT NULL, event_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL, learned_at INTEGER NOT NULL, outcome_at INTEGER, due_at INTEGER,
    surprise REAL NOT NULL, text TEXT NOT NULL, sources TEXT NOT NULL, cites TEXT NOT NULL, facts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_symbol ON records (space, symbol);
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES records (seq),
    space INTEGER NOT NULL REFERENCES spaces (id), change TEXT NOT NULL, effective_at INTEGER NOT NULL,
    cause TEXT NOT NULL, gain REAL NOT NULL,
    UNIQUE (record, space, change, cause, effective_at, gain)
);
CREATE TABLE IF NOT EXISTS variants (
    seq INTEGER PRIMARY KEY, record INTEGER NOT NULL REFERENCES records (seq),
    space INTEGER NOT NULL REFERENCES spaces (id), outcome_at INTEGER, due_at INTEGER, surprise REAL NOT NULL,
    sources TEXT NOT NULL, cites TEXT NOT NULL, facts TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS variants_by_record ON variants (record);
"""
"""Records, events and variants share one row number, `seq`.

An empty symbol marks a record that is not about one ticker."""

DERIVED = """
CREATE TABLE IF NOT EXISTS embedders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS vectors (
    key INTEGER PRIMARY KEY, embedder INTEGER NOT NULL, seq INTEGER NOT NULL, likeness REAL NOT NULL,
    nearest INTEGER NOT NULL, vector BLOB NOT NULL, UNIQUE (embedder, seq)
);
"""
"""Derived tables. They can be rebuilt from the journal and an embedder, so they may be changed or dropped."""

MESSAGE = "the journal is append-only"
TRIGGERS = tuple(
    trigger for table in ("spaces", "records", "events", "variants") for trigger in append_only(table, MESSAGE)
)
STATEMENTS = tuple(statement for statement in (JOURNAL + DERIVED).split(";\n") if statement.strip())
FROM_VERSION_1 = (
    "ALTER TABLE events RENAME TO events_1",
    next(statement for statement in STATEMENTS if "TABLE IF NOT EXISTS events" in statement),
    "INSERT INTO events SELECT seq, record, space, change, effective_at, cause, gain FROM events_1",
    "DROP TABLE events_1",
)
SCHEMA = Schema(VERSION, (*STATEMENTS, *TRIGGERS), upgrades={1: FROM_VERSION_1, 2: ()})
