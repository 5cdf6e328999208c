"""Requests of one decision have one cache key, where the endpoint is known to accept it."""

import asyncio
import json

import pytest
from openoutcry.app.model_connection import Connection
from openoutcry.app.settings import load_settings
from openoutcry.llm.budget import Budget
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.scope import decision_scope
from openoutcry.llm.transports import prompt_cache
from openoutcry.llm.transports.budget import CallBudget
from openoutcry.llm.transports.prompt_cache import accepts_cache_key
from pydantic import SecretStr
from stub.http_log import Reply

GOOD = '{"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}'


@pytest.fixture
def asked(stub, question, log, tmp_path):
    """Return a function that asks two questions in each of some decisions, and returns the keys that were sent."""

    async def run(*decisions):
        settings = load_settings({"home": tmp_path})
        connection = Connection(settings, CallBudget(Budget()), CapabilityStore(), {})
        stub.responder = lambda _: Reply(GOOD)
        async with OpenAIModel(connection.chat(Endpoint(stub.url, SecretStr(""))), "m", "m", log) as model:
            for symbol, as_of in decisions:
                with decision_scope(symbol, None, as_of):
                    await asyncio.gather(*(model.generate(question(user=f"{symbol}{as_of}{n}")) for n in range(2)))
        return [request.body.get("prompt_cache_key") for request in stub.chats]

    return run


async def test_an_endpoint_that_may_not_know_the_name_receives_no_key(asked):
    assert await asked(("AAA", "2025-03-03")) == [None, None]


async def test_the_requests_of_a_decision_have_one_key_and_those_of_others_another(asked, monkeypatch, stub):
    monkeypatch.setattr(prompt_cache, "HOSTS_WITH_KEYS", frozenset({"127.0.0.1"}))
    keys = await asked(("AAA", "2025-03-03"), ("BBB", "2025-03-03"), ("AAA", "2025-03-04"))
    assert keys[::2] == keys[1::2]
    assert len(set(keys)) == 3
    assert "AAA" not in json.dumps(keys)


def test_only_openais_own_endpoint_is_known_to_accept_a_key():
    addresses = {None: True, "https://api.openai.com/v1": True, "https://api.openai.com.example.org/v1": False}
    addresses["http://localhost:11434/v1"] = False
    assert {url: accepts_cache_key(Endpoint(url, SecretStr(""))) for url in addresses} == addresses
