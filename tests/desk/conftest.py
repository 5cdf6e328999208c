"""A memory of its own for every test that wants one."""

import pytest
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.store import FileMemoryStore


@pytest.fixture
def keeper(tmp_path):
    with FileMemoryStore(tmp_path / "memory", HashingEmbedder(), DEFAULT) as memory:
        yield memory
