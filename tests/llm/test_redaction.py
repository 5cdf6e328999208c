"""What an endpoint says holds no key of ours, in no form, and no invisible characters, wherever it ends up."""

import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import asdict
from urllib.parse import quote

import pytest
from openoutcry.domain.text import clean_text, strip_control
from openoutcry.llm.redaction import Redactor
from stub.http_log import Fault, Reply, ToolCall

SECRET = "sk-odd+key/7f3a&91c2d4"
GOOD = {"summary": "up", "confidence": 0.6, "evidence": ["px.close"]}
INVISIBLE = "\x1b\x9b\u061c\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\U000e0041"


def forms(secret):
    """Return texts that hold a secret, by the name of the form."""
    raw = secret.encode()
    return {
        "plain": secret,
        "percent": quote(secret, safe=""),
        "percent of all": "".join(f"%{byte:02X}" for byte in raw),
        "hexadecimal": raw.hex(),
        "capital hexadecimal": raw.hex().upper(),
        "base64": b64encode(raw).decode(),
        "base64 for addresses": urlsafe_b64encode(raw).decode(),
        "base64 of a header": b64encode(b"Bearer " + raw + b"\n").decode(),
        "base64 of a login": b64encode(b"me:" + raw).decode(),
        "base64 at another offset": b64encode(b"me2:" + raw + b"!").decode(),
        "JSON": json.dumps(secret).replace("/", "\\/"),
        "JSON escapes": "".join(f"\\u{byte:04x}" for byte in raw),
        "one JSON escape": f"\\u{ord(secret[0]):04x}{secret[1:]}",
        "JSON in JSON": "".join(f"\\\\u{byte:04x}" for byte in raw),
        "HTML": "".join(f"&#{byte};" for byte in raw),
        "zero-width characters inside": "\u200b".join(secret),
        "escaped zero-width characters inside": secret[:6] + "\\u200b" + secret[6:],
    }


@pytest.mark.parametrize("name", forms(SECRET))
def test_every_form_of_a_secret_is_replaced(name):
    said = Redactor((SECRET,)).text(f"the key is {forms(SECRET)[name]} as you know")
    assert "***" in said
    assert said.startswith("the key is ")
    assert said.endswith(" as you know")
    kept = said.removeprefix("the key is ").removesuffix(" as you know").replace("***", "")
    assert len(kept) <= 12  # base64 of what surrounds the key


@pytest.mark.parametrize("text", ["the latest test", "ollama", "none", "A key of the market: 7f3a91", ""])
def test_words_are_left_alone(text):
    assert Redactor((SECRET, "test", "ollama")).text(text) == text
    assert Redactor(()).text(text) == text


@pytest.mark.parametrize("name", forms(SECRET))
async def test_an_answer_that_holds_the_key_is_kept_without_it(stub, model, question, log, sentinel, name):
    said = forms(sentinel)[name]
    written = json.dumps({**GOOD, "summary": "KEY"}, ensure_ascii=False).replace("KEY", said.strip('"'), 1)
    stub.reply(written)
    answer = await model().generate(question())
    assert "***" in answer.summary
    kept = answer.model_dump_json() + json.dumps([asdict(call) for call in log.calls()])
    assert sentinel not in kept
    assert sentinel[8:] not in kept
    assert said[6:-6] not in kept


@pytest.mark.parametrize("place", ["content", "refusal", "reasoning", "reasoning_content", "tool", "model"])
async def test_the_key_is_taken_out_of_every_part_of_a_reply(stub, model, question, log, sentinel, place):
    message = {"role": "assistant", "content": json.dumps(GOOD)}
    if place == "tool":
        message["tool_calls"] = [
            {
                "id": sentinel,
                "function": {"name": sentinel, "arguments": sentinel},
                "extra_content": {sentinel: sentinel},
            }
        ]
    elif place != "model":
        message[place] = f"the key is {sentinel}"
    body = {
        "choices": [{"message": message, "finish_reason": "stop"}],
        "model": sentinel,
        "system_fingerprint": sentinel,
    }
    stub.fail(Fault.text(json.dumps(body)), Fault.text(json.dumps(body)))
    outcome = await model().generate(question())
    assert sentinel not in json.dumps([asdict(call) for call in log.calls()]) + repr(outcome)
    assert log.calls()


@pytest.mark.parametrize("ascii_only", [True, False])
async def test_invisible_characters_are_removed_from_answers(stub, model, question, log, ascii_only):
    stub.reply(json.dumps({**GOOD, "summary": f"u{INVISIBLE}p\tand\nup"}, ensure_ascii=ascii_only))
    assert (await model().generate(question())).summary == "up\tand\nup"
    content = json.loads(log.calls()[0].reply)["content"]
    assert not [each for each in INVISIBLE if each in content or json.dumps(each)[1:-1] in content]


async def test_backslashes_that_escape_nothing_invisible_are_kept(stub, model, question):
    summary = "a \\u200b b \\ c \\\\u202e d"
    stub.reply(json.dumps({**GOOD, "summary": summary}))
    assert (await model().generate(question())).summary == summary


async def test_invisible_characters_are_removed_from_reasons_and_from_failures(stub, model, question):
    stub.reply(*[Reply(None, refusal=f"n{INVISIBLE}o")] * 2)
    assert (await model().generate(question())).reason.endswith("the model refused: no")
    stub.fail(*[Fault.error(401, f"n{INVISIBLE}o")] * 2)
    reason = (await model().generate(question(user="more"))).reason
    assert not [each for each in INVISIBLE if each in reason]


async def test_signatures_go_back_untouched(stub, model, question):
    class Clock:
        specs = ()

        def call(self, name, arguments):
            return "noon"

    signed = {"reasoning": "let\u200b me look", "reasoning_details": [{"signature": "c2ln\u200e"}]}
    stub.reply(Reply(None, (ToolCall("clock"),), extra=signed))
    await model(max_tool_rounds=1).generate(question(tools=Clock()))
    sent = stub.chats[1].messages[2]
    assert {name: sent[name] for name in signed} == signed


def test_texts_are_cleaned_of_what_cannot_be_seen():
    assert clean_text(f"a{INVISIBLE}b\r\nc\rd\te\n") == "ab\nc\nd\te\n"
    assert not [each for each in strip_control(f"a{INVISIBLE}b") if each in INVISIBLE]
