"""Recall against a brute-force reading of the same score, and against chroma's own `where`, in the same run."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
from openoutcry.domain.ids import Symbol
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.decay.lifetimes import lifetime
from openoutcry.memory.partitions.partition import SOURCES, dequantize, quantize
from openoutcry.memory.port import Query
from openoutcry.memory.presets.catalog import DEFAULT, PRESETS
from openoutcry.memory.record import (
    Aspect,
    Namespace,
    Record,
    Source,
)
from openoutcry.memory.store import FileMemoryStore
from openoutcry.memory.timestamps import to_micros
from openoutcry.memory.view import PointInTimeView

from tests.bench.table import Row

START = datetime(2020, 1, 1, tzinfo=UTC)
SPACE = Namespace("bench", "run")
YEARS = 5
WORDS = [f"word{number}" for number in range(3_000)]
MIX = [Source.NEWS] * 6 + [Source.QUARTERLY, Source.ANNUAL] + [Source.TRADE_REFLECTION] * 2
THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ASPECTS = frozenset(Aspect)
STEP = 20


@dataclass(frozen=True)
class Times:
    """Milliseconds of many calls."""

    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:.2f} / {self.p95:.2f} ms"


def rows() -> list[Row]:
    """Measure in a process of its own, with one thread for BLAS, and return the rows of this section."""
    command = [
        sys.executable,
        "-c",
        "import json; from tests.bench.memory import measured; print(json.dumps(measured()))",
    ]
    root = Path(__file__).parent.parent.parent
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root, env=os.environ | THREADS)
    return [Row(*each) for each in json.loads(ran.stdout.splitlines()[-1])]


def measured() -> list[tuple[str, ...]]:
    """Measure everything and return what the rows hold."""
    found = []
    for count, tickers, target, elsewhere in (
        (100_000, 20, "<= 0.5 / 2 ms", "FinMem's class: 202 / 317 ms"),
        (10_000, 1, "<= 1 / 5 ms", "FinMem's class: 38 / 99 ms"),
        (100_000, 1, "<= 15 / 30 ms", "FinMem's class: 202 / 317 ms"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            found += _recalls(Path(folder), count, tickers, target, elsewhere)
    return [*found, *_lives()]


def _recalls(folder: Path, count: int, tickers: int, target: str, elsewhere: str) -> list[tuple[str, ...]]:
    where = f"{count:,} records, {tickers} ticker{'s' * (tickers > 1)}"
    chance = Random(count + tickers)
    _fill(folder, count, tickers, chance)
    started = time.perf_counter()
    memory = FileMemoryStore(folder, HashingEmbedder(), DEFAULT)
    end = START + timedelta(days=365 * YEARS + 1)
    view = memory.at(end, SPACE)
    for number in range(tickers):
        memory.library.view(view.lenses[0], f"T{number}", view.lenses, view.head)
    warm = time.perf_counter() - started
    asked = [
        Query((" ".join(chance.choices(WORDS, k=20)),), Symbol(f"T{chance.randrange(tickers)}"), ASPECTS, limit=10)
        for _ in range(200)
    ]
    views = [memory.at(end - timedelta(days=365 * YEARS * 0.9 * chance.random()), SPACE) for _ in asked]
    for query, seen in zip(asked[:20], views, strict=False):
        seen.recall(query)
    ours = _timed([lambda q=q, v=v: v.recall(q) for q, v in zip(asked, views, strict=True)])
    brute = _Brute(memory, view)
    slow = _timed([lambda q=q, v=v: brute.ranked(v, q) for q, v in zip(asked[:40], views, strict=False)])
    same = sum(_same(v, q, brute) for q, v in zip(asked, views, strict=True)) / len(asked)
    chroma = _chroma(memory, folder / "where", asked[:15], views)
    found = [
        (
            f"recall, {where}, any date: p50 / p95",
            f"{ours}; brute force {slow} ({slow.p50 / ours.p50:.1f}x); chroma `where` {chroma} "
            f"({chroma.p50 / ours.p50:,.0f}x)",
            target,
            elsewhere,
        ),
        (f"recall@10 against brute force, {where}", f"{same:.3f}", "1.0", ""),
    ]
    if tickers > 1:
        found.append((f"warm start, {where}: everything read", f"{warm:.2f} s", "<= 1 s", ""))
        found += _step(memory, view, count, tickers, chance)
    memory.close()
    return found


def _fill(folder: Path, count: int, tickers: int, chance: Random) -> None:
    with FileMemoryStore(folder, HashingEmbedder(), DEFAULT) as memory:
        for first in range(0, count, 20_000):
            part = [_record(number, count, tickers, chance) for number in range(first, min(first + 20_000, count))]
            memory.write(part)


def _record(number: int, count: int, tickers: int, chance: Random) -> Record:
    at, text = START + timedelta(days=365 * YEARS * number / count), " ".join(chance.choices(WORDS, k=20))
    symbol = Symbol(f"T{number % tickers}")
    return Record(SPACE, symbol, chance.choice(MIX), Aspect.NEWS, text, at, at, at)


def _step(
    memory: FileMemoryStore, view: PointInTimeView, count: int, tickers: int, chance: Random
) -> list[tuple[str, ...]]:
    """Measure a day: the clock moves on and everything fades; then what the day brought is written down."""
    query = Query(("word1 word2",), Symbol("T0"), ASPECTS)
    days = [lambda day=day: memory.at(view.as_of + timedelta(days=day), SPACE).recall(query) for day in range(30)]
    moved = _timed(days)
    batches = [[_record(count + STEP * step + n, count, tickers, chance) for n in range(STEP)] for step in range(11)]
    memory.write(batches[0])
    written = _timed([lambda batch=batch: memory.write(batch) for batch in batches[1:]])
    return [
        (
            f"daily step at {count:,}: the clock moves on, and the first question is answered",
            str(moved),
            "<= 5 ms",
            "FinMem's class: 1,527 ms, for it rewrites every record",
        ),
        (f"the same with {STEP} new records compared, written and synced to disk", str(written), "", ""),
    ]


class _Brute:
    """The stated score of every record, worked out in float64 without a shortcut."""

    def __init__(self, memory: FileMemoryStore, view: PointInTimeView) -> None:
        self._embed = memory.vectors.embedder.embed
        self._parts = {}
        for name in memory.library.symbols(view.lenses[0], view.head):
            shelf = memory.library.view(view.lenses[0], name, view.lenses, view.head)
            self._parts[name] = shelf.partition, shelf.roots, dequantize(shelf.partition.vectors).astype(np.float64)

    def ranked(self, view: PointInTimeView, query: Query) -> list[str]:
        """Return the ids of the ten best."""
        rules, weights, at = DEFAULT.decay, DEFAULT.weights, to_micros(view.as_of)
        partition, roots, vectors = self._parts[query.symbol]
        lives = np.array([rules.half_life[source] or np.inf for source in SOURCES])[partition.sources] * 86_400e6
        starts = np.array([rules.start[source] for source in SOURCES])[partition.sources]
        recency = 2.0 ** (-(at - partition.available) / lives)
        strength = np.minimum(starts * (1 - 0.2 * np.maximum(partition.similarity, 0)), 1) * recency
        asked = dequantize(quantize(self._embed(query.texts)))[0].astype(np.float64)
        relevance = np.clip(vectors @ asked, 0, 1)
        score = weights.relevance * relevance + weights.recency * recency + weights.strength * strength
        seen = (partition.available <= at) & (partition.learned <= at) & (strength >= rules.floor)
        score = np.where(seen & (roots == np.arange(len(roots))), score, -1)
        best = np.lexsort((partition.ids, -score))[:10]
        return [partition.ids[place].decode() for place in best if score[place] >= 0]


def _same(view: PointInTimeView, query: Query, brute: _Brute) -> float:
    ours = view.candidates(query).names[:10]
    theirs = brute.ranked(view, query)
    return len(set(ours) & set(theirs)) / max(len(theirs), 1)


def _chroma(memory: FileMemoryStore, folder: Path, asked: list[Query], views: list[PointInTimeView]) -> Times:
    """Let chroma filter by ticker and date itself."""
    import chromadb

    client = chromadb.PersistentClient(path=str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = client.create_collection("where", embedding_function=None, metadata={"hnsw:space": "ip"})
    numbers, vectors = memory.vectors.of_space(1)
    query = "SELECT seq, symbol, available_at FROM records ORDER BY seq"
    about = [{"ticker": symbol, "at": at / 1e6} for _, symbol, at in memory.journal.rows(query)]
    for first in range(0, len(numbers), 5_000):
        part = slice(first, first + 5_000)
        collection.add(ids=[str(n) for n in numbers[part]], embeddings=vectors[part], metadatas=about[part])

    def ask(query: Query, view: PointInTimeView) -> object:
        where = {"$and": [{"ticker": query.symbol}, {"at": {"$lte": to_micros(view.as_of) / 1e6}}]}
        return collection.query(query_embeddings=HashingEmbedder().embed(query.texts), n_results=10, where=where)

    ask(asked[0], views[0])
    return _timed([lambda q=q, v=v: ask(q, v) for q, v in zip(asked, views, strict=False)])


def _timed(calls: list[Callable[[], object]]) -> Times:
    found = []
    for call in calls:
        started = time.perf_counter()
        call()
        found.append((time.perf_counter() - started) * 1000)
    found.sort()
    return Times(found[len(found) // 2], found[int(len(found) * 0.95)])


def _lives() -> list[tuple[str, ...]]:
    def days(preset: str) -> str:
        return " / ".join(str(lifetime(PRESETS[preset], source).days) for source in (Source.ANNUAL, Source.QUARTERLY))

    what = "life above the retrieval floor in days, uncited 10-K / 10-Q"
    return [(what, days("default"), ">= 250 / >= 60", f"FinMem's constants: {days('finmem')}")]
