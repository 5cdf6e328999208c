"""After a decision over HTTP the run store holds every request; stores from before they were kept still work."""

import json
import sqlite3
from base64 import b64encode
from collections import Counter
from contextlib import closing
from urllib.parse import quote

import pytest
from openoutcry.desk.records.run_store import RunStore
from scripted_answers import TICKER
from stub.server import StubServer

KEY = "sk-sentinel-7f3a91c2d4"
OLD_CALLS = """
CREATE TABLE old_calls (
    run_id VARCHAR NOT NULL, key VARCHAR NOT NULL, role VARCHAR NOT NULL, model VARCHAR NOT NULL, reply TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    wall_s FLOAT NOT NULL, estimated BOOLEAN NOT NULL, PRIMARY KEY (run_id, key)
)
"""
OLD_COLUMNS = "run_id, key, role, model, reply, prompt_tokens, cached_tokens, completion_tokens, wall_s, estimated"


def texts(bodies):
    return Counter(json.dumps(body, sort_keys=True) for body in bodies)


def calls_of(home):
    """Return the only run of a store with its calls."""
    with closing(RunStore(home / "runs.db")) as store:
        (run,) = store.runs()
        return run.run_id, store.call_log(run.run_id).calls()


def to_version_1(path):
    """Make the store what it was before requests were stored."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(OLD_CALLS)
        connection.execute(f"INSERT INTO old_calls SELECT {OLD_COLUMNS} FROM calls")
        connection.execute("DROP TABLE calls")
        connection.execute("ALTER TABLE old_calls RENAME TO calls")
        connection.execute("UPDATE runs SET status = 'running', outcome = NULL, decision = NULL")
        connection.execute("PRAGMA user_version=1")


@pytest.fixture
def decide(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)

    def run(stub, *arguments):
        ran = openoutcry("decide", *arguments, "--base-url", stub.url, "--json")
        assert ran.code in (0, 3), ran.err
        return json.loads(ran.out)

    return run


def test_every_stored_call_has_the_request_as_the_endpoint_received_it(decide, home):
    with StubServer() as stub:
        decide(stub, TICKER, "--as-of", "2025-03-03", "--model", "openai:x")
        received = [record for record in stub.requests if record.body]
    _, calls = calls_of(home)
    requests = [json.loads(call.request) for call in calls]
    assert texts(request["body"] for request in requests) == texts(record.body for record in received)
    assert {request["endpoint"] for request in requests} == {stub.url}
    assert all(record.headers["authorization"] == f"Bearer {KEY}" for record in received)
    assert all(record.body["messages"] and record.body["response_format"] for record in received)
    stored = (home / "runs.db").read_bytes() + "".join(call.request for call in calls).encode()
    raw = KEY.encode()
    assert not [
        form for form in (raw, quote(KEY).encode(), b64encode(raw), raw.hex().encode(), raw[::-1]) if form in stored
    ]


def test_an_old_store_opens_and_its_calls_have_no_request(decide, home):
    with StubServer() as stub:
        decide(stub, TICKER, "--as-of", "2025-03-03", "--model", "openai:x")
    _, before = calls_of(home)
    to_version_1(home / "runs.db")
    run_id, calls = calls_of(home)
    assert [(call.key, call.reply) for call in calls] == [(call.key, call.reply) for call in before]
    assert {call.request for call in calls} == {None}
    assert calls_of(home) == (run_id, calls)  # the second opening finds the new version
    with closing(sqlite3.connect(home / "runs.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (4,)
        assert connection.execute("SELECT count(*) FROM pictures").fetchone() == (0,)


def test_a_run_of_an_old_store_resumes_and_pays_for_what_is_missing_only(decide, home):
    with StubServer() as stub:
        first = decide(stub, TICKER, "--as-of", "2025-03-03", "--model", "openai:x")
        paid = len(stub.requests)
        to_version_1(home / "runs.db")
        with closing(sqlite3.connect(home / "runs.db")) as connection, connection:
            connection.execute("DELETE FROM calls WHERE role = 'trader'")
        for rest in home.glob("checkpoints*"):
            rest.unlink()
        again = decide(stub, "--resume", first["run_id"])
        made = [record.body for record in stub.requests[paid:] if record.body]
    assert again["outcome"] == first["outcome"]
    _, calls = calls_of(home)
    with_request = [call for call in calls if call.request is not None]
    assert [call.role for call in with_request] == ["trader"]
    assert [json.loads(call.request)["body"] for call in with_request] == made
    assert len(calls) == paid
