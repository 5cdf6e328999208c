"""`runs`: filters, unique prefixes of ids, `latest`, and times that every --as-of accepts."""

import json
import re
from itertools import pairwise

import pytest

RULES = ("--model", "rules", "--json")


@pytest.fixture
def runs(openoutcry):
    """Make three decisions and return their documents, oldest first."""
    asked = (
        ("CALDR", "debate", "2025-03-03"),
        ("GRUND", "debate", "2025-03-03"),
        ("CALDR", "single_agent", "2025-03-04"),
    )
    return [
        json.loads(openoutcry("decide", ticker, "--desk", desk, "--as-of", day, *RULES).out)
        for ticker, desk, day in asked
    ]


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ((), (2, 1, 0)),
        (("--ticker", "caldr"), (2, 0)),
        (("--desk", "single_agent"), (2,)),
        (("--ticker", "CALDR", "--desk", "debate"), (0,)),
        (("--status", "done", "--limit", "2"), (2, 1)),
        (("--status", "interrupted"), ()),
        (("--ticker", "CALDR", "--limit", "1"), (2,)),
        (("--since", "2999-01-01"), ()),
        (("--since", "2020-01-01T00:00:00Z"), (2, 1, 0)),
    ],
)
def test_the_list_is_filtered(openoutcry, runs, flags, wanted):
    listed = json.loads(openoutcry("runs", "list", *flags, "--json").out)
    # Runs of the same second are listed by id; their order is not part of this test.
    assert (
        sorted(line["run_id"] for line in listed) == sorted(runs[place]["run_id"] for place in wanted)
        or "--limit" in flags
    )
    assert len(listed) == len(wanted)


def test_the_list_shows_model_and_rating(openoutcry, runs):
    listed = {line["run_id"]: line for line in json.loads(openoutcry("runs", "list", "--json").out)}
    for document in runs:
        line = listed[document["run_id"]]
        assert (line["model"], line["rating"]) == ("rules", document["thesis"]["rating"])
    names, *lines = openoutcry("runs", "list").out.splitlines()
    assert {"model", "rating"} <= set(names.split("\t"))
    assert len(lines) == 3


def test_an_id_can_be_given_by_a_unique_prefix_and_the_newest_by_latest(openoutcry, runs):
    newest = json.loads(openoutcry("runs", "list", "--limit", "1", "--json").out)[0]["run_id"]
    assert json.loads(openoutcry("runs", "show", "latest", "--json").out)["run_id"] == newest
    whole = runs[1]["run_id"]
    prefix = whole[:-1]
    assert json.loads(openoutcry("runs", "show", prefix, "--json").out) == runs[1]
    assert json.loads(openoutcry("decide", "--resume", prefix, "--json").out) == runs[1]
    wrong = openoutcry("runs", "show", whole + "x")
    assert (wrong.code, f"did you mean {whole}" in wrong.err) == (2, True)


def test_an_ambiguous_prefix_lists_the_matches(openoutcry, runs):
    ran = openoutcry("runs", "show", "20")
    assert ran.code == 2
    assert all(document["run_id"] in ran.err for document in runs)
    assert openoutcry("runs", "show", "").code == 2


def test_latest_of_nothing_is_said(openoutcry):
    ran = openoutcry("runs", "show", "latest")
    assert (ran.code, "there is no run yet" in ran.err) == (2, True)


def test_an_order_can_be_canceled_by_a_unique_prefix(openoutcry):
    openoutcry("paper", "init", "--margin")
    openoutcry("decide", "GRUND", "--account", "paper", "--submit", "--as-of", "2025-01-06", *RULES)
    entry, target, _ = json.loads(openoutcry("paper", "orders", "--json").out)
    ambiguous = openoutcry("paper", "cancel", entry["order_id"][:-1])
    assert (ambiguous.code, target["order_id"] in ambiguous.err) == (2, True)
    ran = openoutcry("paper", "cancel", entry["order_id"])
    assert (ran.code, ran.out.strip()) == (0, f"{entry['order_id']} is canceled")


def test_an_ambiguous_memory_lists_the_matches(openoutcry, runs):
    ids = [line["memory_id"] for line in json.loads(openoutcry("memory", "list", "--json").out)]
    first, second = next(pair for pair in pairwise(sorted(ids)) if pair[0][0] == pair[1][0])
    ran = openoutcry("memory", "show", first[0])
    assert (ran.code, first in ran.err or " ..." in ran.err) == (2, True)
    shared = first[: next(at for at, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)]
    ran = openoutcry("memory", "show", shared)
    assert (ran.code, first in ran.err, second in ran.err) == (2, True, True)


def test_times_in_json_end_in_z_and_every_as_of_accepts_them(openoutcry, runs):
    document, (line, *_) = runs[0], json.loads(openoutcry("runs", "list", "--json").out)
    memory = json.loads(openoutcry("memory", "list", "--json").out)[0]
    shown = json.loads(openoutcry("memory", "show", memory["memory_id"], "--json").out)
    known = document["evidence"][0]["known_at"]
    times = (document["as_of"], line["as_of"], line["started_at"], known, memory["available_at"], shown["learned_at"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", time) for time in times)
    again = json.loads(openoutcry("decide", "CALDR", "--as-of", document["as_of"], *RULES).out)
    assert (again["as_of"], again["orders"]) == (document["as_of"], document["orders"])
    for command in (("memory", "list"), ("memory", "search", "guidance"), ("memory", "stats")):
        for time in times:
            assert openoutcry(*command, "--as-of", time).code == 0
    assert openoutcry("prompts", "render", "trader", "CALDR", "--as-of", line["as_of"]).code == 0
    shown_time = openoutcry("runs", "list").out.splitlines()[1].split("\t")[2]
    assert openoutcry("decide", "CALDR", "--as-of", shown_time, *RULES).code == 0
