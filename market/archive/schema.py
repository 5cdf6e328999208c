"""The tables of the archive: fetches and rows, both append-only."""

from ...storage.sqlite import Schema, append_only

FETCH_COLUMNS = ("kind", "key", "origin", "since", "until", "asked_at", "outcome", "rows", "reach", "reason")
ROW_COLUMNS = ("kind", "key", "origin", "identity", "cells", "hash", "fetched_at", "seen_at")
FETCHES = """
CREATE TABLE IF NOT EXISTS fetches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, origin TEXT NOT NULL,
    since TEXT NOT NULL, until TEXT NOT NULL, asked_at TEXT NOT NULL, outcome TEXT NOT NULL, rows INTEGER NOT NULL,
    reach TEXT NOT NULL, reason TEXT NOT NULL
)
"""
ROWS = """
CREATE TABLE IF NOT EXISTS rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT, "fetch" INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    origin TEXT NOT NULL, identity TEXT NOT NULL, cells TEXT NOT NULL, hash TEXT NOT NULL, fetched_at TEXT NOT NULL,
    seen_at TEXT
)
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS fetches_by_key ON fetches (kind, key)",
    "CREATE INDEX IF NOT EXISTS rows_by_key ON rows (kind, key)",
    "CREATE INDEX IF NOT EXISTS rows_by_identity ON rows (kind, key, origin, identity)",
)
MESSAGE = "the archive is append-only"
TRIGGERS = tuple(trigger for table in ("rows", "fetches") for trigger in append_only(table, MESSAGE))
SCHEMA = Schema(version=1, create=(FETCHES, ROWS, *INDEXES, *TRIGGERS))
