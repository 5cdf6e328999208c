"""Limits on requests: concurrency, a sliding minute, and turns between symbols."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from openoutcry.llm.transports.limiter import RateLimits, RequestLimiter


class Clock:
    """A clock that is set by hand, and calls back what is due when it is."""

    def __init__(self):
        self.now, self.due = 1000.0, []

    def __call__(self):
        return self.now

    def schedule(self, loop, seconds, callback):
        self.due.append((self.now + seconds, callback))

    async def advance(self, seconds):
        self.now += seconds
        ready = [callback for at, callback in self.due if at <= self.now]
        self.due = [(at, callback) for at, callback in self.due if at > self.now]
        for callback in ready:
            callback()
        await settle()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


class Bench:
    """Requests at one limiter; `running` names those that were admitted and not finished, in order."""

    def __init__(self, **limits):
        self.clock, self.running, self._ends = Clock(), [], {}
        self.limiter = RequestLimiter(RateLimits(**limits), self.clock, self.clock.schedule)
        self.tasks = {}

    async def ask(self, name, group="", tokens=1):
        self._ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._held(name, group, tokens))
        await settle()

    async def _held(self, name, group, tokens):
        async with self.limiter.admitted(group, tokens):
            self.running.append(name)
            await self._ends[name].wait()

    async def end(self, name):
        self._ends[name].set()
        await self.tasks[name]
        self.running.remove(name)
        await settle()


@pytest.fixture
async def bench():
    async with AsyncExitStack() as stack:

        def make(**limits):
            made = Bench(**limits)

            async def stop():
                for task in made.tasks.values():
                    task.cancel()
                await asyncio.gather(*made.tasks.values(), return_exceptions=True)

            stack.push_async_callback(stop)
            return made

        yield make


async def test_no_more_than_the_limit_run_at_a_time(bench):
    bench = bench(max_parallel=2)
    for name in "abc":
        await bench.ask(name)
    assert bench.running == ["a", "b"]
    await bench.end("a")
    assert bench.running == ["b", "c"]


async def test_symbols_are_served_in_turns(bench):
    bench = bench(max_parallel=1)
    await bench.ask("first", "AAA")
    for name in ("a1", "a2", "a3"):
        await bench.ask(name, "AAA")
    for name in ("b1", "b2"):
        await bench.ask(name, "BBB")
    served = []
    for _ in range(5):
        await bench.end(bench.running[0])
        served += bench.running
    assert served == ["a1", "b1", "a2", "b2", "a3"]


async def test_a_minute_holds_no_more_requests_than_allowed_wherever_it_begins(bench):
    bench = bench(max_parallel=None, requests_per_minute=2)
    await bench.ask("a")
    await bench.clock.advance(50)
    await bench.ask("b")
    await bench.ask("c")
    assert bench.running == ["a", "b"]
    await bench.clock.advance(9)
    assert "c" not in bench.running
    await bench.clock.advance(1)
    assert bench.running == ["a", "b", "c"]
    await bench.ask("d")
    await bench.clock.advance(49)
    assert "d" not in bench.running
    await bench.clock.advance(1)
    assert "d" in bench.running


async def test_tokens_are_reserved_and_corrected_by_what_was_used(bench):
    bench = bench(max_parallel=None, tokens_per_minute=100)
    async with bench.limiter.admitted("", 90) as admission:
        admission.tokens = 20
    await bench.ask("a", tokens=70)
    await bench.ask("b", tokens=20)
    assert bench.running == ["a"]
    await bench.clock.advance(60)
    assert bench.running == ["a", "b"]


async def test_a_request_larger_than_the_limit_waits_for_an_empty_minute_and_then_goes(bench):
    bench = bench(max_parallel=None, tokens_per_minute=100)
    await bench.ask("small", tokens=10)
    await bench.ask("large", tokens=500)
    assert bench.running == ["small"]
    await bench.clock.advance(60)
    assert bench.running == ["small", "large"]


async def test_a_request_that_is_cancelled_while_it_waits_or_runs_gives_its_place_back(bench):
    bench = bench(max_parallel=1)
    for name in "abc":
        await bench.ask(name)
    for name in ("b", "a"):
        bench.tasks[name].cancel()
        with pytest.raises(asyncio.CancelledError):
            await bench.tasks[name]
    await settle()
    assert bench.running == ["a", "c"]


def test_one_limiter_serves_one_event_loop_after_the_other():
    limiter = RequestLimiter(RateLimits(max_parallel=1))

    async def once():
        async with limiter.admitted("", 1):
            return True

    assert [asyncio.run(once()) for _ in range(3)] == [True, True, True]


async def test_every_attempt_is_counted_retries_included(stub, question, naps):
    from openoutcry.llm.call_log import InMemoryCallLog
    from openoutcry.llm.endpoint import Endpoint
    from openoutcry.llm.openai_model import OpenAIModel
    from openoutcry.llm.transports.http import HttpTransport
    from openoutcry.llm.transports.limiter import LimitedTransport
    from openoutcry.llm.transports.retry_policy import RetryPolicy
    from pydantic import SecretStr
    from stub.http_log import Fault

    clock = Clock()
    limiter = RequestLimiter(RateLimits(max_parallel=1, requests_per_minute=2), clock, clock.schedule)
    http = HttpTransport(
        Endpoint(stub.url, SecretStr("")),
        RetryPolicy(attempts=3),
        sleep=naps,
        each_attempt=lambda inner: LimitedTransport(inner, limiter),
    )
    stub.fail(Fault.error(503), Fault.error(503))
    asked = asyncio.create_task(OpenAIModel(http, "m", "m", InMemoryCallLog()).generate(question()))
    async with asyncio.timeout(10):
        while not clock.due:
            await asyncio.sleep(0.001)
    assert len(stub.requests) == 2
    assert not asked.done()
    await clock.advance(60)
    await asked
    assert len(stub.requests) == 3
    await http.aclose()
