"""Entries that earlier decisions left resting: a later decision takes their place, an abstention does not."""

import json
import sqlite3
from contextlib import closing

import pytest

TICKER = "GRUND"  # the rules leave a limit below the market resting here
FIRST, LATER = "2025-01-06", "2025-01-07"


@pytest.fixture
def decide(openoutcry):
    assert openoutcry("paper", "init", "--margin").code == 0

    def run(day, *more, model="rules"):
        return openoutcry("decide", TICKER, "--account", "paper", "--as-of", day, "--model", model, *more)

    return run


def decided(ran):
    return json.loads(ran.out)


def orders(openoutcry, *more):
    lines = json.loads(openoutcry("paper", "orders", "--json", *more).out)
    return {line["order_id"]: (line["status"], line["reason"]) for line in lines}


def head(openoutcry):
    return json.loads(openoutcry("paper", "status", "--json").out)["head"]


def test_a_later_decision_takes_the_place_of_an_entry_that_never_filled(openoutcry, decide):
    (entry,) = [order["client_order_id"] for order in decided(decide(FIRST, "--submit", "--json"))["orders"]]
    before = head(openoutcry)
    shown = decided(decide(LATER, "--json"))
    assert (shown["superseded"], shown["would_supersede"]) == ([], [entry])
    told = decide(LATER).out
    assert "Would be canceled first:" in told
    assert f"  {entry} " in told
    assert head(openoutcry) == before
    later = decided(decide(LATER, "--submit", "--json"))
    assert later["outcome"] in ("orders", "hold")
    assert (later["superseded"], later["would_supersede"]) == ([entry], [])
    after = orders(openoutcry, "--all")
    assert after[entry] == ("canceled", "superseded")
    assert after[f"{entry}.sl"] == ("canceled", "parent_ended")
    assert all(after[order["client_order_id"]][0] == "open" for order in later["orders"])
    assert openoutcry("ledger", "verify").code == 0


def test_what_was_taken_back_once_is_not_taken_back_again(openoutcry, decide, home):
    decide(FIRST, "--submit")
    later = decided(decide(LATER, "--submit", "--json"))
    before, stood = head(openoutcry), orders(openoutcry, "--all")
    with closing(sqlite3.connect(home / "runs.db")) as runs:
        (text,) = runs.execute("SELECT decision FROM runs WHERE run_id = ?", (later["run_id"],)).fetchone()
        forgotten = json.dumps(json.loads(text) | {"submissions": None})
        runs.execute("UPDATE runs SET decision = ? WHERE run_id = ?", (forgotten, later["run_id"]))
        runs.commit()
    again = decided(openoutcry("decide", "--resume", later["run_id"], "--json"))
    assert again["submissions"] == later["submissions"]
    assert again["superseded"] == later["superseded"]
    assert (head(openoutcry), orders(openoutcry, "--all")) == (before, stood)


def test_an_abstention_leaves_the_book_as_it_is(openoutcry, decide):
    (entry,) = [order["client_order_id"] for order in decided(decide(FIRST, "--submit", "--json"))["orders"]]
    ran = decide(LATER, "--submit", "--json", "--base-url", "http://127.0.0.1:9", model="openai:nobody")
    assert decided(ran)["outcome"] == "abstain"
    assert decided(ran)["superseded"] == decided(ran)["would_supersede"] == []
    assert orders(openoutcry)[entry][0] == "open"


def test_an_order_that_was_refused_may_be_tried_again_on_the_same_day(openoutcry, decide):
    openoutcry("paper", "halt")
    refused = decided(decide(FIRST, "--submit", "--json"))
    assert [answer["reason"] for answer in refused["submissions"]] == ["account_halted"]
    openoutcry("paper", "resume")
    again = decide(FIRST, "--submit", "--attempt", "2", "--json")
    assert again.code == 0
    (first,), (second,) = refused["orders"], decided(again)["orders"]
    assert second["client_order_id"] == f"{first['client_order_id']}-try2"
    assert orders(openoutcry, "--all")[first["client_order_id"]][0] == "rejected"
    third = decide(FIRST, "--submit", "--attempt", "3", "--json")
    assert decided(third)["superseded"] == [second["client_order_id"]]
    (entry,) = decided(third)["orders"]
    assert [name for name, (status, _) in orders(openoutcry).items() if status == "open"] == [entry["client_order_id"]]
    assert openoutcry("ledger", "verify").code == 0
