"""A state folder for services, and an observer that keeps what it was told."""

import socket
from contextlib import nullcontext

import pytest


class RecordingObserver:
    """Keeps everything that a service reports."""

    tokens = None

    def __init__(self):
        self.notices, self.waits, self.runs, self.steps = [], [], [], []

    def notice(self, text):
        self.notices.append(text)

    def waiting(self, what):
        self.waits.append(what)
        return nullcontext()

    def run_started(self, run):
        self.runs.append(run)

    def progress(self, progress):
        self.steps.append(progress)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def observer():
    return RecordingObserver()


@pytest.fixture
def no_network(monkeypatch):
    """Return a function that refuses every connection from now on."""

    def refuse(*_):
        raise AssertionError("a replay opened a connection")

    def block():
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket.socket, "connect_ex", refuse)

    return block
