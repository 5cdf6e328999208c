"""Runs the command line in this process, as a shell would see it."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openoutcry.cli.app import main
from openoutcry.tests.app.forked import processes
from openoutcry.tests.cli.live_shell import Run, Shell


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Give the command line a state folder and a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    # Nobody listens at these: whatever asks a public source finds it out of reach, at once.
    for vendor in ("yfinance", "sec", "gdelt", "fred"):
        monkeypatch.setenv(f"OPENOUTCRY_LIVE__BASE_URLS__{vendor}", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENOUTCRY_LIVE__FEEDS", '{"rss_test": "http://127.0.0.1:9/{ticker}"}')
    monkeypatch.setenv("OPENOUTCRY_LIVE__ATTEMPTS", "1")
    return tmp_path / "home"


@pytest.fixture
def openoutcry(home, monkeypatch, capsys):
    """Return a function that runs one command."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["openoutcry", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def terminal(monkeypatch):
    """Let commands of this process write to a terminal of 80 columns."""

    def attach():
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("TERM", "dumb")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    return attach


@pytest.fixture
def desk(tmp_path):
    """Return a function that writes a desk file."""

    def write(text):
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def forked() -> Iterator[Run]:
    """Return a function that runs a command in a process forked from one that has done the imports."""
    with processes("command_line") as run:
        yield run


@pytest.fixture
def shell(forked: Run) -> Callable[..., Shell]:
    """Return a function that opens a shell with a home and the servers of a URL."""

    def begin(home: Path, url: str, **environment: str) -> Shell:
        home.mkdir(exist_ok=True)
        return Shell(forked, home, url, **environment)

    return begin
