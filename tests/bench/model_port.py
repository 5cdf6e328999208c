"""What the model port costs: calls and tokens by rounds, concurrent calls, common prefixes, its own time per call."""

import asyncio
import json
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

from openoutcry.app.budgets import call_budget
from openoutcry.app.factories import choose_model, open_model
from openoutcry.app.model_access import ModelAccess
from openoutcry.app.settings import load_settings
from openoutcry.domain.abstention import Abstention
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.events import EventLog
from openoutcry.llm.openai_model import OpenAIModel
from openoutcry.llm.port import ModelRequest, Tier
from pydantic import BaseModel, ConfigDict, Field

from tests.bench.decision import Measured, decisions, measure, stub
from tests.bench.table import Row

ROUNDS = (1, 3, 5)
LATENCY_MS = 100
CONCURRENT = 200
SERIES = 200
SHARE_TARGET = 0.6
EVIDENCE = re.compile(r"<evidence>\n.*?</evidence>", re.DOTALL)


class View(BaseModel):
    """A view on a ticker."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: Annotated[str, Field(min_length=1)]
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class Share:
    """Prompt characters of the calls that have the evidence of an earlier call, and those of their common prefix."""

    calls: int
    characters: int
    common: int

    @property
    def part(self) -> float:
        """Return the share of the common prefixes, from 0 to 1."""
        return self.common / self.characters


def prefix_share(requests: Iterable[dict[str, Any]], *, forms: bool = False) -> Share:
    """Compare each prompt with those that arrived before, of calls that share its evidence; the longest prefix counts.

    A prompt is the text of its messages in order. With `forms` the functions and the schema of the answer stand before
    them, where endpoints that cache prefixes put them: a prompt with another schema has nothing in common.
    """
    seen: dict[str, list[str]] = {}
    calls = characters = common = 0
    for request in sorted(requests, key=lambda each: each["arrived"]):
        prompt = _prompt(request["body"]["messages"])
        found = EVIDENCE.search(prompt)
        earlier = seen.setdefault(found[0] if found else prompt, [])
        prompt = _forms(request["body"]) + prompt if forms else prompt
        if earlier:
            calls += 1
            characters += len(prompt)
            common += max(_common(prompt, other) for other in earlier)
        earlier.append(prompt)
    return Share(calls, characters, common)


def _prompt(messages: Iterable[dict[str, Any]]) -> str:
    return "".join(f"<{message['role']}>{message.get('content') or ''}" for message in messages)


def _forms(body: dict[str, Any]) -> str:
    return "".join(json.dumps(body[name]) for name in ("tools", "response_format") if body.get(name))


def _common(one: str, other: str) -> int:
    """Return the length of the common prefix of two texts."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


@contextmanager
def port(url: str, **more: Any) -> Iterator[OpenAIModel]:
    """Yield the model as a run has it: limiter, budget, negotiation, events in a file, recording off."""
    with tempfile.TemporaryDirectory() as home:
        given = {"home": home, "model": "openai:stub", "base_url": url, "max_parallel": CONCURRENT, **more}
        settings, log = load_settings(given), InMemoryCallLog()
        access = ModelAccess(call_budget(settings, log))
        model = open_model(settings, choose_model(settings), log, access, EventLog(Path(home) / "events.jsonl"))
        assert model is not None
        yield model


def question(number: int) -> ModelRequest[View]:
    """Return a question of a common size that differs from every other."""
    return ModelRequest(
        "bench", Tier.QUICK, "You read prices. " * 60, f"[px.close] close {number} " * 100, View, lambda _: None
    )


def concurrent() -> tuple[float, int]:
    """Return the seconds of 200 concurrent calls at 100 ms, and the number of answers."""

    async def ask(url: str) -> tuple[float, int]:
        with port(url) as model:
            async with model:
                await model.generate(question(-1))
                start = time.perf_counter()
                outcomes = await asyncio.gather(*(model.generate(question(n)) for n in range(CONCURRENT)))
                wall = time.perf_counter() - start
        return wall, sum(not isinstance(outcome, Abstention) for outcome in outcomes)

    with stub(LATENCY_MS) as url:
        return asyncio.run(ask(url))


