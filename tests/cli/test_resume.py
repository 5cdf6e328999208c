"""A killed run goes on where it stopped, and pays for nothing twice."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from scripted_answers import TICKER
from stub.http_log import Fault
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


@pytest.mark.parametrize("calls", [0, 7, 13])
def test_finished_calls_are_not_made_again(tmp_path, calls):
    home = tmp_path / "home"
    with StubServer() as stub:
        stub.fail(*[None] * calls, *[Fault.hang()] * 4)
        asked = ("--as-of", "2025-03-03", "--model", "openai:x", "--base-url", stub.url)
        first = command(home, TICKER, *asked)
        wait_until(lambda: kept_calls(home) >= calls and len(stub.requests) > calls, first)
        first.kill()
        first.communicate()
        kept = kept_calls(home)
        paid = prompts(stub)
        stub.heal()
        run_id = last_run(home)
        second = command(home, "--resume", run_id, "--base-url", stub.url)
        decision = finished(second)
        again = prompts(stub) - paid
    assert kept == calls
    assert decision["run_id"] == run_id
    assert decision["usage"]["model_calls"] == ALL_CALLS
    assert sum(again.values()) == ALL_CALLS - calls


def last_run(home):
    with sqlite3.connect(home / "runs.db") as connection:
        return connection.execute("SELECT run_id FROM runs ORDER BY started_at DESC").fetchone()[0]


def remembered(home):
    """Return what the journal of the memory holds, but for the moments at which runs were made."""
    with sqlite3.connect(home / "memory" / "journal.db") as connection:
        records = connection.execute("SELECT source, symbol, text, available_at, cites FROM records ORDER BY id")
        return records.fetchall(), connection.execute("SELECT * FROM events ORDER BY record, cause").fetchall()


def test_a_killed_run_with_a_memory_recalls_and_notes_what_it_would_have(tmp_path):
    home, whole = tmp_path / "home", tmp_path / "whole"
    with StubServer() as stub:
        asked = ("--model", "openai:x", "--base-url", stub.url)
        assert finished(command(home, TICKER, "--as-of", "2024-12-02", *asked))["recalled"] == []
        shutil.copytree(home, whole)
        expected = finished(command(whole, TICKER, "--as-of", "2025-03-03", *asked))
        stub.fail(*[None] * 7, *[Fault.hang()] * 4)
        answered = len(stub.requests)
        first = command(home, TICKER, "--as-of", "2025-03-03", *asked)
        wait_until(lambda: kept_calls(home) >= ALL_CALLS + 7 and len(stub.requests) > answered + 7, first)
        first.kill()
        first.communicate()
        assert remembered(home) != remembered(whole)
        stub.heal()
        resumed = finished(command(home, "--resume", last_run(home), "--base-url", stub.url))
    assert expected["recalled"]
    assert resumed["recalled"] == expected["recalled"]
    assert remembered(home) == remembered(whole)


def finished(process):
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err + out
    return json.loads(out)
