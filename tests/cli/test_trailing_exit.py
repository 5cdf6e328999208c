"""A stop loss that trails, all the way: a model asks for it, the book takes it, the market moves it and reaches it."""

import json

import jsonschema
import pytest
from constant_market import SHARE, trader_saying, write_market
from openoutcry.desk.records.document import schema_text

BRACKET = {"order_class": "bracket", "take_profit_limit": 120, "stop_loss_stop": 95, "stop_loss_trail": 3}
DAYS = (
    ("100.00", "102.00", "99.00", "101.00"),  # bought at 100; the stop goes from 95 to 99
    ("101.00", "106.00", "100.50", "105.00"),  # to 103
    ("104.50", "105.00", "102.50", "103.00"),  # and is reached there; it would have waited at 95 without the trail
)


@pytest.fixture
def sessions(tmp_path):
    return write_market(tmp_path / "market", DAYS)


@pytest.fixture
def decide(openoutcry, tmp_path):
    assert openoutcry("paper", "init", "--account", "A").code == 0

    def run(day, *orders, flags=("--submit", "--json")):
        with trader_saying(*orders) as stub:
            model = ("--model", "openai:x", "--base-url", stub.url, "--market", tmp_path / "market", "--no-memory")
            ran = openoutcry("decide", SHARE, "--account", "A", "--as-of", day, *model, *flags)
            return ran, [chat.prompt for chat in stub.chats]

    return run


def listed(openoutcry, *command):
    return json.loads(openoutcry("paper", *command, "--account", "A", "--json").out)


def the_stop(openoutcry):
    (stop,) = [order for order in listed(openoutcry, "orders") if order["order_id"].endswith(".sl")]
    return stop["type"], stop["stop"], stop["trail"], stop["status"]


def test_a_trailing_exit_goes_from_the_answer_to_its_fill(openoutcry, sessions, decide):
    ran, prompts = decide(sessions[0], BRACKET)
    document = json.loads(ran.out)
    jsonschema.validate(document, json.loads(schema_text()))
    (order,) = document["orders"]
    assert order["stop_loss"] == {"stop_price": "95.00", "limit_price": None, "trail": "3.00"}
    assert document["submissions"][0]["accepted"]
    assert any("stop-loss 95 trailing by 3" in prompt for prompt in prompts), "the risk voices see it"
    assert the_stop(openoutcry) == ("trailing_stop", "95.00", "3.00", "held")
    decide(sessions[1])
    assert the_stop(openoutcry) == ("trailing_stop", "99.00", "3.00", "open")
    _, prompts = decide(sessions[2])
    assert the_stop(openoutcry) == ("trailing_stop", "103.00", "3.00", "open")
    assert any("sell 10 trailing_stop stop 103.00 trail 3.00 gtc" in prompt for prompt in prompts)
    decide(sessions[3])
    bought, sold = listed(openoutcry, "fills")
    assert (bought["price"], sold["price"], sold["order_id"]) == ("100.00", "103.00", f"{order['client_order_id']}.sl")
    assert listed(openoutcry, "positions") == []
    assert openoutcry("ledger", "verify").code == 0


def test_the_ticket_and_the_reports_name_the_trail(openoutcry, sessions, decide, tmp_path):
    for name in ("report.md", "report.html"):
        ran, _ = decide(sessions[0], BRACKET, flags=("--report", tmp_path / name))
        assert ran.code == 0
        assert "target 120.00, stop-loss 95.00 trailing by 3.00" in " ".join(ran.out.replace("│", " ").split())
        report = (tmp_path / name).read_text(encoding="utf-8")
        assert "trailing by 3.00" in report
        assert "Trailing stop loss" in report


@pytest.mark.parametrize(
    ("nonsense", "said"),
    [
        ({"stop_loss_trail": 100}, "a stop_loss_trail of 100.00 is not smaller than the entry of 100.00"),
        ({"stop_loss_trail": -3}, "stop_loss_trail"),
        ({"stop_loss_limit": 94}, "leave stop_loss_limit out"),
    ],
)
def test_a_trail_that_makes_no_sense_is_sent_back_and_then_no_decision(openoutcry, sessions, decide, nonsense, said):
    ran, _ = decide(sessions[0], BRACKET | nonsense)
    assert ran.code == 3
    document = json.loads(ran.out)
    assert document["outcome"] == "abstain"
    assert said in document["abstain_reason"]
    assert listed(openoutcry, "orders", "--all") == []


def test_an_answer_without_the_field_is_read_as_no_trail(openoutcry, sessions, decide, monkeypatch):
    """Models and programs that answer in the older form go on working."""
    import constant_market

    monkeypatch.setattr(
        constant_market, "ORDER", {name: value for name, value in constant_market.ORDER.items() if "trail" not in name}
    )
    ran, _ = decide(sessions[0], {"trail": None})
    assert [answer["accepted"] for answer in json.loads(ran.out)["submissions"]] == [True]
