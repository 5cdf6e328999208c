"""The tables of the run store.

Version 1: a run is `running` or `done`. Version 2: any state of `Status`, and the request of every call. Rows of
version 1 stay readable. Version 3: the table of results of slow roles. Version 4: the tables of pictures.
"""

from ...storage.sqlite import Schema
from .stored_pictures import PICTURE_TABLES
from .stored_results import ROLE_RESULTS

RUN_COLUMNS = ("run_id", "started_at", "ticker", "as_of", "desk", "status", "outcome", "request", "config_hash")
CALL_COLUMNS = (
    "key", "role", "model", "reply", "prompt_tokens", "cached_tokens", "completion_tokens", "wall_s", "estimated",
    "request",
)  # fmt: skip
RUNS = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT NOT NULL PRIMARY KEY, started_at TEXT NOT NULL, ticker TEXT NOT NULL, as_of TEXT NOT NULL,
    desk TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, request TEXT NOT NULL, config_hash TEXT NOT NULL,
    decision TEXT
)
"""
CALLS = """
CREATE TABLE IF NOT EXISTS calls (
    run_id TEXT NOT NULL, key TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, reply TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    wall_s REAL NOT NULL, estimated INTEGER NOT NULL, request TEXT, PRIMARY KEY (run_id, key)
)
"""
SCHEMA = Schema(
    version=4,
    create=(RUNS, CALLS, ROLE_RESULTS, *PICTURE_TABLES),
    upgrades={1: ("ALTER TABLE calls ADD COLUMN request TEXT",), 2: (), 3: ()},
)
