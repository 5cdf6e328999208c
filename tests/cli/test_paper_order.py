"""`paper order` and `paper close`: orders of a person, through the same limits as a desk's."""

import json

import pytest

TICKER = "GRUND"
FIRST, SECOND = "2025-01-06", "2025-01-07"


@pytest.fixture
def order(openoutcry):
    """Open a margin account and return a function that enters an order after a session."""
    assert openoutcry("paper", "init", "--margin").code == 0

    def enter(*arguments, day=FIRST):
        return openoutcry("paper", "order", TICKER, *arguments, "--as-of", day, "--json")

    return enter


def orders(openoutcry):
    return json.loads(openoutcry("paper", "orders", "--all", "--json").out)


def test_an_order_rests_with_its_exits_and_fills_in_the_next_session(openoutcry, order):
    receipt = json.loads(order("buy", "10", "--tif", "gtc", "--stop-loss", "100", "--take-profit", "300").out)
    assert receipt == {
        "order_id": "manual-20250106-GRUND-1", "symbol": TICKER, "action": "buy", "asked": "10", "quantity": "10",
        "status": "open", "limits": [], "canceled": [], "repeated": False,
    }  # fmt: skip
    assert [(line["order_id"][-3:], line["status"]) for line in orders(openoutcry)] == [
        ("D-1", "open"), (".tp", "held"), (".sl", "held"),
    ]  # fmt: skip
    assert json.loads(order("sell", "4", day=SECOND).out)["order_id"] == "manual-20250107-GRUND-1"
    (fill,) = json.loads(openoutcry("paper", "fills", "--json").out)
    assert (fill["session"], fill["quantity"]) == (SECOND, "10")
    assert openoutcry("ledger", "verify").code == 0


def test_a_reference_is_entered_once(openoutcry, order):
    first = json.loads(order("buy", "10", "--reference", "r").out)
    again = json.loads(order("buy", "10.0", "--reference", "r", day=SECOND).out)
    assert (first["repeated"], again["repeated"], again["order_id"]) == (False, True, "manual-r")
    other = order("buy", "11", "--reference", "r")
    assert other.code == 6
    assert "the reference of manual-r was used for another order" in other.err
    assert len(orders(openoutcry)) == 1


def test_without_a_reference_every_command_is_a_new_order(openoutcry, order):
    for _ in range(2):
        assert order("buy", "1").code == 0
    assert [line["order_id"][-1] for line in orders(openoutcry)] == ["1", "2"]


