"""State folders that an earlier version wrote: they open, say what they said, and the next decision is the same."""

import gzip
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from openoutcry.tests.ledger.postgres_server import NoServer, fresh_database, postgres_server
from stub.server import StubServer

from tests.compatibility import expected_changes, states
from tests.compatibility.archives import unpack
from tests.compatibility.command_line import Shell
from tests.compatibility.differences import described, unexpected
from tests.compatibility.projection import decision_facts
from tests.compatibility.recording import load

ANSWERS = load(states.ANSWERS)


def check(name: str, found: object) -> None:
    """Compare `found` with the recorded answer of that name, such as `home/read`."""
    recorded: Any = ANSWERS
    for part in name.split("/"):
        recorded = recorded[part]
    wrong = unexpected(recorded, found, expected_changes.STATES, name)
    assert not wrong, described(wrong)


@pytest.fixture
def home(tmp_path: Path) -> Shell:
    """Return a shell on a copy of the recorded state folder."""
    return Shell(unpack(states.HOME, tmp_path / "home"))


def test_an_old_account_memory_and_run_store_say_what_they_said(home: Shell) -> None:
    check("home/read", {**states.paper_answers(home), **states.memory_answers(home), **states.run_answers(home)})


def test_an_old_state_folder_goes_on_as_it_would_have(home: Shell) -> None:
    check("home/next", states.next_decision(home))


def test_the_recorded_state_is_large_enough_to_prove_something() -> None:
    read = ANSWERS["home"]["read"]
    (memory,) = read["memory stats --as-of 2025-03-31"]["namespaces"]
    assert min(read["paper status"]["events"], ANSWERS["postgres"]["read"]["paper status"]["events"]) >= 500
    assert (memory["records"] >= 300, memory["events"] >= 100, len(read["runs list"]) >= 50) == (True, True, True)
    assert any(event["change"] == "feedback" for shown in read["memory show"].values() for event in shown["events"])


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start a PostgreSQL server and yield its URL; skip where none can be started."""
    with ExitStack() as running:
        try:
            url = running.enter_context(postgres_server())
        except NoServer as reason:
            pytest.skip(str(reason))
        yield url


@pytest.fixture
def postgres(server: str, tmp_path: Path) -> Shell:
    """Return a shell whose ledger is a copy of the recorded PostgreSQL database."""
    import psycopg

    url = fresh_database(server, f"t{abs(hash(str(tmp_path))):x}")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(gzip.decompress(states.POSTGRES.read_bytes()))  # type: ignore[call-overload]
    return Shell(tmp_path / "home", {"OPENOUTCRY_LEDGER": url})


def test_an_old_ledger_in_postgresql_says_what_it_said_and_goes_on(postgres: Shell) -> None:
    check("postgres/read", states.paper_answers(postgres))
    check("postgres/next", states.next_decision(postgres, "--no-memory"))


def test_an_old_archive_is_read_without_a_network(tmp_path: Path) -> None:
    check("archive", states.archive_answers(Shell(unpack(states.ARCHIVE, tmp_path / "home"))))


def test_an_old_interrupted_run_goes_on_to_the_same_decision_or_is_refused(tmp_path: Path) -> None:
    """An old run may be refused after a change of the program, in one sentence; it may never decide otherwise."""
    shell, recorded = Shell(unpack(states.INTERRUPTED, tmp_path / "home")), ANSWERS["interrupted"]
    check("interrupted/runs list", shell.run(*states.RUNS, "--json").json)
    with model_server() as server:
        resumed = shell.run("decide", "--resume", recorded["run_id"], "--base-url", server.url, "--json")
        asked = len(server.requests)
    assert "Traceback" not in resumed.err
    if resumed.code == 0:
        check("interrupted/decision", decision_facts(resumed.json))
        assert asked == recorded["asked"]
    else:
        assert (resumed.code in {2, 8}, resumed.out, asked) == (True, "", 0), resumed.err
        (sentence,) = re.findall("^openoutcry: .+$", resumed.err, flags=re.MULTILINE)
        assert recorded["run_id"] in sentence


def model_server() -> StubServer:
    """Return a model server where the recorded one listened, or anywhere if that port is taken."""
    try:
        return StubServer(port=states.PORT)
    except OSError:
        return StubServer()
