"""The composition of the transports of the models, and what a run keeps of its calls."""

import json

import pytest
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.model_connection import FALLBACK_KEY_NAME, parse_fallback
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.llm.endpoint import Endpoint
from pydantic import SecretStr
from scripted_answers import TICKER
from stub.http_log import Fault
from stub.server import StubServer

FIRST = Endpoint("https://models.example/v1", SecretStr("first-key-0815"))


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


@pytest.fixture
def decided(tmp_path, monkeypatch, observer):
    monkeypatch.chdir(tmp_path)

    def run(stub, **settings):
        given = {"home": tmp_path, "model": "openai:m", "base_url": stub.url, "attempts": 1, **settings}
        return DecisionService(load_settings(given), observer).decide(TICKER, "2025-03-03").decision

    return run


@pytest.mark.parametrize("spec", ["rules", "openai:", "b@https://host/v1", "openai", "", "openai:@https://host/v1"])
def test_a_fallback_that_is_no_model_is_refused(spec):
    with pytest.raises(ConfigError, match="unknown fallback model"):
        parse_fallback(spec, FIRST, {})


def test_a_fallback_without_an_address_is_at_the_first_endpoint():
    assert parse_fallback("openai:meta/llama@2", FIRST, {}) == ("meta/llama@2", FIRST)


def test_a_key_is_never_sent_to_another_host():
    model, place = parse_fallback("openai:b@https://other.example/v1", FIRST, {FALLBACK_KEY_NAME: "second-key"})
    assert (model, place.url, place.key) == ("b", "https://other.example/v1", "second-key")
    assert FIRST.key not in parse_fallback("openai:b@https://other.example/v1", FIRST, {})[1].key
    assert parse_fallback("openai:b@https://models.example/v2", FIRST, {})[1].key == FIRST.key


def test_a_run_keeps_its_events_and_what_it_learnt(stub, decided, tmp_path):
    stub.refuses = frozenset({"json_schema"})
    decision = decided(stub)
    (log,) = (tmp_path / "events").glob("*.jsonl")
    assert log.stem == decision.run_id
    events = [json.loads(line) for line in log.read_text().splitlines()]
    kinds = {event["event"] for event in events}
    assert kinds == {"call_started", "call_finished", "capability_downgraded"}
    assert all(event["at"].startswith("20") for event in events)
    known = json.loads((tmp_path / "capabilities.json").read_text())["models"]
    assert [entry["mode"] for entry in known.values()] == [1]


def test_rules_keep_no_events(stub, decided, tmp_path):
    decided(stub, model="rules", base_url=None)
    assert not (tmp_path / "events").exists()


def test_another_endpoint_takes_over_and_the_decision_names_it(stub, decided):
    with StubServer() as other:
        stub.fail(*[Fault.error(503)] * 100)
        decision = decided(stub, fallback=(f"openai:b@{other.url}",))
        assert decision.abstention is None
        assert {chat.body["model"] for chat in other.chats} == {"b"}
    assert f"b at {other.url} answered in place of {stub.url}, which was down" in decision.provenance.degraded
    assert len(stub.requests) < len(other.requests), "the breaker spares the endpoint that is down"


def test_after_the_time_allowed_the_remaining_agents_abstain(stub, decided):
    stub.fail(*[Fault.hang()] * 100)
    decision = decided(stub, decision_timeout_s=0.3)
    assert decision.abstention is not None
    assert decision.abstention.cause == "model"
    assert "time limit of the decision of 0.3 s" in str(decision.provenance.degraded)


def test_a_decision_before_the_cutoff_of_its_model_says_so(stub, decided):
    decision = decided(stub, model="openai:claude-sonnet-4-5")
    assert any("trained on data up to 2025-07-31" in text for text in decision.provenance.degraded)
    assert not any("trained on data" in text for text in decided(stub, model="openai:gpt-5").provenance.degraded)
