"""Stores on disk, and worlds of random memories."""

import pytest
from openoutcry.llm.embeddings.hashing import HashingEmbedder
from openoutcry.memory.presets.catalog import DEFAULT
from openoutcry.memory.store import FileMemoryStore


@pytest.fixture
def open_store(tmp_path):
    """Return a function that opens a store by name; all are closed at the end."""
    opened = []

    def opener(name="store", preset=DEFAULT, embedder=None, **more):
        memory = FileMemoryStore(tmp_path / name, embedder or HashingEmbedder(), preset, **more)
        opened.append(memory)
        return memory

    yield opener
    for memory in opened:
        memory.close()


@pytest.fixture
def store(open_store):
    """Return an empty store."""
    return open_store()
