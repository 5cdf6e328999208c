"""`paper halt | reduce | resume | approvals | approve | deny`, as a shell sees them."""

import json
from dataclasses import replace

import pytest
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.tests.ledger.harness import terms

TICKER = "GRUND"
FUTURE, PAST = "2199-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
EVIL = "too [bold]large[/bar] \x1b[31mred"


@pytest.fixture
def account(openoutcry):
    """Open a margin account with a resting entry and its held exits, and return a function that decides for it."""
    assert openoutcry("paper", "init", "--margin").code == 0

    def decide(day, *more):
        return openoutcry("decide", TICKER, "--account", "paper", "--as-of", day, "--model", "rules", "--json", *more)

    assert decide("2025-01-06", "--submit").code == 0
    return decide


@pytest.fixture
def ledger(account, home):
    """Open the ledger of the account, in which the orders p1 and p2 wait for approval, and p0 has expired."""
    opened = Ledger.open(f"sqlite:///{home / 'book.db'}", trading_calendar)
    with opened.transaction("paper") as broker:
        broker.list_instrument(Instrument("ZZZZ"))
        for name, expires in (("p0", PAST), ("p1", FUTURE), ("p2", FUTURE)):
            proposed = terms(name, "buy", 5, "limit", limit=9_000, symbol="ZZZZ")
            broker.proposals.propose(
                OrderRequest(replace(proposed, awaits="p1" if name == "p2" else None)),
                reference=10_000,
                band_bps=300,
                session="2025-01-06",
                expires=expires,
            )
    yield opened
    opened.close()


def listed(openoutcry, *command):
    return json.loads(openoutcry("paper", *command, "--json").out)


def test_each_state_says_what_it_accepts_and_what_it_canceled(openoutcry, account):
    (entry, *_) = [line["order_id"] for line in listed(openoutcry, "orders")]
    ran = openoutcry("paper", "reduce", "--reason", EVIL)
    assert ran.code == 0
    assert "paper is reducing: too [bold]large[/bar]" in ran.out
    assert "\x1b" not in ran.out
    assert f"Orders canceled: {entry}" in ran.out
    assert "entries are rejected until `paper resume`" in ran.out
    ran = openoutcry("paper", "halt", "--reason", "fire")
    assert "All new orders are rejected." in ran.out
    assert "settlement" in ran.out
    ran = openoutcry("paper", "resume", "--reason", "all clear")
    assert ran.out.startswith("paper is active\nAll orders are accepted.")
    assert openoutcry("ledger", "verify").code == 0


def test_status_and_list_show_the_state_and_its_reason(openoutcry, account):
    states = []
    for command in ("reduce", "halt", "reduce", "resume"):
        assert listed(openoutcry, command)["account"] == "paper"
        status, (line,) = listed(openoutcry, "status"), listed(openoutcry, "list")
        assert (line["state"], line["halted"], line["reducing"]) == tuple(
            status[name] for name in ("state", "halted", "reducing")
        )
        states.append((status["state"], bool(status["halted"]), bool(status["reducing"])))
    reducing = ("reducing", False, True)
    assert states == [reducing, ("halted", True, False), reducing, ("active", False, False)]


def test_a_decision_whose_orders_are_all_entries_is_refused_while_reducing(openoutcry, home):
    assert openoutcry("paper", "init").code == 0
    decide = ("decide", TICKER, "--account", "paper", "--as-of", "2025-01-06", "--model", "rules", "--json")
    assert openoutcry("paper", "reduce").code == 0
    ran = openoutcry(*decide)
    document = json.loads(ran.out)
    assert document["account_state"] == "reducing"
    assert [each["reason"] for each in document["risk"]["denied"]] == ["account is reducing"]
    assert ran.code == 6
    assert openoutcry("paper", "resume").code == 0
    assert openoutcry(*decide).code == 0


@pytest.mark.parametrize("command", ["halt", "reduce"])
def test_a_state_needs_a_reason_that_says_something(openoutcry, account, command):
    assert openoutcry("paper", command, "--reason", " ").code == 2


def test_orders_that_wait_are_listed_and_counted(openoutcry, ledger):
    assert [line["order_id"] for line in listed(openoutcry, "approvals")] == ["p0", "p1", "p2"]
    assert listed(openoutcry, "status")["waiting_for_approval"] == 3
    header, *rows = (line.split("\t") for line in openoutcry("paper", "approvals").out.splitlines())
    assert [row[0] for row in rows] == ["p0", "p1", "p2"]
    assert [row[header.index("awaits")] for row in rows] == ["", "", "p1"]


def test_an_order_is_approved_once_and_the_answer_is_recorded(openoutcry, ledger):
    for by in ("ann", "bob"):
        ran = openoutcry("paper", "approve", "p1", "--by", by, "--reason", EVIL, "--json")
        assert ran.code == 0
        (line,) = json.loads(ran.out)
        assert (line["status"], line["by"], line["reason"]) == ("approved", "ann", EVIL)
    ran = openoutcry("paper", "deny", "p1")
    assert ran.code == 8
    assert "was approved by ann" in ran.err
    assert "\x1b" not in ran.err + openoutcry("paper", "approvals", "--all").out
    assert openoutcry("ledger", "verify").code == 0


def test_a_denied_order_cannot_be_approved(openoutcry, ledger):
    assert openoutcry("paper", "deny", "p1", "--by", "ann", "--reason", "earnings").code == 0
    ran = openoutcry("paper", "approve", "p1")
    assert ran.code == 8
    assert "order p1 was denied by ann" in ran.err
    assert "earnings" in ran.err


def test_a_session_is_answered_as_a_whole_and_what_no_longer_fits_lapses(openoutcry, ledger):
    ran = openoutcry("paper", "approve", "--session", "2025-01-06", "--json")
    assert ran.code == 6
    assert [line["status"] for line in json.loads(ran.out)] == ["lapsed", "approved", "approved"]
    assert f"p0 was not approved, it has lapsed: it expired at {PAST}" in ran.err
    again = openoutcry("paper", "deny", "--session", "2025-01-06", "--json")
    assert [line["status"] for line in json.loads(again.out)] == ["lapsed", "approved", "approved"]


def test_the_number_of_orders_that_still_wait_is_printed(openoutcry, ledger):
    assert "still wait: 2" in openoutcry("paper", "deny", "p0").out


def test_a_halted_account_lets_an_approved_order_lapse(openoutcry, ledger):
    assert openoutcry("paper", "halt", "--reason", "fire").code == 0
    ran = openoutcry("paper", "approve", "p1")
    assert ran.code == 6
    assert "the account is halted: fire" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["p1", "--session", "2025-01-06"], 2),
        (["p"], 2),
        (["nope"], 6),
        (["--session", "monday"], 2),
        (["--session", "2024-01-08"], 6),
        (["p1", "--by", " "], 2),
        (["p1", "--reason", "x" * 1_001], 2),
    ],
    ids=lambda each: str(each)[:30],
)
@pytest.mark.parametrize("command", ["approve", "deny"])
def test_wrong_arguments_change_nothing(openoutcry, ledger, command, arguments, code):
    ran = openoutcry("paper", command, *arguments)
    assert ran.code == code, ran.err
    assert "a bug" not in ran.err
    assert len(listed(openoutcry, "approvals")) == 3
