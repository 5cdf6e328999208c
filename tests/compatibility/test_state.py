"""A state folder of version 0.1 opens, verifies, tells the same and goes on."""

import json
import os
import tarfile
from pathlib import Path

import pytest

STATE = Path(__file__).parent / "state-0.1.tar.gz"


@pytest.fixture
def home(tmp_path, monkeypatch):
    with tarfile.open(STATE) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def facts(home):
    return json.loads((home / "facts.json").read_text())


@pytest.fixture
def command(home, capsys, monkeypatch):
    """Run a command in this process; returns (exit code, standard output, standard error)."""
    from openoutcry.cli.app import main

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["openoutcry", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def test_the_ledger_of_over_five_hundred_events_verifies(command, home):
    code, out, err = command("ledger", "verify", "--json")
    assert (code, err) == (0, "")
    assert all(not check["breaches"] for check in json.loads(out)["old"])


@pytest.mark.parametrize("what", ["status", "positions", "orders", "fills", "equity"])
def test_the_account_tells_what_it_told_before(command, facts, what):
    code, out, _ = command("paper", what, "--account", "old", "--json")
    assert (code, json.loads(out)) == (0, facts[what])


def test_the_memory_holds_what_it_held(command, facts):
    code, out, _ = command("memory", "stats", "--json")
    found, wanted = (
        [(space["namespace"], space["records"], space["events"]) for space in stats["namespaces"]]
        for stats in (json.loads(out), facts["memory"])
    )
    assert (code, found) == (0, wanted)
    assert found


def test_a_finished_run_is_shown_with_the_same_decision(command, facts):
    code, out, _ = command("runs", "show", facts["shown"]["run_id"], "--json")
    assert (code, json.loads(out)) == (0, facts["shown"]["document"])


def test_an_interrupted_run_is_listed_as_such_and_refused_with_its_own_sentence(command, facts, monkeypatch):
    (run_id,) = facts["interrupted"]
    _, out, _ = command("runs", "list", "--json")
    assert {row["run_id"]: row["status"] for row in json.loads(out)}[run_id] == "interrupted"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-none")
    code, out, err = command("decide", "--resume", run_id, "--base-url", "http://127.0.0.1:9/v1")
    assert (code, out) == (8, "")
    assert "have changed since it began; decide anew" in err
    assert "Traceback" not in err


def test_the_account_goes_on_with_its_memory(command):
    day = ("--as-of", "2024-08-27", "--account", "old", "--submit", "--model", "rules", "--json")
    code, out, _ = command("decide", "CALDR", *day)
    assert code == 0
    made = json.loads(out)
    assert made["recalled"]
    assert command("ledger", "verify")[0] == 0
    again = command("decide", "CALDR", *day)
    assert (again[0], json.loads(again[1])["run_id"]) == (0, made["run_id"])
    assert "already; nothing was changed" in again[2]
