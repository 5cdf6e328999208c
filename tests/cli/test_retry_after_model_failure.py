"""What a run that abstained for want of a model, or was interrupted, may go on with."""

import json

import pytest
from scripted_answers import TICKER
from stub.http_log import Fault
from stub.server import StubServer

ASK = ("--as-of", "2025-03-03", "--model", "openai:x", "--json")


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


def decided(ran):
    return json.loads(ran.out)


def test_a_spent_allowance_can_be_raised_and_nothing_is_paid_twice(openoutcry, stub, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_MAX_CALLS", "6")
    first = openoutcry("decide", TICKER, *ASK, "--base-url", stub.url)
    assert (first.code, decided(first)["abstain_cause"]) == (3, "budget")
    paid = len(stub.chats)
    monkeypatch.setenv("OPENOUTCRY_MAX_CALLS", "50")
    second = openoutcry("decide", "--resume", decided(first)["run_id"], "--base-url", stub.url, "--json")
    assert second.code == 0
    assert len(stub.chats) - paid == 14 - 6


def test_a_model_that_is_back_is_asked_again(openoutcry, stub, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    stub.fail(*[None] * 8, *[Fault.error(500)] * 6)
    first = openoutcry("decide", TICKER, *ASK, "--base-url", stub.url)
    assert (first.code, decided(first)["abstain_cause"]) == (5, "model")
    stub.heal()
    second = openoutcry("decide", "--resume", decided(first)["run_id"], "--base-url", stub.url, "--json")
    assert second.code == 0


def test_a_model_that_fails_the_risk_analysts_is_a_model_failure_and_the_run_can_be_resumed(
    openoutcry, stub, monkeypatch
):
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    stub.fail(*[None] * 10, *[Fault.error(500)] * 3)
    first = openoutcry("decide", TICKER, *ASK, "--base-url", stub.url)
    assert (first.code, decided(first)["abstain_cause"]) == (5, "model")
    assert "no voice of the risk committee has a view: " in decided(first)["abstain_reason"]
    stub.heal()
    paid = len(stub.chats)
    second = openoutcry("decide", "--resume", decided(first)["run_id"], "--base-url", stub.url, "--json")
    assert second.code == 0
    assert decided(second)["outcome"] == "orders"
    assert len(stub.chats) - paid == 4


def test_a_model_that_fails_the_debate_is_a_model_failure_and_the_run_can_be_resumed(openoutcry, stub, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    stub.fail(*[None] * 4, *[Fault.error(500)] * 2)
    first = openoutcry("decide", TICKER, *ASK, "--base-url", stub.url)
    assert (first.code, decided(first)["abstain_cause"]) == (5, "model")
    assert "the debate has no quorum, the opening of bull and bear is missing" in decided(first)["abstain_reason"]
    assert decided(first)["orders"] == []
    stub.heal()
    paid = len(stub.chats)
    second = openoutcry("decide", "--resume", decided(first)["run_id"], "--base-url", stub.url, "--json")
    assert (second.code, decided(second)["outcome"]) == (0, "orders")
    assert len(stub.chats) - paid == 10


def test_a_run_does_not_go_on_at_another_endpoint(openoutcry, stub, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_MAX_CALLS", "6")
    first = decided(openoutcry("decide", TICKER, *ASK, "--base-url", stub.url))
    with StubServer() as other:
        ran = openoutcry("decide", "--resume", first["run_id"], "--base-url", other.url)
        assert ran.code == 8
        assert "cannot be resumed" in ran.err
        assert other.chats == []


def test_a_password_in_the_address_is_not_stored(openoutcry, stub, home):
    address = stub.url.replace("http://", "http://user:hidden-sentinel@")
    assert openoutcry("decide", TICKER, *ASK, "--base-url", address).code == 0
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"hidden-sentinel" not in kept


def test_a_run_is_taken_up_from_another_folder(openoutcry, stub, monkeypatch, tmp_path, demo):
    from datetime import UTC, datetime

    from market_folder import write_folder

    write_folder(demo, [TICKER], datetime(2025, 3, 3, 21, tzinfo=UTC), tmp_path / "m", bars=400)
    monkeypatch.setenv("OPENOUTCRY_MAX_CALLS", "6")
    first = decided(openoutcry("decide", TICKER, *ASK, "--market", "m", "--base-url", stub.url))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("OPENOUTCRY_MAX_CALLS", "50")
    assert openoutcry("decide", "--resume", first["run_id"], "--base-url", stub.url).code == 0


def test_a_prompt_that_does_not_fit_its_role_is_refused_before_anyone_is_asked(openoutcry, stub, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    text = openoutcry("prompts", "show", "trader").out
    (own / "trader.md").write_text(text.replace("exhibits, ", "").replace("{{exhibits}}", "-"), encoding="utf-8")
    ran = openoutcry("decide", TICKER, *ASK, "--base-url", stub.url, "--prompts", own)
    assert ran.code == 2
    assert "must have exactly these inputs" in ran.err
    assert stub.chats == []


def test_restricted_symbols_and_limits_are_read_as_meant(openoutcry, home):
    settings = home.parent / "openoutcry.toml"
    settings.write_text('[limits]\nrestricted = ["grund"]\n', encoding="utf-8")
    ran = openoutcry("decide", "GRUND", "--as-of", "2025-03-03", "--model", "rules", "--json")
    assert decided(ran)["outcome"] == "hold"
    assert "restricted" in decided(ran)["risk"]["denied"][0]["reason"]
    for wrong in ("max_position = 20", "max_position = -0.2", "max_loss = 0"):
        settings.write_text(f"[limits]\n{wrong}\n", encoding="utf-8")
        ran = openoutcry("decide", "GRUND", "--as-of", "2025-03-03", "--model", "rules")
        assert ran.code == 2
        assert wrong.split(" ", 1)[0] in ran.err


def test_an_order_decided_within_a_session_is_not_sent_into_it(openoutcry):
    openoutcry("paper", "init", "--margin")
    within = ("--as-of", "2025-03-03T12:00:00-05:00", "--account", "paper", "--model", "rules")
    ran = openoutcry("decide", "GRUND", *within, "--submit")
    assert ran.code == 2
    assert "--as-of 2025-02-28" in ran.err
    assert openoutcry("decide", "GRUND", *within).code == 0
