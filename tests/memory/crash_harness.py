"""A writer that goes on until it is killed, and says each step that it was told is done."""

import sys
from itertools import count
from pathlib import Path

from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.port import Query
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.record import Aspect, Change, Event
from openoutcry.memory.store import FileMemoryStore

from tests.memory.random_memories import RUN, day, news


def write(folder: str) -> None:
    """Write steps of three records and an event."""
    with FileMemoryStore(Path(folder), HashingEmbedder(), DEFAULT) as memory:
        first = memory.journal.rows("SELECT count(*) FROM events")[0][0]
        for step in count(first):
            records = [news(f"step {step} part {part}", step) for part in range(3)]
            memory.write(records, [Event(records[0].id, Change.FEEDBACK, day(step), "won", 0.1)])
            sys.stdout.write(f"{step}\n")
            sys.stdout.flush()


def index(folder: str) -> None:
    """Ask across all tickers, which first indexes what is not indexed yet."""
    with FileMemoryStore(Path(folder), HashingEmbedder(), DEFAULT, index_from=1) as memory:
        memory.at(day(9), RUN).recall(Query(("word1 word2",), None, frozenset(Aspect)))
        sys.stdout.write("indexed\n")
