"""A desk with a memory from the command line: what one decision leaves, the next one is reminded of."""

import json

import pytest
from openoutcry.app.market_namespace import market_namespace
from openoutcry.app.settings import load_settings

EARLY, LATE = (
    ("CALDR", "--as-of", "2024-01-05", "--model", "rules"),
    ("CALDR", "--as-of", "2024-06-03", "--model", "rules"),
)


def decided(ran):
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def held(openoutcry):
    """Return what the memory holds; when it was looked at does not matter."""
    return {
        name: value
        for name, value in json.loads(openoutcry("memory", "stats", "--json").out).items()
        if name != "as_of"
    }


def test_what_one_decision_leaves_the_next_is_reminded_of(openoutcry):
    first = decided(openoutcry("decide", *EARLY, "--json"))
    second = decided(openoutcry("decide", *LATE, "--json"))
    assert first["recalled"] == []
    assert {"belief", "trade_reflection"} <= {item["source"] for item in second["recalled"]}
    known = {item["id"] for item in second["evidence"]}
    assert {f"mem.{item['memory_id']}" for item in second["recalled"]} <= known
    assert all(item["known_at"] <= second["as_of"] for item in second["recalled"])
    assert second["provenance"]["memory"].startswith("demo-7/hypothetical/main/floor:rules@")


def test_without_memory_nothing_is_recalled_and_nothing_noted(openoutcry, home):
    plain = decided(openoutcry("decide", *EARLY, "--no-memory", "--json"))
    assert not (home / "memory").exists()
    assert plain["provenance"]["memory"] == ""
    decided(openoutcry("decide", *EARLY, "--json"))
    assert decided(openoutcry("decide", *LATE, "--no-memory", "--json"))["recalled"] == []


def test_a_desk_file_without_a_memory_has_none(openoutcry, home, tmp_path):
    desk = tmp_path / "plain.yaml"
    desk.write_text(
        "name: plain\nroles:\n  - {role: solo, name: solo, tools: [bars, indicators]}\ndeliberation: {kind: none}\n"
    )
    decided(openoutcry("decide", *EARLY, "--desk", desk, "--json"))
    assert not (home / "memory").exists()


def test_an_unknown_preset_in_a_desk_file_is_named(openoutcry, tmp_path):
    desk = tmp_path / "odd.yaml"
    desk.write_text(
        "name: odd\nroles:\n  - {role: solo, name: solo, tools: [bars]}\ndeliberation: {kind: none}\n"
        "memory: {preset: elephant}\n"
    )
    ran = openoutcry("decide", *EARLY, "--desk", desk)
    assert ran.code == 2
    assert "elephant" in ran.err
    assert "finmem" in ran.err


def test_a_dry_run_notes_nothing(openoutcry, home):
    decided(openoutcry("decide", *EARLY, "--json"))
    before = held(openoutcry)
    assert openoutcry("decide", *LATE, "--dry-run").code == 0
    assert held(openoutcry) == before


@pytest.mark.parametrize(("desk", "stored"), [("finmem", "finmem"), ("single_agent", "single")])
def test_published_desks_remember_by_their_own_presets(openoutcry, desk, stored):
    decided(openoutcry("decide", *EARLY, "--desk", desk, "--json"))
    second = decided(openoutcry("decide", *LATE, "--desk", desk, "--json"))
    assert second["recalled"]
    assert f"/{stored}:rules@" in second["provenance"]["memory"]


def test_markets_are_kept_apart_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [
        market_namespace(load_settings({"market": market, "demo_seed": seed}))
        for market, seed in (("demo", 7), ("demo", 8), ("live", 7), ("a/prices", 7), ("b/prices", 7))
    ]
    assert len(set(names)) == len(names)
    assert names[3].startswith("prices-")