def per_call() -> tuple[float, float]:
    """Return the median milliseconds of a call through the port, and of the same request by an HTTP client alone."""
    import httpx2

    async def ask(url: str) -> tuple[float, float]:
        through, alone = list[float](), list[float]()
        body = json.dumps(
            {"model": "stub", "messages": [{"role": "user", "content": question(0).system + question(0).user}]}
        )
        with port(url) as model:
            async with model, httpx2.AsyncClient(trust_env=False) as client:
                for number in range(SERIES):
                    start = time.perf_counter()
                    await model.generate(question(number))
                    through.append(time.perf_counter() - start)
                    start = time.perf_counter()
                    (await client.post(f"{url}/chat/completions", content=body)).json()
                    alone.append(time.perf_counter() - start)
        return median(through[9:]) * 1000, median(alone[9:]) * 1000

    with stub(0) as url:
        return asyncio.run(ask(url))


def _figures(measured: Measured) -> str:
    wall = median(measured.wall_s)
    return f"{measured.calls} calls, {measured.slots} slots, {measured.tokens:,} tokens, {wall:.2f} s"


def rows() -> list[Row]:
    """Measure and return the rows of this section."""
    slow = {rounds: measure(latency_ms=LATENCY_MS, rounds=rounds, times=1) for rounds in ROUNDS}
    asked = {rounds: decisions(rounds=rounds) for rounds in ROUNDS}
    shares = {rounds: prefix_share(requests) for rounds, requests in asked.items()}
    whole = {rounds: prefix_share(requests, forms=True) for rounds, requests in asked.items()}
    keyed = any("prompt_cache_key" in request["body"] for request in decisions(rounds=1))
    wall, answered = concurrent()
    through, alone = per_call()
    fast = measure(times=9)
    by_rounds = [
        Row(f"{rounds} round{'s' if rounds > 1 else ''} of debate at {LATENCY_MS} ms a call", _figures(measured))
        for rounds, measured in slow.items()
    ]
    return [
        *by_rounds,
        Row(
            "framework's own time beside the slots, rounds 1, 3, 5",
            ", ".join(f"{(median(m.wall_s) - m.slots * LATENCY_MS / 1000) * 1000:.0f} ms" for m in slow.values()),
        ),
        Row(
            "common prefix of prompts from the second call on that has the same evidence, rounds 1, 3, 5",
            ", ".join(f"{share.part:.0%} of {share.calls} calls" for share in shares.values()),
            f">= {SHARE_TARGET:.0%}",
        ),
        Row(
            "the same with functions and schemas counted before the prompt, rounds 1, 3, 5",
            ", ".join(f"{share.part:.0%} of {share.calls} calls" for share in whole.values()),
            f">= {SHARE_TARGET:.0%}",
        ),
        Row("prompt_cache_key sent to an endpoint that may not know it", "yes" if keyed else "no", "no"),
        Row(
            f"{CONCURRENT} concurrent calls at {LATENCY_MS} ms",
            f"{answered} answers in {wall:.2f} s",
            f"{CONCURRENT} answers",
        ),
        Row("one call through the whole port at 0 ms, median of 191", f"{through:.2f} ms"),
        Row("the same request by an HTTP client alone", f"{alone:.2f} ms"),
        Row("the port's own time per call", f"{through - alone:.2f} ms"),
        Row(
            "whole decision in process at 0 ms, checkpoints on: median, fastest of 9",
            f"{median(fast.wall_s) * 1000:.0f} ms, {min(fast.wall_s) * 1000:.0f} ms",
            "at most 60 % of 0.1.0",
        ),
    ]
