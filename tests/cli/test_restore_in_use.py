"""A restore of a state folder that other processes use is refused."""

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from openoutcry.app.factories import open_sessions, open_store
from openoutcry.app.settings import load_settings
from openoutcry.desk.records.session_store import Heartbeat

HOLDER = """
import sys
from openoutcry.app.factories import open_sessions
from openoutcry.app.settings import load_settings
with open_sessions(load_settings({})).lease("mine", "the scheduler of account").held():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def backup(openoutcry, home, tmp_path):
    """Open an account with a session store, and back it up."""
    openoutcry("paper", "init", "--account", "mine")
    open_sessions(load_settings({})).close()
    assert openoutcry("backup", tmp_path / "copy").code == 0
    return tmp_path / "copy"


@contextmanager
def scheduler():
    """Run another process that holds the lease of a scheduler."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def files(home):
    return sorted((path.name, path.stat().st_ino) for path in home.glob("*.db"))


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_lease_that_another_process_holds_refuses_a_restore(openoutcry, home, backup, force):
    before = files(home)
    with scheduler():
        refused = openoutcry("restore", backup, *force)
        assert (refused.code, "a scheduler serves an account" in refused.err) == (8, True)
        assert files(home) == before
    assert openoutcry("restore", backup, "--force").code == 0
    assert files(home) != before


def test_a_run_that_is_at_work_refuses_a_restore(openoutcry, home, backup):
    with closing(open_store(load_settings({}))) as store, store.lease("20250303-CALDR-x").held():
        assert openoutcry("restore", backup, "--force").code == 8
    assert openoutcry("restore", backup, "--force").code == 0


def test_a_database_in_a_write_transaction_refuses_a_restore(openoutcry, home, backup):
    with closing(sqlite3.connect(home / "book.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = openoutcry("restore", backup, "--force")
        assert (refused.code, "a command writes to book.db" in refused.err) == (8, True)
        other.execute("ROLLBACK")
    assert openoutcry("restore", backup, "--force").code == 0


def beat(state, age):
    with closing(open_sessions(load_settings({}))) as store:
        store.beat(Heartbeat("mine", datetime.now(UTC) - age, state))


@pytest.mark.parametrize(
    ("state", "age", "code"),
    [("waiting", 60, 8), ("working", -60, 8), ("stopped", 60, 2), ("waiting", 3600, 2)],
    ids=["alive", "its clock is ahead", "stopped", "dead"],
)
def test_a_recent_heartbeat_refuses_a_restore_that_is_not_forced(openoutcry, home, backup, state, age, code):
    """Without a reason of its own, a folder that is not empty is refused with exit code 2."""
    beat(state, timedelta(seconds=age))
    refused = openoutcry("restore", backup)
    assert (refused.code, "--force" in refused.err) == (code, True)
    assert ("scheduler of account mine was alive" in refused.err) is (code == 8)
    assert openoutcry("restore", backup, "--force").code == 0


def test_a_damaged_session_store_can_be_restored(openoutcry, home, backup):
    for log in home.glob("sessions.db-*"):
        log.unlink()
    (home / "sessions.db").write_bytes(b"no database")
    assert openoutcry("restore", backup, "--force").code == 0
