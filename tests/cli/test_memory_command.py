"""`openoutcry memory`: what is remembered, asked from outside."""

import json

import pytest
from openoutcry.app.factories import open_memory
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError, StoreLocked
from openoutcry.memory.record import Change, Event, Source

from tests.memory.random_memories import day, news

LONG = "annual report of a long company " * 50


@pytest.fixture
def remembered(home):
    """Remember a few things, and return their ids."""
    with open_memory(load_settings({}), writing=True) as memory:
        ids = memory.write(
            [
                news("Caldera lifts guidance as orders rise", 0),
                news("Caldera lifts guidance as orders rise", 1),
                news(LONG, 2, source=Source.ANNUAL),
                news("<b>rates</b> \x1b[31mrise", 3, symbol=None),
                news("strike at Caldera", 400),
            ]
        )
        thesis = news("thesis: buy, for guidance was lifted", 4, source=Source.THESIS, cites=ids[:1], due_at=day(20))
        more = memory.write([thesis], [Event(ids[0], Change.FEEDBACK, day(6), "the thesis paid", 0.15)])
    return (*ids, *more)


def test_memories_are_listed_as_of_a_date(openoutcry, remembered):
    listed = json.loads(openoutcry("memory", "list", "--as-of", "2025-01-06", "--json").out)
    assert [line["memory_id"] for line in listed] == [remembered[n] for n in (0, 1, 2, 3, 5)]
    assert (listed[0]["copies"], listed[1]["recallable"]) == (1, False)
    assert listed[2]["text"] == LONG
    long = json.loads(openoutcry("memory", "list", "--as-of", "2025-01-06", "--layer", "long", "--json").out)
    assert [line["memory_id"] for line in long] == [remembered[2]]
    shown = openoutcry("memory", "list", "--as-of", "2025-01-06", "--symbol", "caldr")
    assert "strike" not in shown.out
    assert "\x1b[31m" not in openoutcry("memory", "list").out


def test_a_search_says_why_each_item_ranks_where_it_does(openoutcry, remembered):
    found = json.loads(openoutcry("memory", "search", "guidance", "lifted", "--as-of", "2025-01-09", "--json").out)
    assert found[0]["memory_id"] in (remembered[0], remembered[5])
    for line in found:
        parts = [float(line[part]) for part in ("relevance", "recency", "strength", "outcome")]
        score = sum(weight * part for weight, part in zip((0.45, 0.2, 0.2, 0.15), parts, strict=True))
        assert float(line["score"]) == pytest.approx(score, abs=2e-4)
    first = next(line for line in found if line["memory_id"] == remembered[0])
    assert float(first["outcome"]) > 0.6
    before = json.loads(openoutcry("memory", "search", "guidance", "--as-of", "2025-01-06", "--json").out)
    assert {float(line["outcome"]) for line in before} == {0.5}
    shown = openoutcry("memory", "search", "guidance", "--as-of", "2025-01-09")
    assert "0.45 relevance + 0.20 recency" in shown.err


def test_one_memory_is_shown_with_its_life(openoutcry, remembered):
    shown = json.loads(openoutcry("memory", "show", remembered[0][:8], "--as-of", "2025-03-01", "--json").out)
    assert shown["copies"] == 1
    assert shown["cited_by"] == [remembered[5]]
    assert [event["cause"] for event in shown["events"]] == ["the thesis paid"]
    strengths = [point["strength"] for point in shown["curve"]]
    assert strengths[0] == 0.5
    assert strengths[-1] < 0.2
    assert shown["layers"] == [{"since": "2025-01-01T00:00:00Z", "layer": "short"}]
    people = openoutcry("memory", "show", remembered[0], "--as-of", "2025-03-01")
    assert "feedback +0.150: the thesis paid" in people.out
    annual = json.loads(openoutcry("memory", "show", remembered[2], "--as-of", "2027-06-01", "--json").out)
    assert [move["layer"] for move in annual["layers"]] == ["long", "mid", "short"]
    assert openoutcry("memory", "show", remembered[4], "--as-of", "2025-03-01").code == 2


