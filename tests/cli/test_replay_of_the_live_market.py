"""A recorded decision on the live market is replayed from the archive and the recording, with every socket refused."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stub.personalities import calls_once
from stub.server import StubServer
from vendors.server import VendorServer
from vendors.vendor_servers import everything_at, serve_world

CONNECTED = "from openoutcry.cli.app import main; main()"
BLOCKED = f"""
import socket

def refuse(*_):
    raise SystemExit("a replay opened a connection")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
{CONNECTED}
"""
MODEL = ("--model", "openai:m", "--json")


@pytest.fixture(scope="module")
def vendors():
    with VendorServer() as server:
        serve_world(server, datetime.now(UTC))
        yield server


class Home:
    """Runs commands with a state folder, in processes with or without a network."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        self.folder, self.environment = folder, kept | everything_at(url) | {"OPENOUTCRY_HOME": str(folder)}

    def run(self, *arguments: object, program: str = BLOCKED) -> tuple[int, str, str]:
        """Return the exit code and what was written to both outputs."""
        ran = subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return ran.returncode, ran.stdout, ran.stderr


def without_times(text: str) -> bytes:
    """Return a decision document without run id and wall times, as bytes."""
    document = json.loads(text)
    usage = {**document["usage"], "wall_s": 0}
    usage["by_role"] = {role: {**spent, "wall_s": 0} for role, spent in sorted(usage["by_role"].items())}
    return json.dumps({**document, "run_id": "", "usage": usage}).encode()


@pytest.fixture(scope="module")
def recorded(vendors, tmp_path_factory):
    """Record a decision on the live market, with function calls of the analysts."""
    home = Home(tmp_path_factory.mktemp("live") / "home", vendors.url)
    with StubServer() as stub:
        stub.responder = calls_once(stub)
        ask = ("decide", "AAPL", "--market", "live", "--no-memory", "--base-url", stub.url, "--record", *MODEL)
        code, out, err = home.run(*ask, program=CONNECTED)
        assert code == 0, err
        assert any(message["role"] == "tool" for request in stub.chats for message in request.messages)
    return home, out


def test_a_live_decision_is_replayed_byte_for_byte_without_a_network(vendors, recorded):
    home, out = recorded
    asked = len(vendors.requests)
    code, replayed, err = home.run("runs", "replay", "latest", "--json")
    assert code == 0, err
    assert without_times(replayed) == without_times(out)
    assert json.loads(replayed)["market"]["source"] == "live"
    assert len(vendors.requests) == asked


def test_the_same_decision_is_made_again_from_the_recording_without_a_network(vendors, recorded):
    home, out = recorded
    document, asked = json.loads(out), len(vendors.requests)
    ask = ("decide", "AAPL", "--market", "live", "--no-memory", "--as-of", document["as_of"], "--json")
    code, replayed, err = home.run(*ask, "--replay", document["run_id"])
    assert code == 0, err
    assert without_times(replayed) == without_times(out)
    assert len(vendors.requests) == asked


def test_a_replay_of_another_moment_is_a_mismatch(recorded):
    home, out = recorded
    ask = ("decide", "AAPL", "--market", "live", "--no-memory", "--as-of", "2015-03-02", "--json")
    code, _, err = home.run(*ask, "--replay", json.loads(out)["run_id"])
    assert code == 8
    assert "recorded calls of the recording" in err