def test_the_limits_cut_an_order_and_say_so_and_deny_one(openoutcry, order, home):
    cut = json.loads(order("buy", "5000").out)
    assert 0 < int(cut["quantity"]) < 5000
    assert cut["limits"][0].startswith("sizing: ")
    settings = home.parent / "openoutcry.toml"
    settings.write_text('[limits]\nrestricted = ["GRUND"]\n')
    denied = order("buy", "1")
    assert denied.code == 6
    assert "GRUND is on the restricted list" in denied.err
    assert len(orders(openoutcry)) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["buy", "0"], 2, "give a positive number"),
        (["buy", "nan"], 2, "give a positive number"),
        (["buy", "ten"], 2, "not a number"),
        (["hold", "1"], 2, "buy"),
        (["buy", "1", "--type", "limit"], 6, "needs a limit_price"),
        (["buy", "1", "--limit", "90"], 6, "does not use a limit_price"),
        (["buy", "1", "--type", "limit", "--limit", "90.001"], 6, "multiples of 0.01"),
        (["buy", "1.5"], 6, "quantities are whole shares"),
        (["sell", "1"], 6, "there is no long position to sell"),
        (["buy", "1", "--type", "stop", "--stop", "1"], 6, "must lie above"),
        (["buy", "1", "--reference", "a\x1b[31m"], 2, "printable"),
        (["buy", "1", "--reference", "x" * 65], 2, "up to 64"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_an_order_that_cannot_be_sent_is_refused_and_changes_nothing(openoutcry, order, arguments, code, message):
    ran = order(*arguments)
    assert ran.code == code, ran.err
    assert message in ran.err
    assert orders(openoutcry) == []


def test_a_position_is_closed_for_what_resting_exits_leave(openoutcry, order):
    assert order("buy", "10").code == 0
    assert order("sell", "4", "--type", "limit", "--limit", "900", "--tif", "gtc", day=SECOND).code == 0
    assert order("buy", "1", "--type", "limit", "--limit", "130", "--tif", "gtc", day=SECOND).code == 0
    close = ("paper", "close", TICKER, "--as-of", SECOND)
    receipt = json.loads(openoutcry(*close, "--reference", "c", "--json").out)
    assert (receipt["action"], receipt["quantity"]) == ("sell", "6")
    assert receipt["canceled"] == ["manual-20250107-GRUND-2"]
    assert json.loads(openoutcry(*close, "--reference", "c", "--json").out)["repeated"]
    again = openoutcry(*close)
    assert again.code == 6
    assert "resting orders close the whole position" in again.err


def test_nothing_is_closed_without_a_position(openoutcry, order):
    ran = openoutcry("paper", "close", TICKER, "--as-of", FIRST)
    assert ran.code == 6
    assert "account paper has no position in GRUND" in ran.err


def test_a_reducing_account_closes_and_a_halted_one_says_how_to(openoutcry, order):
    assert order("buy", "10").code == 0
    close = ("paper", "close", TICKER, "--as-of", SECOND)
    order("sell", "1", day=SECOND)
    assert openoutcry("paper", "halt", "--reason", "fire").code == 0
    ran = openoutcry(*close)
    assert ran.code == 6
    assert "account paper is halted (fire)" in ran.err
    assert "`openoutcry paper reduce` accepts orders that reduce a position" in ran.err
    assert openoutcry("paper", "reduce").code == 0
    assert order("buy", "1", day=SECOND).code == 6
    assert openoutcry(*close).code == 0


def test_an_order_for_a_session_that_the_account_has_left_is_a_conflict(openoutcry, order):
    assert order("buy", "1", day=SECOND).code == 0
    assert order("buy", "1", day=FIRST).code == 8


def test_a_desk_decides_after_a_manual_order(openoutcry, order):
    """The desk has no decision record of it, and sees the order as resting."""
    assert order("buy", "1", "--type", "limit", "--limit", "130", "--tif", "gtc").code == 0
    ran = openoutcry("decide", TICKER, "--account", "paper", "--as-of", SECOND, "--model", "rules", "--json")
    assert ran.code == 0
    resting = json.loads(ran.out)["position"]["resting"]
    assert [each["client_order_id"] for each in resting] == ["manual-20250106-GRUND-1"]


def test_an_order_with_a_good_after_moment_fills_at_the_close_of_the_daily_bar(openoutcry, order):
    assert order("buy", "10", "--good-after", "2025-01-07T17:00Z").code == 0
    (line,) = orders(openoutcry)
    assert line["good_after"] == "2025-01-07T17:00:00Z"
    order("sell", "1", day=SECOND)
    (fill,) = json.loads(openoutcry("paper", "fills", "--json").out)
    closes = json.loads(openoutcry("paper", "positions", "--json").out)
    assert (fill["session"], fill["price"]) == (SECOND, closes[0]["mark"])
    assert openoutcry("ledger", "verify").code == 0


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("--good-after", "noon"), "not an ISO 8601 time", 2),
        (("--good-after", "2025-01-07T17:00"), "has no zone", 2),
        (("--good-after", "2025-01-07T17:00Z", "--tif", "opg"), "is for day and gtc, not opg", 6),
    ],
    ids=["words", "no_zone", "opg"],
)
def test_a_good_after_moment_that_cannot_be_is_refused(order, arguments, words, code):
    ran = order("buy", "10", *arguments)
    assert (ran.code, words in ran.err) == (code, True), ran.err
