"""Pictures in requests: on the wire, in keys, recordings and stored requests, and at models that accept none."""

import json
import sqlite3
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from openoutcry.domain.picture import Picture
from openoutcry.llm.budget import Budget, BudgetCaps
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.capabilities import Capabilities, SystemRole
from openoutcry.llm.capability_store import CapabilityStore
from openoutcry.llm.conversation import Conversation
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.pictures import picture_tokens, shown_pictures
from openoutcry.llm.probe_picture import probe_picture
from openoutcry.llm.recording import RecordingStore
from openoutcry.llm.rejections import complaint_in
from openoutcry.llm.replay import Player, Recorder, ReplayMismatch
from openoutcry.llm.request_body import request_body
from openoutcry.llm.scope import decision_scope
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.recording import RecordingTransport
from openoutcry.llm.transports.replay import ReplayTransport
from pydantic import SecretStr
from stub.http_log import Fault
from stub.server import StubServer

GOOD = json.dumps({"summary": "up", "confidence": 0.6, "evidence": ["px.close"]})
CHART = Picture("price", "AAA", "Daily bars.", probe_picture().png, 64, 64)
OTHER = Picture("price", "AAA", "Daily bars.", CHART.png + b"\0", 64, 64)
REFUSAL = "Failed to deserialize the JSON body: messages[1]: unknown variant `image_url`, expected `text`"


async def test_a_picture_is_sent_beside_the_text_and_stored_by_its_hash(stub, question, model, log, sentinel):
    stub.reply(GOOD)
    await model().generate(question(pictures=(CHART,), user=f"The key is {sentinel}. [px.close] 100"))
    (chat,) = stub.chats
    (image,) = chat.images
    assert image["detail"] == "high"
    assert b64decode(image["url"].removeprefix("data:image/png;base64,")) == CHART.png
    assert [part["text"] for part in chat.messages[1]["content"] if part["type"] == "text"][1] == "Daily bars."
    (call,) = log.calls()
    assert f"sha256:{CHART.sha256}" in call.request
    assert b64encode(CHART.png).decode()[:40] not in call.request
    assert sentinel not in call.request
    assert [(each.role, each.name, each.symbol) for each in shown_pictures(call.role, call.request)] == [
        ("technical", "price", "AAA")
    ]
    assert log.pictures[CHART.sha256].png == CHART.png


async def test_a_model_without_images_is_sent_a_sentence_and_asked_once_only(stub, question, model, log, tmp_path):
    stub.fail(Fault.error(400, REFUSAL))
    stub.reply(GOOD, GOOD)
    store = CapabilityStore(tmp_path / "capabilities.json")
    with decision_scope("AAA") as scope:
        await model(store=store).generate(question(pictures=(CHART,)))
    await model(store=store).generate(question(pictures=(CHART,), sample=1))
    assert [bool(chat.images) for chat in stub.chats] == [True, False, False]
    assert (
        stub.chats[1]
        .messages[1]["content"]
        .endswith("The chart is left out, because this model accepts no images: use the figures above.")
    )
    assert scope.notes == (f"model quick-1 at {stub.url}: no images, so charts are left out",)
    assert CapabilityStore(tmp_path / "capabilities.json").get(stub.url, "quick-1").images is False
    assert not log.pictures
    assert not any(shown_pictures(call.role, call.request) for call in log.calls())


async def test_a_picture_counts_in_the_reservation_until_it_is_refused(stub, question, model):
    wide = Picture("price", "AAA", "Daily bars.", CHART.png, 1024, 1024)
    answer = await model(budget=Budget(caps=BudgetCaps(max_tokens=6000))).generate(question(pictures=(wide,)))
    assert "model tokens" in answer.reason
    assert not stub.chats
    stub.reply(GOOD)
    assert (await model(budget=Budget(caps=BudgetCaps(max_tokens=6000))).generate(question())).summary == "up"


@pytest.mark.parametrize(
    ("size", "name", "tokens"),
    [
        ((1024, 1024), "gpt-4o-mini", 2833 + 4 * 5667),
        ((2048, 4096), "openai/gpt-4o-mini-2024-07-18", 2833 + 6 * 5667),
        ((64, 64), "gpt-4o", 255),
        ((1024, 1024), "gpt-4o", 2520),
        ((8000, 8000), "gpt-4o", 3779),
    ],
    ids=["mini", "mini-large", "one-tile", "patches", "most-patches"],
)
def test_tokens_of_a_picture_are_those_of_the_published_formulas(size, name, tokens):
    assert picture_tokens(*size, name) == tokens


@pytest.fixture
async def recorded(tmp_path, question, naps):
    """Return the store of a run that asked two questions about one chart, and what it answered."""
    store = RecordingStore(tmp_path / "recordings.db")
    with StubServer() as stub:
        stub.reply(GOOD, GOOD)
        transport = RecordingTransport(
            HttpTransport(Endpoint(stub.url, SecretStr("")), sleep=naps), Recorder(store, "r")
        )
        log = InMemoryCallLog()
        async with OpenAIModel(transport, "m", "m", log) as model:
            said = [await model.generate(question(pictures=(CHART,), sample=number)) for number in (0, 1)]
    yield store, said, log
    store.close()


def replayed(store, log):
    return OpenAIModel(ReplayTransport(Player(store.entries("r"), "the recording")), "m", "m", log)


async def test_a_replay_answers_the_same_chart_byte_for_byte(recorded, question):
    store, said, log = recorded
    again = InMemoryCallLog()
    model = replayed(store, again)
    assert [await model.generate(question(pictures=(CHART,), sample=number)) for number in (0, 1)] == said
    assert [(call.key, call.request) for call in again.calls()] == [(call.key, call.request) for call in log.calls()]
    with sqlite3.connect(store.path) as connection:
        kinds = dict(connection.execute("SELECT kind, count(*) FROM entries GROUP BY kind").fetchall())
        (chats,) = connection.execute(
            "SELECT group_concat(request || reply) FROM entries WHERE kind = 'chat'"
        ).fetchone()
    connection.close()
    assert kinds == {"chat": 2, "picture": 1}
    assert b64encode(CHART.png).decode()[:40] not in chats


async def test_a_miss_names_the_picture_that_differs(recorded, question):
    with pytest.raises(ReplayMismatch, match="differs first at /pictures/0/sha256"):
        await replayed(recorded[0], InMemoryCallLog()).generate(question(pictures=(OTHER,)))


def test_requests_without_pictures_keep_their_keys_and_others_differ_by_the_file(question):
    asked = [
        Conversation(question(pictures=pictures), "m").chat_request(tools_open=False)
        for pictures in ((), (CHART,), (OTHER,))
    ]
    assert "pictures" not in asked[0].canonical()
    assert len({each.key for each in asked}) == 3


@pytest.mark.parametrize("system", list(SystemRole))
def test_pictures_follow_the_first_user_text_wherever_the_system_prompt_goes(question, system):
    asked = Conversation(question(pictures=(CHART,)), "m").chat_request(tools_open=False)
    messages = request_body(replace(asked, capabilities=Capabilities(system=system)))["messages"]
    user = next(message for message in messages if message["role"] == "user")
    assert [part["type"] for part in user["content"]] == ["text", "text", "image_url"]
    assert ("You read the tape." in user["content"][0]["text"]) is (system is SystemRole.FOLDED)


def test_an_echo_of_the_image_is_cut_from_an_error_text():
    data = "data:image/png;base64," + b64encode(CHART.png).decode()
    said = complaint_in(json.dumps({"error": {"message": f"bad part {data} in messages"}}))
    assert said == "bad part data:image/png;base64,... in messages"
