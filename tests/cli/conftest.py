"""Runs the command line in this process, as a shell would see it."""

import sys
from dataclasses import dataclass

import pytest
from openoutcry.cli.app import main


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
