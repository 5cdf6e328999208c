"""Functions that the model calls before it answers."""

import json

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.tool_spec import ToolSpec
from stub.http_log import Reply, ToolCall

GOOD_TEXT = json.dumps({"summary": "up", "confidence": 0.6, "evidence": ["px.close"]})
PARAMETERS = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}


class Tape:
    """Two functions of a market, as a toolset answers them: never raising, wrong calls in words."""

    specs = (ToolSpec("bars", "Return the last bars.", PARAMETERS), ToolSpec("news", "Return news.", PARAMETERS))

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def call(self, name: str, arguments: str) -> str:
        self.calls.append((name, arguments))
        known = name in {spec.name for spec in self.specs}
        return f"{name} gave [px.close] 100" if known else f"there is no function called {name}"


@pytest.fixture
def tape() -> Tape:
    return Tape()


def calling(*names: str, **extra: str) -> Reply:
    calls = tuple(ToolCall(name, '{"count": 3}', f"id-{place}") for place, name in enumerate(names))
    return Reply(None, calls, extra=extra)


async def test_functions_are_called_and_their_results_go_back(stub, model, question, tape, log):
    stub.reply(calling("bars", "news"), GOOD_TEXT)
    answer = await model().generate(question(tools=tape))
    assert answer.summary == "up"
    assert tape.calls == [("bars", '{"count": 3}'), ("news", '{"count": 3}')]
    first, second = stub.chats
    assert first.tools == {"bars": PARAMETERS, "news": PARAMETERS}
    assert first.body["tool_choice"] == "auto"
    assistant, *results = second.messages[2:]
    assert [call["id"] for call in assistant["tool_calls"]] == ["id-0", "id-1"]
    assert results == [
        {"role": "tool", "tool_call_id": "id-0", "content": "bars gave [px.close] 100"},
        {"role": "tool", "tool_call_id": "id-1", "content": "news gave [px.close] 100"},
    ]
    assert len(log.calls()) == 2


async def test_an_unknown_function_is_answered_in_words(stub, model, question, tape):
    stub.reply(calling("teleport"), GOOD_TEXT)
    assert not isinstance(await model().generate(question(tools=tape)), Abstention)
    assert stub.chats[1].messages[-1]["content"] == "there is no function called teleport"


async def test_a_loop_of_calls_is_cut_and_the_answer_asked_for(stub, model, question, tape):
    stub.reply(calling("bars"), calling("bars"), GOOD_TEXT)
    assert not isinstance(await model().generate(question(tools=tape)), Abstention)
    assert [chat.body["tool_choice"] for chat in stub.chats] == ["auto", "auto", "none"]


async def test_a_model_that_will_not_stop_calling_abstains(stub, model, question, tape):
    stub.responder = lambda _: calling("bars")
    outcome = await model().generate(question(tools=tape))
    assert outcome.cause is AbstentionCause.ANSWER
    assert "functions were called again" in outcome.reason
    assert len(tape.calls) == 2
    assert len(stub.requests) == 4


async def test_the_number_of_rounds_is_a_setting(stub, model, question, tape):
    stub.reply(calling("bars"))
    stub.reply(GOOD_TEXT)
    await model(max_tool_rounds=1).generate(question(tools=tape))
    assert [chat.body["tool_choice"] for chat in stub.chats] == ["auto", "none"]


async def test_a_flood_of_calls_in_one_round_is_dammed(stub, model, question, tape):
    stub.reply(calling(*["bars"] * 100), GOOD_TEXT)
    await model().generate(question(tools=tape))
    assert len(tape.calls) == 16
    results = stub.chats[1].messages[3:]
    assert len(results) == 100, "every call must be answered, or the endpoint refuses the history"
    assert "not called" in results[-1]["content"]


async def test_a_model_without_functions_is_asked_without_them(stub, model, question, tape):
    stub.refuses = frozenset({"tools"})
    asker = model()
    assert not isinstance(await asker.generate(question(tools=tape)), Abstention)
    await asker.generate(question(tools=tape, user="[px.close] more"))
    assert ["tools" in chat.body for chat in stub.chats] == [True, False, False]


async def test_functions_and_a_forced_answer_can_go_together(stub, model, question, tape):
    stub.refuses = frozenset({"json_schema", "json_object"})
    stub.reply(calling("bars"))
    answer = await model().generate(question(tools=tape))
    assert not isinstance(answer, Abstention)
    offer = stub.chats[2]
    assert offer.body["tool_choice"] == "required"
    assert set(offer.tools) == {"bars", "news", "submit_answer"}
    assert len(tape.calls) == 1


async def test_thinking_between_calls_is_handed_back_and_elsewhere_is_not(stub, model, question, tape):
    stub.reply(calling("bars", reasoning_content="let me see"), Reply("no", extra={"reasoning_content": "hm"}))
    stub.reply(GOOD_TEXT)
    await model().generate(question(tools=tape))
    messages = stub.chats[-1].messages
    assert messages[2]["reasoning_content"] == "let me see"
    assert "reasoning_content" not in messages[4]


@pytest.mark.parametrize("arguments", ["", "{not json", '{"count": "\\ud800"}', "[]"])
async def test_arguments_reach_the_toolset_as_the_model_wrote_them(stub, model, question, tape, arguments):
    stub.reply(Reply(None, (ToolCall("bars", arguments),)), GOOD_TEXT)
    assert not isinstance(await model().generate(question(tools=tape)), Abstention)
    assert tape.calls == [("bars", arguments)]


async def test_rounds_are_found_in_the_log_again(stub, model, question, tape):
    stub.reply(calling("bars"), GOOD_TEXT)
    first = await model().generate(question(tools=tape))
    assert await model().generate(question(tools=tape)) == first
    assert len(stub.requests) == 2
