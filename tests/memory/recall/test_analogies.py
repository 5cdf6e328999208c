"""Questions across tickers: chroma proposes, the rule decides; a lost or ruined index comes back from the journal."""

import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.port import Query
from openoutcry.memory.record import Aspect

from ..random_memories import (
    ROOT,
    RUN,
    day,
    news,
)

WORDS = [f"word{number}" for number in range(400)]
TWO_BATCHES = 2_000
ASKED = Query(("word1 word2 word3 word4",), None, frozenset(Aspect), tokens=10_000, limit=5)


class OtherHashing(HashingEmbedder):
    """The same vectors by another name."""

    @property
    def name(self):
        return "other-1-384"


def fill(memory, count=300, seed=1):
    chance = Random(seed)
    texts = [" ".join(chance.choices(WORDS, k=9)) for _ in range(count)]
    memory.write([news(f"{text} word1 word2", n % 5, symbol=Symbol(f"T{n % 7}")) for n, text in enumerate(texts)])


def told(memory, at=6):
    return [(recall.record.id, recall.score) for recall in memory.at(day(at), RUN).recall(ASKED)]


@pytest.fixture
def said():
    return []


def test_a_store_that_never_asks_across_tickers_does_not_load_chroma(open_store, tmp_path):
    memory = open_store()
    fill(memory, 30)
    memory.close()
    code = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from openoutcry.memory.store import FileMemoryStore; from openoutcry.memory.presets.catalog import DEFAULT\n"
        "from openoutcry.llm.embeddings.hashing import HashingEmbedder; from openoutcry.memory.port import Query\n"
        "from openoutcry.memory.record import Namespace, Aspect\n"
        "memory = FileMemoryStore(Path(sys.argv[1]), HashingEmbedder(), DEFAULT, index_from=1)\n"
        "view = memory.at(datetime(2025, 1, 7, tzinfo=UTC), Namespace('demo', 'run'))\n"
        "assert view.recall(Query(('word1',), 'T1', frozenset(Aspect)))\n"
        "print([name for name in ('chromadb', 'pandas', 'openai') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(memory.folder)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_what_the_index_proposes_is_ranked_as_the_exact_search_ranks_it(open_store, said):
    indexed, exact = open_store("a", index_from=1, notice=said.append), open_store("b", index_from=10**9)
    for memory in (indexed, exact):
        fill(memory)
    assert told(indexed) == told(exact)
    assert said == ["indexing 300 memories for searches across tickers (one time only)"]
    for memory in (indexed, exact):
        fill(memory, 50, seed=2)
    assert told(indexed) == told(exact)
    assert len(said) == 1
    assert {each.record.symbol for each in indexed.at(day(6), RUN).recall(ASKED)} - {"T1"}


def test_what_the_index_knows_of_the_future_is_not_told(open_store):
    """Most of what it proposes is not visible yet, and fewer remain than were asked for: the exact search answers."""
    indexed, exact = open_store("a", index_from=1), open_store("b", index_from=10**9)
    for memory in (indexed, exact):
        fill(memory)
        memory.write([news(f"word1 word2 word3 word4 {n}", 100 + n, symbol=Symbol("T9")) for n in range(900)])
        memory.write([news("word1 word2 word3 word4", 2, learned=50, symbol=Symbol("T9"))])
    assert told(indexed) == told(exact)
    assert len(told(indexed)) == 5


@pytest.mark.parametrize("ruin", ["deleted", "garbage"])
def test_a_lost_index_comes_back_from_the_journal(open_store, said, ruin):
    memory = open_store(index_from=1)
    fill(memory)
    before = told(memory)
    memory.close()
    folder = memory.folder / "chroma"
    if ruin == "deleted":
        shutil.rmtree(folder)
    else:
        (folder / "chroma.sqlite3").write_bytes(b"garbage" * 5_000)
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient.clear_system_cache()
    again = open_store(index_from=1, notice=said.append)
    assert told(again) == before
    assert any("indexing 300 memories" in each for each in said)
    assert ruin == "deleted" or any("rebuilding it from the journal" in each for each in said)
    assert [(done.records, done.differences) for done in again.analogies.rebuild()] == [(300, 0)]


