"""The states of a run in the store, the lease of the process that works on it, and the ids of runs that submit."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from desk_factory import close_of, rules, taken
from openoutcry.desk.records.run_lease import RunLease
from openoutcry.desk.records.run_status import Status, check_transition
from openoutcry.desk.records.run_store import Run, RunStore
from openoutcry.desk.run_id import submission_run_id
from openoutcry.domain.errors import ConfigError, StoreLocked
from openoutcry.domain.ids import RunId
from scripted_answers import TICKER

RUN = RunId("run")
STORED = {"planned", "running", "awaiting_approval", "submitted", "interrupted", "done", "failed"}
HOLD = """
import sys
from pathlib import Path
from openoutcry.desk.records.run_lease import RunLease
with RunLease(Path(sys.argv[1]), "run").held():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path):
    with_file = RunStore(tmp_path / "runs.db")
    yield with_file
    with_file.close()


def run(status=Status.RUNNING, request="{}"):
    return Run(
        RUN, datetime(2025, 3, 4, tzinfo=UTC), TICKER, close_of(2025, 3, 3), "debate", status, None, request, "a"
    )


def test_the_stored_names_are_the_documented_ones():
    assert {str(status) for status in Status} == STORED


IMPOSSIBLE = (
    *(("planned", after) for after in ("planned", "awaiting_approval", "submitted", "interrupted", "done", "failed")),
    *((before, "planned") for before in STORED - {"planned"}),
    *((before, after) for before in ("interrupted", "failed") for after in ("submitted", "awaiting_approval", "done")),
    *(("submitted", after) for after in ("running", "interrupted", "failed")),
)


@pytest.mark.parametrize(("before", "after"), sorted(IMPOSSIBLE))
def test_no_run_is_planned_again_ends_before_it_ran_or_runs_after_it_was_submitted(before, after):
    with pytest.raises(ValueError, match=f"is {before}, so it cannot become {after}"):
        check_transition("run", Status(before), Status(after))


def test_a_run_passes_through_its_states_and_keeps_its_decision(store, demo):
    decision = taken(rules(demo))
    store.plan(run())
    assert store.get(RUN).status is Status.PLANNED
    store.begin(run(request='{"seed": 1}'))
    assert (store.get(RUN).status, store.get(RUN).request) == (Status.RUNNING, '{"seed": 1}')
    for status in (Status.INTERRUPTED, Status.RUNNING, Status.FAILED, Status.RUNNING):
        store.move(RUN, status)
        assert store.get(RUN).status is status
    for status in (Status.AWAITING_APPROVAL, Status.SUBMITTED, Status.DONE):
        store.record(decision, status)
        assert (store.get(RUN).status, store.decision(RUN)) == (status, decision)


def test_an_impossible_step_changes_nothing(store):
    store.plan(run())
    with pytest.raises(ValueError, match="planned"):
        store.move(RUN, Status.DONE)
    assert store.get(RUN).status is Status.PLANNED
    with pytest.raises(ConfigError, match="there is no run"):
        store.move(RunId("other"), Status.DONE)


def test_a_store_of_the_first_version_is_read(store, tmp_path):
    store.begin(run())
    store.close()
    with closing(sqlite3.connect(tmp_path / "runs.db")) as old:
        old.execute("ALTER TABLE calls DROP COLUMN request")
        old.execute("PRAGMA user_version=1")
        old.commit()
    again = RunStore(tmp_path / "runs.db")
    assert again.current_status(again.get(RUN)) is Status.INTERRUPTED
    again.close()


def test_a_running_run_is_interrupted_once_nobody_holds_its_lease(store):
    store.begin(run())
    with store.lease(RUN).held():
        assert store.current_status(store.get(RUN)) is Status.RUNNING
    assert store.current_status(store.get(RUN)) is Status.INTERRUPTED
    assert store.current_status(run(Status.FAILED)) is Status.FAILED


def test_a_lease_is_held_once_and_leaves_no_file(tmp_path):
    lease = RunLease(tmp_path / "leases", RUN)
    assert not lease.is_held
    with lease.held():
        assert lease.is_held
        assert not RunLease(tmp_path / "leases", "other").is_held
    assert list((tmp_path / "leases").iterdir()) == []
    with lease.held():
        assert lease.is_held


def test_a_killed_process_leaves_its_lease_to_others(tmp_path, monkeypatch):
    monkeypatch.setattr("openoutcry.desk.records.run_lease.WAIT_S", 0.0)
    lease = RunLease(tmp_path, RUN)
    line = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}) as process:
        assert process.stdout.readline() == b"held\n"
        assert lease.is_held
        with pytest.raises(StoreLocked, match="another process works on run run"), lease.held():
            pass
        assert lease.is_held
        process.kill()
    assert not lease.is_held
    with lease.held():
        assert lease.is_held


def test_every_part_of_the_decision_to_take_changes_the_id_and_nothing_else_does():
    parts = {"account": "paper", "session": date(2025, 3, 3), "symbol": "GRUND", "desk": "debate", "attempt": 1}
    other = {"account": "p", "session": date(2025, 3, 4), "symbol": "CALDR", "desk": "single_agent", "attempt": 2}
    ids = {submission_run_id(**parts | {name: value}) for name, value in other.items()}
    assert len(ids | {submission_run_id(**parts)}) == 6
    assert submission_run_id(**parts) == submission_run_id(**parts)
    assert submission_run_id(**parts | {"symbol": "*"}).startswith("20250303-book-")


def test_no_two_accounts_and_desks_run_together():
    day = date(2025, 3, 3)
    assert submission_run_id("a|b", day, "X", "c") != submission_run_id("a", day, "X", "b|c")
