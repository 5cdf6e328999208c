"""The next endpoint after an outage, and never after a bad answer; a breaker for each endpoint."""

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import BudgetExceeded, ModelUnavailable
from openoutcry.domain.outputs import Report
from openoutcry.llm.chat import ChatRequest
from openoutcry.llm.completion import TokenUsage
from openoutcry.llm.endpoint import Endpoint
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.schema import answer_schema
from openoutcry.llm.transports.errors import EndpointOutage, RequestRejected
from openoutcry.llm.transports.fallback import BreakerPolicy, CircuitBreaker, FallbackEndpoint, FallbackTransport
from openoutcry.llm.transports.faulty import FaultyTransport, in_order
from openoutcry.llm.transports.http import HttpTransport
from openoutcry.llm.transports.retry_policy import RetryPolicy
from pydantic import SecretStr
from stub.http_log import Fault
from stub.server import StubServer

REQUEST = ChatRequest("technical", "quick-1", "system", "user", answer_schema(Report))


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def second():
    with StubServer() as server:
        yield server


@pytest.fixture
async def pair(stub, second, naps, clock):
    made = []

    def make(model="other-1", **policy):
        first, other = (
            HttpTransport(Endpoint(server.url, SecretStr("")), RetryPolicy(attempts=2), sleep=naps)
            for server in (stub, second)
        )
        endpoints = [FallbackEndpoint("first", first), FallbackEndpoint("second", other, model)]
        made.append(FallbackTransport(endpoints, BreakerPolicy(**policy), timer=clock))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


async def test_an_outage_moves_the_request_to_the_next_endpoint_and_is_named(stub, second, pair):
    stub.fail(*[Fault.error(503)] * 2)
    completion = await pair().complete(REQUEST)
    assert (completion.served.endpoint, completion.served.model) == (second.url, "other-1")
    assert len(stub.requests) == 2
    assert completion.notes == ("second answered in place of first, which was down",)


@pytest.mark.parametrize("fault", [Fault.error(402), Fault.error(429), Fault.reset(), Fault.html(), Fault.truncated()])
async def test_these_are_outages(stub, second, pair, fault):
    stub.fail(fault, fault)
    assert (await pair().complete(REQUEST)).served.endpoint == second.url


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_these_are_not(stub, second, pair, status):
    stub.fail(Fault.error(status))
    with pytest.raises(ModelUnavailable):
        await pair().complete(REQUEST)
    assert not second.requests


async def test_a_bad_answer_stays_with_the_endpoint_that_gave_it(stub, second, pair, question, log):
    stub.reply("no JSON", "no JSON again")
    outcome = await OpenAIModel(pair(), "quick-1", "deep-1", log).generate(question())
    assert isinstance(outcome, Abstention)
    assert outcome.cause is AbstentionCause.ANSWER
    assert not second.requests


async def test_an_open_breaker_spares_the_endpoint_and_one_probe_closes_it(stub, second, pair, clock):
    transport = pair(failures=2, cooldown_s=30)
    stub.fail(*[Fault.error(500)] * 4)
    for _ in range(4):
        await transport.complete(REQUEST)
    assert (len(stub.requests), len(second.requests)) == (4, 4), "after two outages the first is not asked"
    clock.now = 30
    assert (await transport.complete(REQUEST)).served.endpoint == stub.url
    await transport.complete(REQUEST)
    assert len(second.requests) == 4


async def test_a_failed_probe_opens_the_breaker_for_another_cooldown(stub, pair, clock):
    transport = pair(failures=1, cooldown_s=30)
    stub.fail(*[Fault.error(500)] * 4)
    await transport.complete(REQUEST)
    clock.now = 30
    await transport.complete(REQUEST)
    clock.now = 59
    await transport.complete(REQUEST)
    assert len(stub.requests) == 4
    clock.now = 60
    assert (await transport.complete(REQUEST)).served.endpoint == stub.url


def test_only_one_request_probes_at_a_time(clock):
    breaker = CircuitBreaker(BreakerPolicy(failures=1, cooldown_s=5), clock)
    breaker.failed()
    clock.now = 5
    assert [breaker.try_acquire() for _ in range(3)] == [True, False, False]
    breaker.abandoned()
    assert breaker.try_acquire()
    breaker.succeeded()
    assert [breaker.try_acquire() for _ in range(3)] == [True] * 3


async def test_where_all_are_down_the_last_outage_is_reported_with_all_lost_tokens(stub, second):
    lost = TokenUsage(10, 0, 5, estimated=True)
    down = [FaultyTransport(HttpTransport(Endpoint(stub.url, SecretStr(""))), in_order([error])) for error in (
        EndpointOutage("first is down", lost), EndpointOutage("second is down", lost)
    )]  # fmt: skip
    transport = FallbackTransport([FallbackEndpoint(str(n), one) for n, one in enumerate(down)])
    with pytest.raises(EndpointOutage, match="second is down") as caught:
        await transport.complete(REQUEST)
    assert (caught.value.lost.prompt, caught.value.lost.completion) == (20, 10)


@pytest.mark.parametrize("error", [RequestRejected("no", "no"), BudgetExceeded("spent")])
async def test_other_errors_are_raised_as_they_are_and_do_not_open_the_breaker(stub, error):
    inner = FaultyTransport(HttpTransport(Endpoint(stub.url, SecretStr(""))), in_order([error]))
    transport = FallbackTransport([FallbackEndpoint("only", inner)], BreakerPolicy(failures=1))
    with pytest.raises(type(error)):
        await transport.complete(REQUEST)
    assert (await transport.complete(REQUEST)).served.endpoint == stub.url
    await transport.aclose()