def test_forgetting_is_from_a_moment_on_and_of_known_ids(openoutcry, remembered):
    assert openoutcry("memory", "forget", "nobody").code == 2
    assert "matches no memory" in openoutcry("memory", "forget", "nobody").err
    early = openoutcry("memory", "forget", remembered[4], "--as-of", "2025-02-01")
    assert (early.code, "before the record is available" in early.err) == (2, True)
    done = openoutcry("memory", "forget", remembered[3], "--as-of", "2025-02-01", "--reason", "wrong company")
    assert done.code == 0
    assert len(json.loads(openoutcry("memory", "list", "--as-of", "2025-01-20", "--json").out)) == 5
    assert len(json.loads(openoutcry("memory", "list", "--as-of", "2025-02-02", "--json").out)) == 4
    assert "wrong company" in openoutcry("memory", "show", remembered[3]).out


def test_what_there_is_is_counted_rebuilt_and_exported(openoutcry, remembered, tmp_path):
    counted = json.loads(openoutcry("memory", "stats", "--json").out)
    assert counted["embedder"] == "hashing-1-384"
    (space,) = counted["namespaces"]
    assert (space["namespace"], space["records"], space["events"]) == ("demo/run/main/desk", 6, 1)
    assert "demo/run/main/desk" in openoutcry("memory", "stats").out
    rebuilt = openoutcry("memory", "rebuild", "--json")
    assert (rebuilt.code, json.loads(rebuilt.out)) == (
        0,
        [{"namespace": "demo/run/main/desk", "records": 6, "differences": 0}],
    )
    assert openoutcry("memory", "export", "--out", tmp_path / "all.jsonl").code == 0
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"schema": "openoutcry.memory/1"}
    assert [line["kind"] for line in lines[1:]] == ["record"] * 6 + ["event"]
    assert [line["seq"] for line in lines[1:]] == list(range(1, 8))
    assert lines[-1]["record"] == remembered[0]
    assert openoutcry("memory", "export", "--out", tmp_path / "no" / "where").code == 2


def test_an_empty_memory_says_so(openoutcry):
    for command in (("list",), ("search", "x"), ("stats",)):
        ran = openoutcry("memory", *command)
        assert (ran.code, "No memories found" in ran.out) == (0, True)
    assert json.loads(openoutcry("memory", "list", "--json").out) == []


@pytest.mark.parametrize(
    "wrong",
    [("--as-of", "yesterday"), ("--as-of", "2025-01-01T10:00"), ("--layer", "deep"), ("--run", "x"), ("--symbol", "!")],
)
def test_a_wrong_flag_is_said_in_one_sentence(openoutcry, remembered, wrong):
    ran = openoutcry("memory", "list", *wrong)
    assert ran.code == 2
    assert ran.err.startswith("openoutcry: ")


def test_settings_choose_embedder_and_preset(home, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_MEMORY__PRESET", "finmem")
    with open_memory(load_settings({})) as memory:
        assert memory.preset.name == "finmem"
    for name, value in (("EMBEDDER", "word2vec"), ("PRESET", "finman")):
        monkeypatch.setenv(f"OPENOUTCRY_MEMORY__{name}", value)
        with pytest.raises(ConfigError, match=value):
            open_memory(load_settings({}))


def test_a_second_writer_is_refused_when_it_opens(home):
    with open_memory(load_settings({}), writing=True), pytest.raises(StoreLocked, match="another process is writing"):
        open_memory(load_settings({}), writing=True)


@pytest.mark.parametrize("when", ["yesterday", "2025-01-06T12:00:00", "0001-01-01T00:00:00+05:00"])
def test_a_moment_that_cannot_be_is_refused_in_one_sentence(openoutcry, when):
    ran = openoutcry("memory", "list", "--as-of", when)
    assert ran.code == 2
    assert f"--as-of {when}" in ran.err.replace("'", "")
    assert "Traceback" not in ran.err
