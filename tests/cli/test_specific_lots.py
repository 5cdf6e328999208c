"""An account that picks its lots, all the way: the model is shown them, names one, and that one is sold."""

import json

import jsonschema
import pytest
from constant_market import SHARE, trader_saying, write_market
from openoutcry.desk.records.document import schema_text

DAYS = (
    ("100.00", "101.00", "99.00", "100.00"),  # ten are bought at 100
    ("104.00", "105.00", "103.00", "104.00"),  # and ten at 104
    ("102.00", "103.00", "101.00", "102.00"),
    ("103.00", "104.00", "101.50", "103.00"),
)
AGAIN = ("--submit", "--attempt", "2", "--json")
SELL = {"action": "sell", "time_in_force": "day"}


@pytest.fixture
def sessions(tmp_path):
    return write_market(tmp_path / "market", DAYS)


@pytest.fixture
def decide(openoutcry, tmp_path):
    def run(day, *orders, desk="debate", flags=("--submit", "--json")):
        with trader_saying(*orders) as stub:
            model = ("--model", "openai:x", "--base-url", stub.url, "--market", tmp_path / "market", "--no-memory")
            ran = openoutcry("decide", SHARE, "--account", "A", "--as-of", day, "--desk", desk, *model, *flags)
            return ran, [chat for chat in stub.chats if "Computed size" in chat.prompt]

    return run


def listed(openoutcry, *command):
    return json.loads(openoutcry("paper", *command, "--account", "A", "--json").out)


def lots_of(openoutcry):
    (position,) = listed(openoutcry, "positions")
    return {lot["lot_id"]: lot for lot in position["lots"]}


@pytest.fixture
def two_lots(openoutcry, decide, sessions, tmp_path):
    """Open an account by a file of rules and buy on two days; return the ids of both lots, the older one first."""

    def buy(rules='lots = "specific"'):
        (tmp_path / "rules.toml").write_text(rules)
        assert openoutcry("paper", "init", "--account", "A", "--rules", tmp_path / "rules.toml").code == 0
        decide(sessions[0], {})
        decide(sessions[1], {})
        decide(sessions[2])
        return list(lots_of(openoutcry))

    return buy


def test_a_named_lot_is_sold_and_the_other_one_stays(openoutcry, decide, sessions, two_lots):
    older, younger = two_lots()
    ran, (asked, *_) = decide(sessions[3], SELL | {"quantity": 6, "lots": [younger]})
    assert f"{older}: 10 at 100.00 on {sessions[1]}, gain +20.00; " in asked.prompt
    assert f"{younger}: 10 at 104.00 on {sessions[2]}, gain -20.00\n" in asked.prompt
    assert "lots" in asked.schema["properties"]["orders"]["items"]["required"]
    document = json.loads(ran.out)
    jsonschema.validate(document, json.loads(schema_text()))
    assert [order["lots"] for order in document["orders"]] == [[younger]]
    decide(sessions[4])
    assert {lot: line["quantity"] for lot, line in lots_of(openoutcry).items()} == {older: "10", younger: "4"}
    (position,) = listed(openoutcry, "positions")
    assert position["realised"] == "-6.00"  # six of the lot at 104, sold at 103
    assert openoutcry("ledger", "verify").code == 0


def test_the_oldest_goes_first_where_none_is_named(openoutcry, decide, sessions, two_lots):
    _, younger = two_lots()
    decide(sessions[3], SELL | {"lots": []})
    decide(sessions[4])
    assert list(lots_of(openoutcry)) == [younger]


@pytest.mark.parametrize(("target", "stop"), [(104, 90), (110, 101.9)])
def test_either_leg_of_an_oco_sells_the_named_lot(openoutcry, decide, sessions, two_lots, target, stop):
    older, younger = two_lots()
    oco = {"type": "limit", "limit_price": target, "order_class": "oco", "stop_loss_stop": stop, "time_in_force": "gtc"}
    decide(sessions[3], SELL | oco | {"quantity": 6, "lots": [younger]})
    decide(sessions[4])  # from 101.50 to 104: the one leg or the other is reached
    assert {lot: line["quantity"] for lot, line in lots_of(openoutcry).items()} == {older: "10", younger: "4"}


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (SELL | {"lots": ["of my dreams"]}, "there is no open lot 'of my dreams' of ACME"),
        ({"lots": ["OLDER"]}, "a buy opens a lot of its own"),
        (SELL | {"lots": ["OLDER", "OLDER"]}, "is named twice"),
    ],
)
def test_lots_that_cannot_be_taken_are_denied_before_the_broker_sees_the_order(
    openoutcry, decide, sessions, two_lots, order, said
):
    older, _ = two_lots()
    named = [older if lot == "OLDER" else lot for lot in order["lots"]]
    before = listed(openoutcry, "orders", "--all")
    ran, _ = decide(sessions[2], order | {"lots": named}, flags=AGAIN)
    document = json.loads(ran.out)
    (denied,) = document["risk"]["denied"]
    assert said in denied["reason"]
    assert denied["order"]["lots"] == named
    assert [clamp["limit"] for clamp in document["risk"]["clamps"]] == ["named_lots"]
    assert listed(openoutcry, "orders", "--all") == before


@pytest.mark.parametrize("method", ["fifo", "lifo", "highest_cost"])
def test_other_accounts_are_shown_no_lots_and_may_name_none(openoutcry, decide, sessions, two_lots, method):
    older, _ = two_lots(f'lots = "{method}"')
    ran, (asked, *_) = decide(sessions[2], SELL | {"lots": [older]}, flags=AGAIN)
    assert "lots" not in asked.prompt
    assert "lots" not in json.dumps(asked.schema)
    (denied,) = json.loads(ran.out)["risk"]["denied"]
    assert "the account does not pick its lots" in denied["reason"]


def test_positions_show_the_lots_of_every_account(openoutcry, sessions, two_lots):
    older, younger = two_lots("")
    assert lots_of(openoutcry)[younger] == {
        "symbol": SHARE,
        "lot_id": younger,
        "quantity": "10",
        "cost": "104.0000",
        "acquired": sessions[2],
        "unrealised": "0.00",
    }
    shown = openoutcry("paper", "positions", "--account", "A").out
    assert shown.index("average_cost") < shown.index("lot_id") < shown.index(older) < shown.index(younger)
    (position,) = listed(openoutcry, "positions")
    assert position["unrealised"] == "40.00"


def test_the_ticket_and_the_reports_name_the_lots(decide, sessions, two_lots, tmp_path):
    _, younger = two_lots()
    for name in ("report.md", "report.html"):
        ran, _ = decide(sessions[2], SELL | {"lots": [younger]}, flags=("--report", tmp_path / name))
        assert f"first of lots {younger}" in ran.out
        report = (tmp_path / name).read_text(encoding="utf-8").replace("\\", "")  # Markdown escapes the hash sign
        assert f"Closes first: {younger}" in report


def test_a_desk_of_one_is_shown_the_lots_and_names_them_too(openoutcry, decide, sessions, two_lots):
    older, younger = two_lots()
    ran, (asked, *_) = decide(sessions[3], SELL | {"lots": [younger]}, desk="single_agent")
    assert f"{older}: 10 at 100.00 on {sessions[1]}, gain +20.00; " in asked.prompt
    assert [order["lots"] for order in json.loads(ran.out)["orders"]] == [[younger]]
