"""A killed run goes on where it stopped, and pays for nothing twice."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from desks import TICKER
from stub.exchange import Fault
from stub.server import StubServer

ALL_CALLS = 14
PATIENCE_S = 180


def command(home, *arguments):
    """Start `openoutcry decide` as a process of its own."""
    environment = {**os.environ, "OPENOUTCRY_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    line = [sys.executable, "-c", "from openoutcry.cli.app import main; main()", "decide", *arguments, "--json"]
    return subprocess.Popen(
        line, env=environment, cwd=home.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def kept_calls(home):
    try:
        with sqlite3.connect(f"file:{home / 'runs.db'}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM calls").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def wait_until(true, process):
    """Wait for something that another process does; fails if that process ends first or nothing happens."""
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not true():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        pause.wait(0.01)


def prompts(stub):
    return Counter(json.dumps(request.body["messages"]) for request in stub.requests if request.body)


@pytest.mark.parametrize("finished", [0, 7, 13])
def test_finished_calls_are_not_made_again(tmp_path, finished):
    home = tmp_path / "home"
    with StubServer() as stub:
        stub.fail(*[None] * finished, *[Fault.hang()] * 4)
        asked = ("--as-of", "2025-03-03", "--model", "openai:x", "--base-url", stub.url)
        first = command(home, TICKER, *asked)
        wait_until(lambda: kept_calls(home) >= finished and len(stub.requests) > finished, first)
        first.kill()
        first.communicate()
        kept = kept_calls(home)
        paid = prompts(stub)
        stub.heal()
        run_id = last_run(home)
        second = command(home, "--resume", run_id, "--base-url", stub.url)
        out, err = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 0, err + out
        decision = json.loads(out)
        again = prompts(stub) - paid
    assert kept == finished
    assert decision["run_id"] == run_id
    assert decision["usage"]["model_calls"] == ALL_CALLS
    assert sum(again.values()) == ALL_CALLS - finished


def last_run(home):
    with sqlite3.connect(home / "runs.db") as connection:
        return connection.execute("SELECT run_id FROM runs").fetchone()[0]
