"""Answers are shown while they arrive: on a terminal as the last words of each, without one not at all."""

import io
import json
import os
import pty
import re
from contextlib import suppress

import pytest
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.settings import load_settings
from openoutcry.cli.console.live_answers import LiveAnswers
from openoutcry.cli.console.progress import ProgressDisplay
from rich.console import Console
from stub.answers import Filler
from stub.http_log import Reply
from stub.server import StubServer

HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold red]Let me \u202ethink\u200b about it\r\n"
NO_MORE_THAN = 400


@pytest.fixture
def stub():
    with StubServer() as server:
        server.responder = lambda request: Reply(HOSTILE + json.dumps(Filler().fill(request.schema, request.prompt)))
        yield server


@pytest.fixture
def decide(tmp_path, stub):
    """Return a function that decides with a display on a console, under caps."""

    def run(console, **caps):
        given = {"home": tmp_path / "home", "model": "openai:m", "base_url": stub.url, **caps}
        with ProgressDisplay(console) as display:
            return DecisionService(load_settings(given), display).decide("CALDR", "2025-03-03").decision

    return run


def test_a_terminal_shows_the_role_the_words_and_what_was_spent(decide, stub):
    leader, follower = pty.openpty()
    with os.fdopen(follower, "w", encoding="utf-8") as file:
        os.set_blocking(leader, False)
        shown = io.StringIO()

        class Terminal(io.TextIOBase):
            def write(self, text):
                file.write(text)
                file.flush()
                with suppress(BlockingIOError):
                    shown.write(os.read(leader, 1_000_000).decode())
                return len(text)

            def isatty(self):
                return file.isatty()

        decision = decide(Console(file=Terminal(), width=120, force_terminal=True, color_system=None), max_tokens=10**7)
    os.close(leader)
    text = shown.getvalue()
    assert decision.risk.allowed
    assert all(record.body.get("stream") for record in stub.requests)
    for role in ("technical", "bull", "research_manager", "trader", "risk_manager"):
        assert re.search(rf"{role} ~\d+ tokens .*\[bold", text), role
    assert re.search(r"\[\d+/14, [\d.]+ s, \d+ calls, [\d,]+ tokens\]", text)
    assert not re.search("\x1b\\]|\x07|\x1b\\[2J|\u202e|\u200b", text)


def test_without_a_terminal_answers_are_not_streamed_and_lines_are_plain(decide, stub):
    file = io.StringIO()
    decide(Console(file=file, width=120), max_calls=99)
    assert not any(record.body.get("stream") for record in stub.requests)
    assert len([line for line in file.getvalue().splitlines() if " | " in line]) == 14
    assert "\x1b" not in file.getvalue()


def test_what_is_kept_and_shown_of_an_answer_is_bounded():
    answers = LiveAnswers()
    for _ in range(100):
        answers.add("trader", "words " * 10_000)
    (line,) = answers.lines()
    assert len(line.plain) < NO_MORE_THAN
    assert line.plain.startswith("trader ~1,500,000 tokens")
    answers.end("trader")
    assert not answers.lines()
