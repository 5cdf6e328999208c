"""Probing an endpoint of each kind in a few calls."""

import json

import pytest
from openoutcry.llm.capabilities import Capabilities, OutputMode, SystemRole, TokenLimit
from openoutcry.llm.embeddings.remote import RemoteEmbedder
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.probe import Feature, probe
from openoutcry.llm.transports.embeddings import HttpEmbeddings
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from pydantic import SecretStr
from stub.http_log import Fault, Reply
from stub.personalities import PERSONALITIES, calls_once

EXPECTED = {
    "strict": Capabilities(token_limit=TokenLimit.MAX_COMPLETION_TOKENS),
    "json_object_only": Capabilities(OutputMode.JSON_OBJECT, token_limit=TokenLimit.MAX_COMPLETION_TOKENS),
    "tools_only": Capabilities(OutputMode.TOOL_CALL, token_limit=TokenLimit.MAX_COMPLETION_TOKENS),
    "plain_only": Capabilities(OutputMode.PLAIN, tools=False, seed=False, token_limit=TokenLimit.MAX_COMPLETION_TOKENS),
    "no_system_role": Capabilities(system=SystemRole.FOLDED, token_limit=TokenLimit.MAX_COMPLETION_TOKENS),
    "stream_only": Capabilities(stream_only=True, stream_options=False, token_limit=TokenLimit.MAX_COMPLETION_TOKENS),
}


@pytest.fixture
async def transport(stub, naps):
    stub.responder = calls_once(stub)
    made = HttpTransport(Endpoint(stub.url, SecretStr("")), RetryPolicy(attempts=1), sleep=naps)
    yield made
    await made.aclose()


@pytest.mark.parametrize("name", EXPECTED)
async def test_the_capabilities_of_each_kind_of_endpoint_are_found(stub, transport, name):
    stub.personality = PERSONALITIES[name]()
    result = await probe(transport, "m")
    assert result.capabilities == EXPECTED[name]
    assert result.calls == len(stub.requests) <= 12
    assert result.works(Feature.SYSTEM_ROLE) is (name != "no_system_role")


async def test_a_form_that_is_accepted_and_ignored_does_not_count(stub, transport):
    stub.responder = lambda request: Reply("Yes, with pleasure.")
    result = await probe(transport, "m")
    assert result.capabilities.mode is OutputMode.PLAIN
    details = {each.feature: each.detail for each in result.features}
    assert "does not have the requested form" in details[Feature.JSON_SCHEMA]


async def test_a_model_without_images_is_found(stub, transport):
    stub.personality = lambda request: Fault.error(400, "m is not a multimodal model") if request.images else None
    result = await probe(transport, "m")
    assert result.capabilities == Capabilities(images=False)
    assert "not a multimodal model" in next(each.detail for each in result.features if each.feature is Feature.IMAGES)


async def test_an_endpoint_that_cannot_chat_is_asked_once(stub, transport):
    stub.fail(Fault.error(401, "bad key"))
    result = await probe(transport, "m")
    (chat,) = result.features
    assert not chat.works
    assert "bad key" in chat.detail
    assert result.capabilities is None
    assert len(stub.requests) == 1


async def test_embeddings_are_probed_where_they_are_asked_for(stub, transport):
    http = HttpEmbeddings(Endpoint(stub.url, SecretStr("")), RetryPolicy(attempts=1))
    embedder = RemoteEmbedder(http, "e")
    found = (await probe(transport, "m", embedder)).features[-1]
    assert (found.feature, found.works, found.detail) == (Feature.EMBEDDINGS, True, "26 dimensions")


async def test_a_failing_embedder_is_reported(stub, transport):
    class Failing:
        name = "failing"

        def embed(self, texts):
            from openoutcry.domain.errors import ModelUnavailable

            raise ModelUnavailable("no embeddings here")

    found = (await probe(transport, "m", Failing())).features[-1]
    assert (found.works, found.detail) == (False, "no embeddings here")


async def test_the_words_of_the_probe_are_few(stub, transport):
    await probe(transport, "m")
    assert all(len(json.dumps(record.body)) < 1500 for record in stub.requests)
