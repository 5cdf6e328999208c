"""What one decision costs: calls, slots, tokens and the framework's own time, against a stub over HTTP."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median

import yaml
from openoutcry.app.desk import open_desk
from openoutcry.app.factories import account_for, open_market, open_store
from openoutcry.app.settings import Settings, load_settings
from openoutcry.desk.decision import DecisionRequest, decide
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.market.source import MarketSource
from openoutcry.prompts.library import load_prompts

from tests.bench.table import Row

TICKER, DAY = Symbol("CALDR"), "2025-03-03"
LIVED = ("2024-11-01", "2024-12-02", "2025-01-02", "2025-02-03")
TESTS = Path(__file__).parent.parent
ANSWER_CHARACTERS = 3000
CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class Measured:
    """Decisions taken in one process against one stub."""

    wall_s: tuple[float, ...]
    calls: int
    slots: int
    tokens: int
    tokens_with_schemas: int


@contextmanager
def stub(latency_ms: int, answer_characters: int = 160) -> Iterator[str]:
    """Run the stub as a process of its own and yield its address."""
    line = [sys.executable, "-m", "stub.server", "--latency-ms", str(latency_ms)]
    line += ["--answer-characters", str(answer_characters)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(TESTS)})
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.kill()
        process.communicate()


def measure(
    *,
    latency_ms: int = 0,
    answer_characters: int = 160,
    rounds: int = 1,
    times: int = 1,
    days: tuple[str, ...] = (),
) -> Measured:
    """Take the same decision `times` times after one that warms up, with checkpoints, memory and run store on.

    With `days`, the desk has decided on each of them before.
    """
    with tempfile.TemporaryDirectory() as home, stub(latency_ms, answer_characters) as url:
        settings = load_settings({"home": home, "model": "openai:stub", "base_url": url, "desk": _desk(home, rounds)})
        source = open_market(settings)
        for number, day in enumerate(days):
            asyncio.run(_decide(settings, source, f"before-{number}", day))
        before = len(_requests(url))
        walls = tuple(asyncio.run(_decide(settings, source, f"{number}", DAY)) for number in range(times + 1))[1:]
        requests = _requests(url)[before:]
    last = requests[-(len(requests) // (times + 1)) :]
    return Measured(
        walls, len(last), _slots(last), _characters(last) // CHARACTERS_A_TOKEN, _whole(last) // CHARACTERS_A_TOKEN
    )


def decisions(*, rounds: int, answer_characters: int = ANSWER_CHARACTERS) -> list[dict]:
    """Take one decision, and return its requests as the stub saw them."""
    with tempfile.TemporaryDirectory() as home, stub(0, answer_characters) as url:
        settings = load_settings({"home": home, "model": "openai:stub", "base_url": url, "desk": _desk(home, rounds)})
        asyncio.run(_decide(settings, open_market(settings), "prefix", DAY))
        return _requests(url)


def _requests(url: str) -> list[dict]:
    with urllib.request.urlopen(f"{url}/_requests") as reply:
        return json.load(reply)


async def _decide(settings: Settings, source: MarketSource, name: str, day: str) -> float:
    store = open_store(settings)
    run_id = RunId(f"bench-{name}")
    async with open_desk(settings, source, store.call_log(run_id)) as floor:
        question = DecisionRequest(run_id, TICKER, _moment(day), account_for(settings, source, TICKER, _moment(day)))
        start = time.perf_counter()
        await decide(floor, question)
        return time.perf_counter() - start


def _moment(day: str) -> datetime:
    return trading_calendar("XNYS").close(date.fromisoformat(day))


def _desk(home: str, rounds: int) -> str:
    desk = yaml.safe_load((BUILT_IN / "debate.yaml").read_text())
    desk["deliberation"]["rounds"] = rounds
    path = Path(home) / "desk.yaml"
    path.write_text(yaml.safe_dump(desk))
    return str(path)


def _slots(requests: list[dict]) -> int:
    """Count the groups of requests that were under way together."""
    groups, busy_until = 0, 0.0
    for request in sorted(requests, key=lambda r: r["arrived"]):
        if request["arrived"] >= busy_until:
            groups += 1
        busy_until = max(busy_until, request["finished"])
    return groups


def _characters(requests: list[dict]) -> int:
    return sum(len(str(m.get("content") or "")) for r in requests for m in r["body"]["messages"])


def _whole(requests: list[dict]) -> int:
    extra = sum(len(json.dumps(r["body"].get(k, ""))) for r in requests for k in ("tools", "response_format"))
    return _characters(requests) + extra


def rows() -> list[Row]:
    """Measure and return the rows of this section."""
    slow, fast = measure(latency_ms=200, times=3), measure(times=9)
    long = {rounds: measure(answer_characters=ANSWER_CHARACTERS, rounds=rounds) for rounds in (1, 3, 5)}
    old = measure(answer_characters=ANSWER_CHARACTERS, times=0, days=LIVED)
    steps = [long[3].tokens - long[1].tokens, long[5].tokens - long[3].tokens]
    return [
        Row(
            "model calls, default desk, one round", str(slow.calls), "<= 14", "TradingAgents (July 2026): 15 in series"
        ),
        Row("serial model slots", str(slow.slots), "<= 7", "15"),
        Row("wall time at 200 ms a call, median of 3", f"{median(slow.wall_s):.2f} s", "<= 8 slots = 1.6 s", "3.2 s"),
        Row("prompt tokens, 3,000-character answers, one round", f"{long[1].tokens:,}", "<= 24,000", "50,600"),
        Row("the same with schemas and functions counted", f"{long[1].tokens_with_schemas:,}"),
        Row(
            "prompt tokens of a desk with four months of memory, its reflections included",
            f"{old.tokens:,}",
            "<= 24,000",
        ),
        Row("rounds 1, 3, 5", ", ".join(f"{m.tokens:,}" for m in long.values()), "linear"),
        Row("second step over first step", f"{steps[1] / steps[0]:.2f}", "1.0 is linear"),
        Row(
            "whole decision at 0 ms, checkpoints on: median, fastest of 9",
            f"{median(fast.wall_s) * 1000:.0f} ms, {min(fast.wall_s) * 1000:.0f} ms",
            "<= 120 ms",
            "400 ms (154 ms without)",
        ),
        Row("whole decision by rules, no checkpoints: median of 9", f"{_rules() * 1000:.0f} ms"),
    ]


def _rules() -> float:
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings({"home": home, "model": "rules"})
        source = open_market(settings)
        floor = rule_desk(
            load_desk("debate"), load_prompts(), source, settings.limits, seed=1, version="", timer=time.perf_counter
        )

        def once() -> float:
            start = time.perf_counter()
            account = account_for(settings, source, TICKER, _moment(DAY))
            asyncio.run(decide(floor, DecisionRequest(RunId("bench"), TICKER, _moment(DAY), account)))
            return time.perf_counter() - start

        return median([once() for _ in range(10)][1:])
