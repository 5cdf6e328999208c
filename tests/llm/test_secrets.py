"""The key goes into one header and into nothing that anyone reads."""

import copy
import json
import logging
import traceback
from dataclasses import asdict

import pytest
from openoutcry.domain.abstention import Abstention
from openoutcry.domain.errors import ConfigError, ModelUnavailable
from openoutcry.domain.outputs import Report
from openoutcry.llm.chat import ChatRequest
from openoutcry.llm.endpoint import NO_KEY, OPENAI_URL, Endpoint
from openoutcry.llm.schema import answer_schema
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from pydantic import SecretStr
from stub.http_log import Fault, Reply


def echoes(key: str) -> dict[str, Fault]:
    said = f"Incorrect API key provided: {key}."
    return {
        "401": Fault.error(401, said),
        "401 with the key across the clipping border": Fault.error(401, "x" * 290 + key),
        "403 in HTML": Fault.text(f"<html>{said}</html>", 403),
        "400": Fault.error(400, f"response_format is not for {key}"),
        "404": Fault.error(404, f"no route for Bearer {key}"),
        "429": Fault.error(429, said),
        "500": Fault.error(500, f"debug: headers = {{'authorization': 'Bearer {key}'}}"),
        "HTML": Fault.text(f"<html>{'y' * 60} {key}</html>"),
        "JSON": Fault.text(json.dumps({"error": {"message": said}})),
        "redirect": Fault("status", 302, {"location": f"http://127.0.0.1:1/?key={key}"}, ""),
    }


@pytest.mark.parametrize("name", echoes(""))
async def test_a_server_that_echoes_the_key_cannot_make_us_say_it(
    stub, model, question, sentinel, log, caplog, capfd, name
):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "httpcore2")  # its debugging traces what the server itself sent
    stub.fail(*[echoes(sentinel)[name]] * 12)
    asker = model()
    outcome = await asker.generate(question())
    assert isinstance(outcome, Abstention)
    assert stub.requests[0].headers["authorization"] == f"Bearer {sentinel}"
    seen = [repr(outcome), str(asdict(outcome)), repr(asker), repr(vars(asker)), caplog.text, *capfd.readouterr()]
    seen += [json.dumps([asdict(call) for call in log.calls()])]
    assert not [text for text in seen if sentinel[:12] in text]


async def test_a_model_that_says_the_key_in_its_refusal_is_not_quoted(stub, model, question, sentinel):
    stub.reply(*[Reply(None, refusal=f"your key is {sentinel}")] * 2)
    outcome = await model().generate(question())
    assert "your key is ***" in outcome.reason


async def test_exceptions_and_their_tracebacks_do_not_show_the_key(stub, naps, sentinel):
    wire = HttpTransport(Endpoint(stub.url, SecretStr(sentinel)), RetryPolicy(attempts=1), sleep=naps)
    stub.fail(Fault.error(401, f"bad key {sentinel}"))
    with pytest.raises(ModelUnavailable) as caught:
        await wire.complete(ChatRequest("role", "m", "system", "user", answer_schema(Report)))
    await wire.aclose()
    assert caught.value.__traceback__
    ours = caught.value.with_traceback(caught.value.__traceback__.tb_next)  # this test's own frame knows the key
    shown = "".join(traceback.TracebackException.from_exception(ours, capture_locals=True).format())
    assert "in complete" in shown
    assert sentinel not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_endpoint_itself_does_not_show_the_key(sentinel):
    endpoint = Endpoint(f"http://user:{sentinel}@localhost:8000/v1", SecretStr(sentinel))
    assert endpoint.request_url == "http://localhost:8000/v1"
    assert endpoint.redacted_url == "http://localhost:8000/v1"
    assert sentinel not in repr(Endpoint(None, SecretStr(sentinel)))
    assert sentinel not in f"{copy.copy(endpoint).api_key}"


def test_what_looks_like_a_key_is_scrubbed_even_if_it_is_not_ours():
    endpoint = Endpoint(None, SecretStr(""))
    assert endpoint.scrub("a\n sk-proj-abcdef12345 b Bearer  xyz c") == "a *** b *** c"


def test_a_placeholder_for_a_key_tears_no_words_apart():
    assert Endpoint(None, SecretStr("x")).scrub("next exit") == "next exit"


def test_an_empty_key_is_sent_as_a_word_that_local_servers_ignore():
    assert Endpoint(None, SecretStr(" ")).key == NO_KEY


def test_without_an_address_it_is_openais():
    assert Endpoint(None, SecretStr("")).url == OPENAI_URL


@pytest.mark.parametrize("part", ["?token=sk-hidden-1234", "#sk-hidden-1234"])
def test_an_address_with_a_query_is_refused_without_being_shown(part):
    with pytest.raises(ConfigError, match="has a query or a fragment") as caught:
        Endpoint(f"http://localhost:8000/v1{part}", SecretStr(""))
    assert "hidden" not in str(caught.value)


def test_an_address_without_a_scheme_is_shown_as_it_was_given():
    with pytest.raises(ConfigError, match="base URL 'localhost:8000/v1' is not") as caught:
        Endpoint("user:hid?den@localhost:8000/v1?key=hidden", SecretStr(""))
    assert "hid" not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "https:///v1", "api.openai.com/v1"])
def test_an_address_that_cannot_be_called_is_refused_at_once(url):
    with pytest.raises(ConfigError, match="base URL"):
        Endpoint(url, SecretStr("k"))


@pytest.mark.parametrize("key", ["two words", "schlüssel-0815", "line\nbreak-0815"])
def test_a_key_that_fits_no_header_is_refused_without_being_shown(key):
    with pytest.raises(ConfigError) as caught:
        Endpoint(None, SecretStr(key))
    assert key not in str(caught.value)
