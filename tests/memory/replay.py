"""One small life, replayed: a digest over everything that was ever recalled in it."""

import hashlib
import json
from pathlib import Path
from random import Random

from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.port import Query
from openoutcry.memory.presets.catalog import PRESETS
from openoutcry.memory.record import Aspect
from openoutcry.memory.store import FileMemoryStore

from tests.memory.random_memories import (
    BASE,
    CALDR,
    RUN,
    day,
    world,
    write,
)


def digest(folder: str) -> str:
    """Write two worlds and ask them at ten moments, under every preset."""
    found = []
    for seed in range(2):
        for preset in PRESETS.values():
            with FileMemoryStore(Path(folder) / f"{seed}-{preset.name}", HashingEmbedder(), preset) as memory:
                write(memory, world(seed, 40), Random(seed))
                for at in range(0, 400, 40):
                    for symbol in (CALDR, None):
                        query = Query(("orders rise", "debt"), symbol, frozenset(Aspect), limit=5)
                        recalled = memory.at(day(at), RUN, base=BASE).recall(query)
                        found.append([(r.record.id, r.layer, r.score, sorted(r.parts.items())) for r in recalled])
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()
