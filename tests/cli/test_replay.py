"""Record a whole decision over HTTP, and replay it without a network: equal, or the first difference is named."""

import json
import re
import socket
import sqlite3
from contextlib import closing

import pytest
from scripted_answers import TICKER
from stub.http_log import Fault, Reply
from stub.personalities import calls_once
from stub.server import StubServer

MONTHS = ("2024-01-05", "2024-03-05", "2024-06-03")
LAST = MONTHS[-1]
PROSE = "I would rather not say."


class Opinionated:
    """A model that calls functions, has reasoning, and answers the manager's question in prose at first."""

    def __init__(self, stub):
        self.calls, self.corrections = calls_once(stub), 0

    def __call__(self, request):
        reply = self.calls(request)
        corrected = any(PROSE in str(message.get("content")) for message in request.messages)
        thesis = request.schema is not None and "invalidation" in request.schema["properties"]
        if thesis and not corrected and not reply.tool_calls:
            self.corrections += 1
            return Reply(PROSE)
        return reply


@pytest.fixture
def prompts(tmp_path, openoutcry):
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "trader.md").write_text(openoutcry("prompts", "show", "trader").out, encoding="utf-8")
    return folder


@pytest.fixture
def recorded(openoutcry, monkeypatch, prompts):
    """Record the last of three decisions of a desk with functions, corrections, memories and embeddings of a model."""
    monkeypatch.setenv("OPENOUTCRY_MEMORY__EMBEDDER", "openai:vectors")
    with StubServer() as stub:
        stub.responder = model = Opinionated(stub)
        for day in MONTHS:
            how = ["--record"] if day == LAST else []
            ran = openoutcry(
                "decide", TICKER, "--as-of", day, "--model", "openai:gpt-5-mini", "--base-url", stub.url, "--json",
                "--prompts", prompts, *how,
            )  # fmt: skip
            assert ran.code == 0, ran.err
        paths = {record.path for record in stub.requests}
        tools = [record for record in stub.requests if "tools" in record.body]
    assert any(path.endswith("/embeddings") for path in paths)
    assert model.corrections
    assert tools
    document = json.loads(ran.out)
    assert document["recalled"]
    assert any(role.startswith("reflector") for role in document["usage"]["by_role"])
    return document


@pytest.fixture
def no_network(monkeypatch):
    """Fail every attempt to open a connection."""

    def refuse(*_):
        raise AssertionError("a replay must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def without_times(document):
    """Return the document without its run id and wall times, roles in a fixed order, as bytes."""
    usage = {**document["usage"], "wall_s": 0}
    usage["by_role"] = {role: {**spent, "wall_s": 0} for role, spent in sorted(usage["by_role"].items())}
    return json.dumps({**document, "run_id": "", "usage": usage}).encode()


def files(home):
    """Return what the home folder holds, apart from files of open databases."""
    return {
        path.relative_to(home): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm")) and path.name != "recordings.db"
    }


def test_a_recorded_decision_is_replayed_byte_for_byte_without_a_network(openoutcry, home, recorded, no_network):
    before = files(home)
    ran = openoutcry("runs", "replay", "latest", "--json")
    assert ran.code == 0, ran.err
    assert without_times(json.loads(ran.out)) == without_times(recorded)
    assert f"from {recorded['usage']['model_calls']} recorded model calls" in ran.err
    assert files(home) == before
    assert openoutcry("runs", "replay", recorded["run_id"][:-3]).code == 0


def test_one_changed_character_of_a_prompt_is_named_with_its_path_and_both_values(
    openoutcry, recorded, prompts, no_network
):
    path = prompts / "trader.md"
    text = path.read_text(encoding="utf-8")
    sentence = re.search(r"^You are [^\n]+", text, re.MULTILINE)[0]
    path.write_text(text.replace(sentence, sentence.replace("You are", "You arf")), encoding="utf-8")
    ran = openoutcry("runs", "replay", recorded["run_id"])
    assert ran.code == 8
    found = re.search(r"a request of (\w+) .*first at (\S+): recorded (\".*\"), asked (\".*\")", ran.err)
    assert found is not None, ran.err
    role, place, was, is_now = found.groups()
    assert (role, place) == ("trader", "/user")
    assert "You are" in json.loads(was)
    assert "You arf" in json.loads(is_now)


def test_a_recording_moves_to_another_home(openoutcry, recorded, tmp_path, monkeypatch, no_network):
    target = tmp_path / "run.recording"
    assert openoutcry("runs", "export", "latest", "--file", target).code == 0
    assert openoutcry("runs", "export", "latest", "--file", target).code == 2
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "elsewhere"))
    assert openoutcry("runs", "replay", recorded["run_id"]).code == 2
    assert recorded["run_id"] in openoutcry("runs", "import", target).out
    ran = openoutcry("runs", "replay", recorded["run_id"], "--json")
    assert without_times(json.loads(ran.out)) == without_times(recorded)
    assert openoutcry("runs", "import", target).code == 0, "a second import changes nothing"


def test_a_decision_is_made_from_a_file_without_key_and_endpoint(openoutcry, recorded, tmp_path, prompts, no_network):
    target = tmp_path / "run.recording"
    openoutcry("runs", "export", "latest", "--file", target)
    ask = ("decide", TICKER, "--as-of", LAST, "--prompts", prompts, "--json")
    for source in (target, recorded["run_id"]):
        ran = openoutcry(*ask, "--replay", source, "--cash", "100000.01", "--no-memory")
        assert ran.code == 8
        assert "differs first at /" in ran.err