def test_rebuilding_tells_a_wrong_vector_and_mends_it(open_store):
    memory = open_store(index_from=1)
    fill(memory)
    told(memory)
    rows, vectors = memory.vectors.of_space(1)
    index = memory.analogies._index
    index.add(RUN, [rows[0]], vectors[1:2])
    index.add(RUN, [999_999], vectors[:1])
    assert sorted(index.differences(RUN, rows, vectors)) == [rows[0], 999_999]
    assert [done.differences for done in memory.analogies.rebuild()] == [0]
    assert index.differences(RUN, rows, vectors) == []


def rows_in_chroma(folder):
    """Return how many vectors have come into chroma's file, as another process sees it; none while it is made."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'chroma' / 'chroma.sqlite3'}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM embeddings_queue").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_a_process_killed_while_it_indexes_leaves_what_the_next_one_completes(open_store, said):
    memory = open_store("a")
    fill(memory, TWO_BATCHES)
    memory.close()
    code = "import sys; sys.path[:0] = [sys.argv[1]]\nfrom tests.memory.crash_harness import index\nindex(sys.argv[2])"
    command = [sys.executable, "-c", code, str(ROOT), str(memory.folder)]
    indexer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    pause = threading.Event()
    while not rows_in_chroma(memory.folder):
        assert indexer.poll() is None
        pause.wait(0.002)
    indexer.kill()
    assert indexer.communicate()[0] == ""
    left = rows_in_chroma(memory.folder)
    assert 0 < left < TWO_BATCHES
    indexed, exact = open_store("a", index_from=1, notice=said.append), open_store("b", index_from=10**9)
    fill(exact, TWO_BATCHES)
    assert told(indexed) == told(exact)
    rows, vectors = indexed.vectors.of_space(1)
    assert indexed.analogies._index.differences(RUN, rows, vectors) == []


def test_vectors_of_another_embedder_are_never_used(open_store, said):
    memory = open_store(index_from=1)
    fill(memory)
    before = told(memory)
    memory.close()
    other = open_store(index_from=1, embedder=OtherHashing(), notice=said.append)
    assert said == ["300 memories had no vectors of other-1-384; the vectors were computed"]
    assert told(other) == before
    assert said[1:] == ["indexing 300 memories for searches across tickers (one time only)"]


def test_while_another_process_writes_the_index_is_left_alone(open_store):
    memory, reader = open_store(index_from=1), open_store(index_from=1)
    memory.acquire_writer()
    fill(memory)
    expected = told(open_store(index_from=10**9))
    assert told(reader) == expected
    assert reader.analogies._index.stored_ids(RUN, 384) == 0


def test_an_index_behind_an_address_is_used_and_one_that_is_not_there_is_done_without(open_store, tmp_path, said):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = f"http://127.0.0.1:{port}"
    alone = open_store("alone", index_from=1, index=where, notice=said.append)
    fill(alone)
    expected = told(alone)
    chroma = Path(sys.executable).parent / "chroma"
    command = [chroma, "run", "--path", tmp_path / "served", "--port", str(port), "--host", "127.0.0.1"]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with closing(_patient(port)):
            pass
        memory = open_store("served", index_from=1, index=where, notice=said.append)
        fill(memory)
        assert told(memory) == expected
        assert memory.analogies._index.stored_ids(RUN, 384) == 300
        assert [done.differences for done in memory.analogies.rebuild()] == [0]
    finally:
        served.terminate()
        served.wait()


def _patient(port):
    """Connect to a server that is starting."""
    until = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1)
        except OSError:
            assert time.monotonic() < until
