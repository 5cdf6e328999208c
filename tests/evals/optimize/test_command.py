"""The command `eval optimize`: printed and as JSON, and continued after the process was killed."""

import json
import os
import subprocess
import sys
import threading
import time

from openoutcry.evals.optimize.optimization_service import OptimizationState
from stub_trader import CASH, SHORT, StubDesk, with_sentence

TEXTS = tuple(map(with_sentence, ("Be polite.", CASH, SHORT)))
LINE = [sys.executable, "-c", "from openoutcry.cli.app import main; main()", "eval", "optimize", "tuned.yaml"]
PATIENCE_S = 120


def environment(stub):
    return {**os.environ, "OPENAI_BASE_URL": stub.url, "COLUMNS": "160"}


def test_a_killed_optimization_continues_and_ends_in_the_same_result(written, optimized, stub, tmp_path):
    file, desk, pause = written(), StubDesk(*TEXTS), threading.Event()
    stub.responder = desk
    line = [*LINE, "--proposals", "3", "--output", "runs"]
    killed = subprocess.Popen(
        line, cwd=tmp_path, env=environment(stub), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + PATIENCE_S
    while len(stub.requests) < 28:
        assert killed.poll() is None
        assert time.monotonic() < deadline
        pause.wait(0.01)
    killed.kill()
    killed.wait()
    result, _ = optimized(file, desk)
    calls = len(stub.requests)
    whole, _ = optimized(file, StubDesk(*TEXTS), output="whole")
    assert (result.state, result.attempts) == (OptimizationState.JUDGED, whole.attempts)
    repeated = calls - (len(stub.requests) - calls)
    assert repeated <= 1  # the call that was in progress
    assert len(desk.asked) == 3


def test_the_command_shows_the_winner_as_a_diff_and_its_judgement(written, settings, stub, tmp_path):
    written()
    stub.responder = StubDesk(*TEXTS)
    line = [*LINE, "--proposals", "3", "--max-cost-usd", "5"]
    shown = subprocess.run(line, cwd=tmp_path, env=environment(stub), capture_output=True, text=True, check=True)
    assert f"+{SHORT}" in shown.stdout.splitlines()
    assert "single_agent / system" in shown.stdout
    assert "optimized" in shown.stdout
    again = subprocess.run(
        [*line, "--json"], cwd=tmp_path, env=environment(stub), capture_output=True, text=True, check=True
    )
    document = json.loads(again.stdout)
    assert (document["state"], document["judgement"]["against"]) == ("judged", "original")
    assert [each["status"] for each in document["proposals"]] == ["not_better", "adopted", "adopted"]
    assert document["judgement"]["trials"] >= 2
