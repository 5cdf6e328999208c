"""Several decisions on one terminal: a row each while they are at work, and plain lines without a terminal."""

import io
import json
import re

import pytest
from openoutcry.app.observer import Spent
from openoutcry.app.settings import load_settings
from openoutcry.cli.commands import decide_many as command
from openoutcry.cli.console.live_rows import LiveRows
from openoutcry.cli.console.progress import SharedProgress
from openoutcry.cli.console.session_progress import SessionProgress
from openoutcry.domain.ids import Symbol
from openoutcry.graph.runtime import Progress, Stage
from openoutcry.tests.app.daily import open_daily, sessions
from rich.console import Console
from stub.answers import Filler
from stub.http_log import Reply
from stub.server import StubServer

HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold red]Let me \u202ethink\u200b about it\r\n"
ROW = r"{} \[\d+/14, [\d.]+ s, \d+ calls, [\d,]+ tokens\] (\d roles, )?\w+ ~\d+ tokens .*\[bold"


@pytest.fixture
def stub():
    with StubServer() as server:
        server.responder = lambda request: Reply(HOSTILE + json.dumps(Filler().fill(request.schema, request.prompt)))
        yield server


def terminal(height=24):
    return Console(file=io.StringIO(), width=120, height=height, force_terminal=True, color_system=None)


def shown(console):
    text = console.file.getvalue()
    assert not re.search("\x1b\\]|\x07|\x1b\\[2J|\u202e|\u200b", text)
    return text


def test_decisions_on_several_tickers_show_who_answers_and_what_each_has_spent(stub, tmp_path, monkeypatch):
    console = terminal()
    monkeypatch.setattr(command, "Console", lambda **_: console)
    settings = load_settings({"home": tmp_path, "model": "openai:m", "base_url": stub.url, "max_tokens": 10**8})
    assert command.decide_many(["CALDR", "GRUND"], "2025-03-03", settings, as_json=True) == 0
    assert all(record.body.get("stream") for record in stub.requests)
    for ticker in ("CALDR", "GRUND"):
        assert re.search(ROW.format(ticker), shown(console)), ticker
    assert shown(console).count(" | ") == 28


def test_a_session_shows_rows_too(stub, tmp_path):
    console = terminal()
    with (
        open_daily(tmp_path, model="openai:m", base_url=stub.url, max_tokens=10**8) as daily,
        SessionProgress(console) as daily.observer,
    ):
        daily.clock.after_close(sessions("2025-03-03", 1)[0])
        daily.run(watchlist="CALDR")
    assert re.search(ROW.format("CALDR"), shown(console))


@pytest.mark.parametrize("kind", [SharedProgress, SessionProgress])
def test_without_a_terminal_nothing_is_streamed_or_redrawn(kind):
    console = Console(file=io.StringIO(), width=120)
    with kind(console) as progress:
        observer = getattr(progress, "observer", None) or progress.run_observer
        one = observer(Symbol("CALDR"))
        assert one.tokens is None
        one.progress(Progress("bull", Stage.STARTED))
    assert console.file.getvalue() == ""


@pytest.mark.parametrize(("height", "lines"), [(100, 12), (8, 5), (2, 1)])
def test_the_rows_are_bounded_and_the_others_counted(height, lines):
    console = terminal(height)
    rows = LiveRows(console)
    for number in range(40):
        rows.begin(f"T{number:02}", lambda: str(Spent().model_calls))
        rows.progress(f"T{number:02}", Progress("bull", Stage.STARTED))
    text = "\n".join("".join(part.text for part in line) for line in console.render_lines(rows._status(), pad=False))
    drawn = [line.strip() for line in text.splitlines()]
    assert len(drawn) == lines
    assert drawn[-1] == f"and {40 - (lines - 1)} more decisions at work"
    for number in range(40):
        rows.end(f"T{number:02}")
    assert not "".join(part.text for line in console.render_lines(rows._status(), pad=False) for part in line).strip()
