"""`runs prune`: old finished runs go with all they stored; what an account or a resumption needs stays."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.cli.commands import prune
from openoutcry.desk.records.run_store import RunStore
from openoutcry.graph.checkpoints import open_checkpoints
from openoutcry.llm.recording import RecordingStore
from stub.server import StubServer

RULES = ("--model", "rules", "--json")
OLD = ("runs", "prune", "--older-than", "90d")


@pytest.fixture
def years_later(monkeypatch):
    monkeypatch.setattr(prune, "now", lambda: datetime(2040, 1, 1, tzinfo=UTC))


def decided(openoutcry, ticker, day, *more):
    return json.loads(openoutcry("decide", ticker, "--as-of", day, *RULES, *more).out)["run_id"]


def listed(openoutcry):
    return {each["run_id"] for each in json.loads(openoutcry("runs", "list", "--json", "--limit", "99").out)}


def count(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def test_recent_runs_stay(openoutcry):
    run = decided(openoutcry, "CALDR", "2025-03-03")
    assert openoutcry(*OLD, "--yes").code == 0
    assert listed(openoutcry) == {run}


def test_a_dry_run_and_a_missing_confirmation_delete_nothing(openoutcry, years_later):
    run = decided(openoutcry, "CALDR", "2025-03-03")
    shown = json.loads(openoutcry(*OLD, "--dry-run", "--json").out)
    assert (shown["runs"], shown["deleted"], shown["bytes"] > 10_000) == ([run], False, True)
    refused = openoutcry(*OLD)
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert listed(openoutcry) == {run}
    assert openoutcry("runs", "prune", "--older-than", "6m").code == 2


def test_an_old_run_goes_with_its_calls_events_and_recording_and_the_space_is_freed(openoutcry, home, years_later):
    with StubServer() as stub:
        model = ("--model", "openai:m", "--base-url", stub.url, "--record", "--json")
        first = json.loads(openoutcry("decide", "CALDR", "--as-of", "2025-03-03", *model).out)["run_id"]
        assert first
    assert count(home / "runs.db", "SELECT count(*) FROM calls") > 0
    assert (home / "events" / f"{first}.jsonl").exists()
    before = sum(path.stat().st_size for path in home.glob("*.db*"))
    recorded = (home / "recordings.db").stat().st_size
    result = json.loads(openoutcry(*OLD, "--yes", "--json").out)
    assert (result["runs"], result["deleted"]) == ([first], True)
    assert listed(openoutcry) == set()
    assert count(home / "runs.db", "SELECT count(*) FROM calls") == 0
    assert count(home / "recordings.db", "SELECT (SELECT count(*) FROM runs) + count(*) FROM entries") == 0
    assert not list((home / "events").iterdir())
    assert (home / "recordings.db").stat().st_size < recorded
    after = sum(path.stat().st_size for path in home.glob("*.db*"))
    assert after < before
    assert result["bytes"] >= before - after > 0


def test_the_runs_that_an_account_refers_to_stay(openoutcry, years_later):
    openoutcry("paper", "init", "--account", "mine")
    days = ("2025-03-03", "2025-03-04", "2025-03-05")
    runs = [decided(openoutcry, "CALDR", day, "--account", "mine", "--submit") for day in days]
    other = decided(openoutcry, "GRUND", "2025-03-05", "--account", "mine", "--submit")
    result = json.loads(openoutcry(*OLD, "--yes", "--json").out)
    assert {runs[-1], other} <= set(result["kept_in_use"])
    assert runs[0] in result["runs"]
    assert listed(openoutcry) == set(result["kept_in_use"])
    again = json.loads(openoutcry("decide", "CALDR", "--as-of", "2025-03-06", "--account", "mine", *RULES).out)
    assert again["outcome"] in {"orders", "hold"}


async def create_checkpoints(path):
    """Create the tables, which runs by rules do not need."""
    with open_checkpoints(path):
        pass


def test_unfinished_runs_stay_without_force_and_a_running_one_stays_with_it(openoutcry, home, years_later):
    runs = [decided(openoutcry, "CALDR", day) for day in ("2025-03-03", "2025-03-04", "2025-03-05")]
    with closing(sqlite3.connect(home / "runs.db")) as connection, connection:
        connection.execute("UPDATE runs SET status = 'failed' WHERE run_id = ?", (runs[0],))
        connection.execute("UPDATE runs SET status = 'running' WHERE run_id IN (?, ?)", runs[1:])
    asyncio.run(create_checkpoints(home / "checkpoints.db"))
    with closing(sqlite3.connect(home / "checkpoints.db")) as connection, connection:
        insert = "INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id) VALUES (?, '', 'x')"
        connection.executemany(insert, [(run,) for run in runs])
    store = RunStore(home / "runs.db")
    with store.lease(runs[2]).held():
        kept = json.loads(openoutcry(*OLD, "--yes", "--json").out)
        assert (set(kept["kept_unfinished"]), kept["runs"]) == (set(runs), [])
        forced = json.loads(openoutcry(*OLD, "--yes", "--force", "--json").out)
        assert (set(forced["runs"]), forced["kept_unfinished"]) == (set(runs[:2]), [runs[2]])
    store.close()
    assert listed(openoutcry) == {runs[2]}
    with closing(sqlite3.connect(home / "checkpoints.db")) as connection:
        assert connection.execute("SELECT thread_id FROM checkpoints").fetchall() == [(runs[2],)]


def test_an_interrupted_pruning_can_be_repeated(openoutcry, home, years_later, monkeypatch):
    from openoutcry.app import run_pruning

    run = decided(openoutcry, "CALDR", "2025-03-03")
    plan = run_pruning.plan_pruning(load_settings({}), datetime(2040, 1, 1, tzinfo=UTC), force=False)
    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "delete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_pruning.prune(load_settings({}), plan)
    assert listed(openoutcry) == {run}
    assert json.loads(openoutcry(*OLD, "--yes", "--json").out)["runs"] == [run]


def test_entries_that_another_run_uses_stay(tmp_path):
    from openoutcry.llm.recording import EntryKind, RecordedCall, RecordedRun

    store = RecordingStore(tmp_path / "recordings.db")
    shared, own = (RecordedCall(EntryKind.CHAT, key, f"ask {key}", "reply") for key in "ab")
    for run in ("one", "two"):
        store.begin(RecordedRun(run, "1", "{}", None))
        store.save(run, [shared])
    store.save("one", [own])
    store.delete(["one"])
    assert [run.run_id for run in store.runs()] == ["two"]
    assert (store.entries("two"), store.latest(EntryKind.CHAT, "b")) == ((shared,), None)
    store.close()


def test_a_ledger_that_cannot_be_read_stops_the_pruning(openoutcry, home, years_later):
    run = decided(openoutcry, "CALDR", "2025-03-03")
    (home / "book.db").write_bytes(b"not a database" * 1000)
    assert openoutcry(*OLD, "--yes").code != 0
    assert listed(openoutcry) == {run}