def test_the_run_of_a_ticker_with_a_dot_is_found_by_its_id(openoutcry, home):
    from openoutcry.llm.recording import RecordedRun, RecordingStore

    home.mkdir()
    store = RecordingStore(home / "recordings.db")
    store.begin(RecordedRun("20250303T210000-BRK.B-0a1b2c", "0", "{}", None))
    store.close()
    assert "cannot be read" in openoutcry("runs", "replay", "20250303T210000-BRK.B-0a1b2c").err


def test_a_recorded_call_that_is_not_made_is_a_mismatch(openoutcry, home, recorded, no_network):
    with closing(sqlite3.connect(home / "recordings.db")) as store, store:
        request = json.dumps({"role": "somebody"})
        store.execute("INSERT INTO entries VALUES ('x', 'chat', 'k', ?, '{}')", (request,))
        store.execute("INSERT INTO uses VALUES (?, 999, 'x')", (recorded["run_id"],))
    ran = openoutcry("runs", "replay", recorded["run_id"])
    assert ran.code == 8
    assert "1 recorded calls" in ran.err
    assert "by somebody" in ran.err


def test_a_record_that_was_changed_is_a_mismatch(openoutcry, home, recorded, no_network):
    with closing(sqlite3.connect(home / "recordings.db")) as store, store:
        store.execute("UPDATE runs SET decision = replace(decision, '\"bullish\"', '\"bearish\"')")
    ran = openoutcry("runs", "replay", recorded["run_id"])
    assert ran.code == 8
    assert re.search(r"differs from its record first at /\S+: recorded \"bearish\", replayed \"bullish\"", ran.err)


def test_failed_calls_are_replayed_as_failures(openoutcry, monkeypatch, home):
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    with StubServer() as stub:
        stub.fail(None, None, Fault.error(500), Fault.html(), Fault.error(401))
        ask = ("--model", "openai:x", "--base-url", stub.url, "--json", "--record")
        first = json.loads(openoutcry("decide", TICKER, "--as-of", LAST, *ask).out)
    assert any("status 500" in line for line in first["provenance"]["degraded"])
    ran = openoutcry("runs", "replay", "latest", "--json")
    assert ran.code == 0, ran.err
    assert without_times(json.loads(ran.out)) == without_times(first)


def test_recorded_answers_are_reused_across_runs_in_auto_mode(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_RECORDING", "auto")
    with StubServer() as stub:
        ask = (
            "decide",
            TICKER,
            "--as-of",
            LAST,
            "--model",
            "openai:x",
            "--base-url",
            stub.url,
            "--no-memory",
            "--json",
        )
        first = json.loads(openoutcry(*ask).out)
        sent = len(stub.requests)
        second = json.loads(openoutcry(*ask).out)
        assert len(stub.requests) == sent == first["usage"]["model_calls"]
    assert without_times(second) == without_times(first)
    assert openoutcry("runs", "replay", second["run_id"]).code == 0


def test_a_decision_for_an_account_is_replayed_after_the_account_moved_on(openoutcry):
    openoutcry("paper", "init", "--account", "mine", "--cash", "50000")
    with StubServer() as stub:
        ask = ("--model", "openai:x", "--base-url", stub.url, "--account", "mine", "--submit", "--json")
        first = json.loads(openoutcry("decide", TICKER, "--as-of", "2025-03-03", *ask, "--record").out)
        openoutcry("decide", TICKER, "--as-of", "2025-03-10", *ask)
    ran = openoutcry("runs", "replay", first["run_id"], "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["orders"] == first["orders"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("runs", "replay", "nope"), "is not a recorded run"),
        (("runs", "replay", "bt-20250106-20250108-0123abcd"), "repeated by its own command with --replay"),
        (("runs", "import", "missing.recording"), "there is no recording"),
        (("decide", TICKER, "--replay", "missing.recording"), "is not a recorded run"),
        (("decide", TICKER, "--record", "--replay", "x"), "exclude each other"),
    ],
)
def test_mistakes_are_told_in_one_sentence(openoutcry, arguments, said):
    ran = openoutcry(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_file_of_another_kind_and_one_of_a_newer_version_are_refused_by_name(openoutcry, tmp_path):
    other, newer = tmp_path / "other.db", tmp_path / "newer.db"
    with closing(sqlite3.connect(other)) as file:
        file.execute("CREATE TABLE x (y)")
    with closing(sqlite3.connect(newer)) as file:
        file.execute("PRAGMA user_version=99")
    assert "another kind of database" in openoutcry("runs", "import", other).err
    assert "written by a newer version" in openoutcry("runs", "import", newer).err


@pytest.mark.parametrize("content", [b"", b"# A report"])
def test_a_file_that_is_no_recording_is_refused_and_left_as_it_is(openoutcry, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    ran = openoutcry("runs", "import", tmp_path / "file")
    assert (ran.code, "is not a recording" in ran.err) == (2, True)
    assert [(path.name, path.read_bytes()) for path in tmp_path.glob("file*")] == [("file", content)]


def test_the_key_is_in_no_recording(openoutcry, home, monkeypatch, tmp_path):
    from base64 import b64encode

    key = "sk-sentinel-7f3a91c2d4"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with StubServer() as stub:
        stub.fail(Fault.error(401, f"bad key {key}"))
        address = stub.url.replace("http://", "http://user:hidden-sentinel@")
        ask = ("--model", "openai:x", "--base-url", address, "--record")
        openoutcry("decide", TICKER, "--as-of", LAST, *ask)
    openoutcry("runs", "export", "latest", "--file", tmp_path / "run.recording")
    held = (home / "recordings.db").read_bytes() + (tmp_path / "run.recording").read_bytes()
    assert len(held) > 100_000
    for secret in (key.encode(), b64encode(key.encode()), key.encode().hex().encode(), b"hidden-sentinel"):
        assert secret not in held
