"""`paper serve` as a process that gets SIGTERM in the middle of a session."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Event

import pytest
from openoutcry.tests.app.daily import NAME, open_daily
from stub.server import StubServer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM handlers")

PAUSE = Event()
PROGRAM = """
import sys
from openoutcry.app.paper_server import PaperServer
from openoutcry.app.settings import load_settings
from openoutcry.tests.app.daily import XNYS, Observer, TestClock, sessions
clock = TestClock(None)
clock.after_close(sessions("2025-03-03", 1)[0])
class Announcing(Observer):
    def run_started(self, run):
        print("started", flush=True)
PaperServer(load_settings({}).paper, Announcing(), clock).serve()
"""


@contextmanager
def serving(folder):
    environment = {**os.environ, "OPENAI_API_KEY": "sk-test"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stop(process):
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.mark.timeout(120)
def test_a_server_that_is_terminated_parks_its_session_and_the_next_one_finishes_it(tmp_path):
    home = tmp_path / "home"
    with open_daily(home):
        pass
    with StubServer(latency_ms=2000) as stub:
        (tmp_path / "openoutcry.toml").write_text(
            f'home = "{home}"\nmarket = "demo"\nmodel = "openai:stub"\nbase_url = "{stub.url}"\n'
            f'[[paper]]\naccount = "{NAME}"\nwatchlist = ["CALDR"]\n'
        )
        with serving(tmp_path) as first:
            assert first.stdout.readline() == "started\n", first.stderr.read()
            assert stop(first) == (0, "")
        with open_daily(home) as daily:
            rows = daily.stores.sessions.rows(NAME)
            assert [str(row.status) for row in rows] == ["running"]
            assert daily.stores.sessions.heartbeat(NAME).state == "stopped"
            assert {str(run.status) for run in daily.stores.runs.runs()} == {"interrupted"}
            stub.latency_ms = 0
            with (tmp_path / "openoutcry.toml").open("a") as settings:
                settings.write('on_missed = "record"\n')  # a parked session was not missed
            with serving(tmp_path) as second:
                assert second.stdout.readline() == "started\n"
                wait_for(lambda: daily.status(rows[0].session) == "done")
                assert stop(second) == (0, "")
            assert len(daily.stores.runs.runs()) == 1


def wait_for(happened, tries=600):
    """Wait until another process has done something."""
    for _ in range(tries):
        if happened():
            return
        PAUSE.wait(0.05)
    raise AssertionError("it did not happen within 30 s")
