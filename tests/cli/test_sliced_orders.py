"""Slices of an order on the command line: the ticket, the open orders, and why a whole order is sent."""

import json
import random
from datetime import date

import pytest
from hourly_market import XNYS, hourly_market

DESK = """\
name: sliced
roles:
  - {role: single_agent, name: single_agent, tools: [bars, indicators]}
deliberation: {kind: single_agent}
decision: {kind: direction}
sizing: {kind: all_in}
exits: {kind: none}
execution: {kind: twap}
"""


@pytest.fixture
def decide(tmp_path, openoutcry):
    """Return a function that submits a decision on a rising AAA to a new account with bars of a length."""
    days = XNYS.between(date(2024, 1, 2), date(2025, 3, 4))
    chance, closes, price = random.Random(5), {}, 50.0
    for day in days:
        closes[day] = price
        price *= 1.003 + chance.gauss(0, 0.012)

    def bars(session, bar):
        opening = round(closes[session], 2)
        return (opening, opening + 1, opening - 1, opening, 100_000)

    market, desk = tmp_path / "market", tmp_path / "sliced.yaml"
    hourly_market(market, days, bars)
    desk.write_text(DESK)

    def run(length, *flags):
        assert openoutcry("paper", "init", "--account", "own", "--cash", "100000", "--bars", length).code == 0
        where = ("--market", market, "--desk", desk, "--model", "rules", "--account", "own")
        return openoutcry("decide", "AAA", *where, "--as-of", "2025-03-03", "--submit", *flags)

    return run


def test_the_ticket_and_the_open_orders_show_the_slices(decide, openoutcry):
    ran = decide("1h")
    assert ran.code == 0, ran.err
    assert "Execution twap: 7 hourly bars of 2025-03-04." in ran.out
    assert "in 7 slices (UTC):" in ran.out
    heading, *rows = [line.split("\t") for line in openoutcry("paper", "orders", "--account", "own").out.splitlines()]
    assert [row[heading.index("good_after")] for row in rows] == [f"2025-03-04T{hour}:30:00Z" for hour in range(14, 21)]
    listed = json.loads(openoutcry("paper", "orders", "--account", "own", "--json").out)
    assert len({each["slice_of"] for each in listed}) == 1
    (parent,) = {each["slice_of"] for each in listed}
    rows = openoutcry("paper", "cancel", parent, "--account", "own", "--json")
    assert {each["status"] for each in json.loads(rows.out)} == {"canceled"}
    assert json.loads(openoutcry("paper", "orders", "--account", "own", "--json").out) == []
    found = openoutcry("ledger", "verify", "--account", "own")
    assert found.code == 0, found.out


def test_an_account_of_daily_bars_sends_one_order_and_says_why(decide, openoutcry):
    document = json.loads(decide("1d", "--json").out)
    assert document["execution"]["kind"] == "twap"
    assert document["execution"]["slices"] == document["execution"]["starts"] == []
    assert document["execution"]["reason"] == (
        "the account matches its orders on daily bars, so one order is sent for the day"
    )
    (heading, order) = openoutcry("paper", "orders", "--account", "own").out.splitlines()
    assert "good_after" not in heading
    assert order.startswith(document["orders"][0]["client_order_id"])
