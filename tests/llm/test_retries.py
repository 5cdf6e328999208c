"""What is tried again, how long is waited, and what is said when it does not help."""

import socket

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.llm.transports.retry_policy import RetryPolicy
from openoutcry.storage.retry_after import retry_after
from stub.http_log import Fault

PASSING = {
    "rate limit": Fault.error(429),
    "server error": Fault.error(500),
    "overloaded": Fault.error(529),
    "HTML page": Fault.html(),
    "HTML error page": Fault.html(502),
    "truncated body": Fault.truncated(),
    "truncated JSON": Fault.text('{"choices": [{"message": {"con'),
    "empty body": Fault.text(""),
    "no choices": Fault.text('{"choices": []}'),
    "another document": Fault.text('{"hello": "world"}'),
    "a list": Fault.text("[1]"),
    "a deep nest": Fault.text("[" * 100_000),
    "not unicode": Fault("status", 200, {"content-encoding": "gzip"}, "no gzip"),
    "error in a good status": Fault.text('{"error": {"message": "upstream is down", "code": 502}}'),
    "reset": Fault.reset(),
}


@pytest.mark.parametrize("name", PASSING)
async def test_what_may_pass_is_tried_again(stub, model, question, naps, name):
    stub.fail(PASSING[name])
    assert not isinstance(await model().generate(question()), Abstention)
    assert len(stub.requests) == 2
    assert naps.seconds == [1.0]


@pytest.mark.parametrize("name", PASSING)
async def test_what_does_not_pass_is_an_abstention_after_all_attempts(stub, model, question, naps, log, name):
    stub.fail(*[PASSING[name]] * 3)
    outcome = await model().generate(question())
    assert isinstance(outcome, Abstention)
    assert (outcome.role, outcome.cause) == ("technical", AbstentionCause.MODEL)
    assert stub.url in outcome.reason
    assert "3 attempts" in outcome.reason
    assert len(outcome.reason) < 500
    assert "\n" not in outcome.reason
    assert len(stub.requests) == 3
    assert naps.seconds == [1.0, 2.0]
    assert not log.calls()


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422])
async def test_what_no_second_try_can_mend_is_not_tried_again(stub, model, question, naps, status):
    stub.fail(Fault.error(status, "so it is"))
    outcome = await model().generate(question())
    assert outcome.cause is AbstentionCause.MODEL
    assert f"status {status}: so it is; " in outcome.reason
    assert len(stub.requests) == 1
    assert not naps.seconds


async def test_the_remedy_for_a_bad_key_is_named(stub, model, question):
    stub.fail(Fault.error(401, "Incorrect API key provided."))
    outcome = await model().generate(question())
    assert outcome.reason == (
        f"{stub.url} gave no answer: status 401: Incorrect API key provided; "
        "set OPENAI_API_KEY to a key that this endpoint accepts"
    )


async def test_a_redirection_is_not_followed_with_the_prompt_but_reported(stub, model, question):
    stub.fail(Fault("status", 307, {"location": f"{stub.url}/chat/completions"}, ""))
    outcome = await model().generate(question())
    assert "status 307" in outcome.reason
    assert "set --base-url" in outcome.reason
    assert len(stub.requests) == 1


async def test_an_empty_purse_is_not_waited_for(stub, model, question, naps):
    stub.fail(Fault.text('{"error": {"message": "quota is spent", "code": "insufficient_quota"}}', 429))
    outcome = await model().generate(question())
    assert "add credit" in outcome.reason
    assert not naps.seconds


async def test_the_wait_that_the_endpoint_asks_for_is_kept(stub, model, question, naps):
    stub.fail(Fault.error(429, retry_after="7"))
    assert not isinstance(await model().generate(question()), Abstention)
    assert naps.seconds == [7.0]


async def test_a_date_to_come_back_at_is_measured_against_the_servers_own(stub, model, question, naps):
    stub.fail(Fault.error(503, date="Mon, 03 Mar 2025 10:00:00 GMT", retry_after="Mon, 03 Mar 2025 10:00:21 GMT"))
    assert not isinstance(await model().generate(question()), Abstention)
    assert naps.seconds == [21.0]


async def test_no_wait_is_longer_than_the_longest(stub, model, question, naps):
    stub.fail(Fault.error(429, retry_after="86400"), *[Fault.error(500)] * 3)
    patience = RetryPolicy(attempts=5, base_wait_s=4.0, max_wait_s=9.0)
    assert not isinstance(await model(retry_policy=patience).generate(question()), Abstention)
    assert naps.seconds == [9.0, 8.0, 9.0, 9.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Mon, 03 Mar 2025 10:00:00 GMT"}, None),
        ({"retry-after": "Mon, 03 Mar 2025 10:00:00 GMT", "date": "Mon, 03 Mar 2025 10:05:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 03 Mar 2025 10:00:00", "date": "Mon, 03 Mar 2025 09:00:00 GMT"}, 3600.0),
    ],
)
def test_retry_after_is_read_or_absent(headers, seconds):
    assert retry_after(headers) == seconds


async def test_a_refused_connection_is_said_plainly(model, question, naps):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    outcome = await model(url).generate(question())
    assert outcome.cause is AbstentionCause.MODEL
    assert outcome.reason.startswith(f"{url} cannot be reached, in 3 attempts: ")
    assert "check --base-url and the network" in outcome.reason
    assert naps.seconds == [1.0, 2.0]


async def test_a_server_that_says_nothing_is_not_waited_for_for_ever(stub, model, question, naps):
    stub.fail(Fault.hang())
    asker = model(retry_policy=RetryPolicy(attempts=2, timeout_s=0.2))
    assert not isinstance(await asker.generate(question()), Abstention)
    assert len(naps.seconds) == 1


async def test_a_timeout_in_every_attempt_is_an_abstention(stub, model, question):
    stub.fail(Fault.hang(), Fault.hang())
    outcome = await model(retry_policy=RetryPolicy(attempts=2, timeout_s=0.1)).generate(question())
    assert outcome.cause is AbstentionCause.MODEL
    assert "gave no answer within 0.1 s, in 2 attempts" in outcome.reason


async def test_one_attempt_can_be_all_there_is(stub, model, question, naps):
    stub.fail(Fault.error(500))
    outcome = await model(retry_policy=RetryPolicy(attempts=1)).generate(question())
    assert outcome.cause is AbstentionCause.MODEL
    assert not naps.seconds
