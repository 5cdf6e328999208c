"""What endpoints accept, kept in a small dated file that any damage only empties."""

import json
from datetime import date

import pytest
from openoutcry.llm.capabilities import Capabilities, OutputMode, SystemRole
from openoutcry.llm.capability_store import CapabilityStore

LOWER = Capabilities(OutputMode.TOOL_CALL, seed=False, system=SystemRole.FOLDED)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "capabilities.json"


def store(path):
    return CapabilityStore(path, lambda: date(2025, 3, 3))


def test_an_endpoint_that_was_never_asked_has_everything(path):
    assert store(path).get("http://a/v1", "m") == Capabilities()


def test_what_was_learnt_is_read_by_the_next_process_with_its_date(path):
    store(path).learn("http://a/v1", "m", LOWER)
    assert store(path).get("http://a/v1", "m") == LOWER
    assert store(path).get("http://a/v1", "other") == Capabilities()
    assert store(path).get("http://b/v1", "m") == Capabilities()
    assert json.loads(path.read_text())["models"]["http://a/v1 m"]["learnt_on"] == "2025-03-03"


def test_two_processes_lose_nothing_of_what_each_learnt(path):
    one, other = store(path), store(path)
    one.learn("http://a/v1", "m", Capabilities(seed=False))
    other.learn("http://a/v1", "m", Capabilities(tools=False))
    other.learn("http://b/v1", "m", LOWER)
    again = store(path)
    assert again.get("http://a/v1", "m") == Capabilities(tools=False, seed=False)
    assert again.get("http://b/v1", "m") == LOWER


def test_it_can_be_cleared_for_one_endpoint_or_for_all(path):
    kept = store(path)
    for address in ("http://a/v1", "http://b/v1"):
        kept.learn(address, "m", LOWER)
    kept.clear("http://a/v1")
    assert (kept.get("http://a/v1", "m"), kept.get("http://b/v1", "m")) == (Capabilities(), LOWER)
    assert store(path).get("http://a/v1", "m") == Capabilities()
    store(path).clear()
    assert store(path).get("http://b/v1", "m") == Capabilities()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 99, "models": {}}', '{"version": 1, "models": {"http://a/v1 m": {"mode": 9}}}',
     '{"version": 1, "models": {"http://a/v1 m": 3}}', '{"version": 1, "models": []}'],
)  # fmt: skip
def test_a_damaged_file_is_learnt_anew(path, text):
    path.parent.mkdir()
    path.write_text(text)
    damaged = store(path)
    assert damaged.get("http://a/v1", "m") == Capabilities()
    damaged.learn("http://a/v1", "m", LOWER)
    assert store(path).get("http://a/v1", "m") == LOWER


def test_a_folder_that_cannot_be_written_keeps_it_in_memory(tmp_path):
    (tmp_path / "file").write_text("")
    kept = store(tmp_path / "file" / "capabilities.json")
    kept.learn("http://a/v1", "m", LOWER)
    assert kept.get("http://a/v1", "m") == LOWER
