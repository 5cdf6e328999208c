"""Budgets of decisions: caps in the settings, prices, and what earlier runs of an account have spent."""

from decimal import Decimal

import pytest
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from scripted_answers import TICKER
from stub.server import StubServer

PRICES = "model,input,cached,output,as_of\nm,1,0.5,4,2025-03-03\n"


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


@pytest.fixture
def decided(tmp_path, monkeypatch, observer, stub):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices.csv").write_text(PRICES)

    def run(as_of="2025-03-03", **settings):
        given = {"home": tmp_path, "model": "openai:m", "base_url": stub.url, "attempts": 1, "remember": False}
        given |= {"prices": tmp_path / "prices.csv", "max_answer_tokens": 300, **settings}
        return DecisionService(load_settings(given), observer).decide(TICKER, as_of).decision

    return run


def cost(decision):
    """Return the cost at PRICES of the tokens in the record; the stub caches none."""
    roles = decision.usage.by_role.values()
    tokens = sum(role.prompt_tokens + 4 * role.completion_tokens for role in roles)
    return Decimal(tokens) / 10**6


def test_a_decision_states_its_cost_and_ends_within_its_cap(decided, stub):
    whole = decided()
    assert whole.usage.cost_usd == cost(whole) > 0
    cap = whole.usage.cost_usd / 2
    sent = len(stub.chats)
    capped = decided(max_cost_usd=cap)
    assert 0 < capped.usage.cost_usd <= cap
    assert len(stub.chats) - sent < sent
    assert "USD" in str(capped.provenance.degraded)


@pytest.mark.parametrize("model", ["openai:unknown", "openai:m"])
def test_a_model_without_a_price_is_refused_before_the_first_call(decided, stub, model):
    fallback = () if model == "openai:unknown" else (f"openai:unknown@{stub.url}",)
    for caps in (
        {"max_cost_usd": 1},
        {"budgets": {"account": {"max_cost_usd": 1}}},
        {"budgets": {"call": {"max_cost_usd": 1}}},
    ):
        with pytest.raises(ConfigError, match="there is none for unknown"):
            decided(model=model, fallback=fallback, **caps)
    assert not stub.requests


def test_the_package_knows_the_prices_of_models_by_their_exact_names(decided, stub):
    assert decided(model="openai:gpt-5-mini", max_cost_usd=5).usage.cost_usd > 0
    with pytest.raises(ConfigError, match="gpt-5-mini-of-mine"):
        decided(model="openai:gpt-5-mini-of-mine", max_cost_usd=5)


@pytest.mark.parametrize("level", ["session", "account"])
def test_a_session_and_an_account_have_budgets_across_runs(decided, stub, level):
    first = decided()
    calls = sum(role.model_calls for role in first.usage.by_role.values())
    caps = {"budgets": {level: {"max_calls": calls + 3}}}
    second = decided(**caps)
    assert sum(role.model_calls for role in second.usage.by_role.values()) == 3
    assert f"the {level}'s budget of {calls + 3} model calls" in str(second.provenance.degraded)
    sent = len(stub.chats)
    other = decided(as_of="2025-03-04", **caps)
    assert (len(stub.chats) - sent == calls) is (level == "session")
    assert (other.abstention is None) is (level == "session")


def test_a_cap_of_zero_is_no_cap(decided):
    with pytest.raises(ConfigError, match="max_cost_usd"):
        decided(max_cost_usd=0)
