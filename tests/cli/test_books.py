"""`paper`, `ledger` and `decide --account`: a book that lives between decisions."""

import json
import sqlite3
from contextlib import closing

import jsonschema
import pytest
from conftest import ROOT
from openoutcry.desk.records.document import schema_text

CASES = ROOT.parent / "shared" / "cases" / "order-stream"
TICKER = "GRUND"


@pytest.fixture
def account(openoutcry):
    """Open a margin account and return a function that decides for it."""
    assert openoutcry("paper", "init", "--margin", "--slippage-bps", "2", "--commission-bps", "1").code == 0

    def decide(day, *more):
        return openoutcry("decide", TICKER, "--account", "paper", "--as-of", day, "--model", "rules", "--json", *more)

    return decide


def listed(openoutcry, *command):
    return json.loads(openoutcry("paper", *command, "--json").out)


def test_an_account_is_opened_once_and_shown(openoutcry, account):
    status = listed(openoutcry, "status")
    assert (status["equity"], status["kind"], status["open_orders"]) == ("100000.00", "margin", 0)
    assert len(status["head"]) == 64
    again = openoutcry("paper", "init")
    assert again.code == 2
    assert "account paper already exists" in again.err
    assert openoutcry("paper", "status", "--account", "other").code == 2


def test_submitted_orders_rest_fill_later_and_are_seen_by_the_next_decision(openoutcry, account):
    first = json.loads(account("2025-01-06", "--submit").out)
    jsonschema.validate(first, json.loads(schema_text()))
    assert [answer["accepted"] for answer in first["submissions"]] == [True]
    assert [order["status"] for order in listed(openoutcry, "orders")] == ["open", "held", "held"]
    assert listed(openoutcry, "fills") == []
    later = json.loads(account("2025-03-03").out)
    assert later["submissions"] is None
    assert listed(openoutcry, "fills") == []
    json.loads(account("2025-03-03", "--submit").out)
    filled = listed(openoutcry, "fills")
    assert filled[0]["order_id"] == first["orders"][0]["client_order_id"]
    assert "2025-01-06" < filled[0]["session"] <= "2025-03-03"
    assert openoutcry("ledger", "verify").code == 0


def test_the_desk_is_told_what_is_held_what_rests_and_what_became_of_its_last_orders(openoutcry, account):
    from stub.server import StubServer

    account("2025-01-06", "--submit")
    with StubServer() as stub:
        model = ("--model", "openai:x", "--base-url", stub.url)
        openoutcry("decide", TICKER, "--account", "paper", "--as-of", "2025-01-07", *model, "--json")
        trader = next(chat.prompt for chat in stub.chats if "Write the orders" in chat.prompt)
    assert "last decision, 2025-01-06: buy asked 25, allowed 25, filled 0 (open)" in trader
    assert "open orders: R1: buy 25 limit limit 141.58 gtc, rested 1 session, " in trader


def test_the_same_run_sent_twice_trades_once(openoutcry, account):
    first = json.loads(account("2025-01-06", "--submit").out)
    head = listed(openoutcry, "status")["head"]
    resumed = json.loads(openoutcry("decide", "--resume", first["run_id"], "--json").out)
    assert resumed["submissions"] == first["submissions"]
    assert listed(openoutcry, "status")["head"] == head


def test_a_run_that_was_killed_between_deciding_and_sending_sends_on_resume(openoutcry, account, home):
    first = json.loads(account("2025-01-06", "--submit").out)
    with closing(sqlite3.connect(home / "runs.db")) as runs:
        record = json.loads(runs.execute("SELECT decision FROM runs").fetchone()[0])
        runs.execute("UPDATE runs SET decision = ?", (json.dumps(record | {"submissions": None}),))
        runs.commit()
    resumed = json.loads(openoutcry("decide", "--resume", first["run_id"], "--json").out)
    assert resumed["submissions"] == first["submissions"]
    assert len(listed(openoutcry, "orders")) == 3


def test_a_decision_in_the_accounts_past_is_refused(openoutcry, account):
    account("2025-03-03", "--submit")
    ran = account("2025-02-03")
    assert ran.code == 8
    assert "has processed 2025-03-03 already" in ran.err


def test_a_decision_for_a_halted_account_says_so_and_ends_with_its_exit_code(openoutcry, account):
    account("2025-01-06", "--submit")
    assert openoutcry("paper", "halt", "--reason", "lunch [/bar]").code == 0
    for flags in ((), ("--submit",)):
        ran = account("2025-01-07", *flags)
        assert ran.code == 6
        assert "account paper is halted (lunch [/bar])" in ran.err
    assert openoutcry("paper", "resume").code == 0
    ran = account("2025-01-08")
    assert (ran.code, "halted" in ran.err) == (0, False)


def test_accounts_are_listed_and_a_missing_one_names_them(openoutcry):
    assert json.loads(openoutcry("paper", "list", "--json").out) == []
    for name, cash in (("b", "5000"), ("a", "1000.50")):
        assert openoutcry("paper", "init", "--account", name, "--cash", cash).code == 0
    listed_accounts = json.loads(openoutcry("paper", "list", "--json").out)
    assert [(line["account"], line["equity"], line["open_orders"]) for line in listed_accounts] == [
        ("a", "1000.50", 0),
        ("b", "5000.00", 0),
    ]
    ran = openoutcry("paper", "status", "--account", "c")
    assert ran.code == 2
    assert "there is no account c; there are a, b" in ran.err


def test_a_halted_account_refuses_and_its_book_still_verifies(openoutcry, account):
    assert openoutcry("paper", "halt", "--reason", "lunch").code == 0
    ran = account("2025-01-06", "--submit")
    assert ran.code == 6
    assert [answer["reason"] for answer in json.loads(ran.out)["submissions"]] == ["account_halted"]
    assert listed(openoutcry, "orders") == []
    assert openoutcry("ledger", "verify").code == 0
    assert openoutcry("paper", "resume").code == 0
    assert listed(openoutcry, "status")["halted"] == ""


def test_an_order_is_canceled_with_its_exits(openoutcry, account):
    order = json.loads(account("2025-01-06", "--submit").out)["orders"][0]["client_order_id"]
    assert openoutcry("paper", "cancel", order).code == 0
    assert listed(openoutcry, "orders") == []
    assert {line["status"] for line in listed(openoutcry, "orders", "--all")} == {"canceled"}
    assert openoutcry("paper", "cancel", "nope").code == 6


def test_cash_moves_once_for_each_reference(openoutcry, account):
    assert openoutcry("paper", "deposit", "500", "bonus").code == 0
    assert openoutcry("paper", "deposit", "500", "bonus").code == 0
    assert openoutcry("paper", "withdraw", "100", "rent").code == 0
    assert listed(openoutcry, "status")["cash"] == "100400.00"
    assert openoutcry("paper", "deposit", "700", "bonus").code == 6
    assert openoutcry("paper", "withdraw", "9000000", "dream").code == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("paper", "init", "--account", "x", "--cash", "0"), "positive amount"),
        (("paper", "init", "--account", "x", "--cash", "1.005"), "whole cents"),
        (("paper", "init", "--account", "x", "--lots", "random"), "'random' is not one of 'fifo'"),
        (("paper", "export", "--format", "pdf"), "one of 'csv', 'jsonl', 'beancount'"),
        (("decide", TICKER, "--submit"), "needs an --account"),
        (("decide", TICKER, "--account", "paper", "--cash", "5"), "has its own cash"),
        (("decide", TICKER, "--account", "nobody"), "there is no account nobody"),
        (("ledger", "simulate", "nope.json"), "cannot be read"),
    ],
)
def test_a_wrong_word_is_told(openoutcry, account, arguments, said):
    ran = openoutcry(*arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_journal_edited_by_hand_is_refused_and_named(openoutcry, account, home):
    account("2025-01-06", "--submit")
    with closing(sqlite3.connect(home / "book.db")) as book:
        book.execute("DROP TRIGGER IF EXISTS journal_no_update")
        for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            book.execute(f"DROP TRIGGER {name}")
        book.execute("UPDATE journal SET body = replace(body, '10000000', '90000000') WHERE seq = 2")
        book.commit()
    for command in (("ledger", "verify"), ("paper", "status")):
        ran = openoutcry(*command)
        assert ran.code == 1
        assert "was altered" in ran.err
    ran = openoutcry("ledger", "verify", "--json")
    assert ran.code == 1
    (check,) = json.loads(ran.out)["paper"]
    assert (check["check"], check["looked_at"], check["breaches"]) == ("I12", 1, 1)
    assert "row 2 of the journal was altered" in check["found"][0]


def test_exports_and_backup(openoutcry, account, tmp_path):
    account("2025-01-06", "--submit")
    lines = openoutcry("paper", "export", "--format", "jsonl").out.splitlines()
    assert json.loads(lines[-1])["hash"] == listed(openoutcry, "status")["head"]
    assert openoutcry("paper", "export").out.startswith("seq,date,event,account,commodity,amount")
    assert openoutcry("paper", "export", "--format", "beancount", "--out", tmp_path / "b.beancount").code == 0
    assert "Assets:Cash" in (tmp_path / "b.beancount").read_text(encoding="utf-8")
    assert openoutcry("ledger", "backup", tmp_path / "copy.db").code == 0
    assert openoutcry("ledger", "backup", tmp_path / "copy.db").code == 2


def test_equity_is_kept_by_session(openoutcry, account):
    account("2025-01-06", "--submit")
    account("2025-01-15", "--submit")
    sessions = [line["session"] for line in listed(openoutcry, "equity")]
    assert sessions == sorted(set(sessions))
    assert (sessions[0], sessions[-1]) == ("2025-01-06", "2025-01-15")
    assert "2025-01-09" not in sessions


@pytest.mark.skipif(not CASES.is_dir(), reason="the worked order streams are not here")
@pytest.mark.parametrize("number", [0, 7, 15, 29])
def test_worked_order_streams_come_out_exactly(openoutcry, number):
    ran = openoutcry("ledger", "simulate", CASES / "inputs" / f"case_{number:04}.json")
    assert json.loads(ran.out) == json.loads((CASES / "expected" / f"case_{number:04}.json").read_text())


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "order-stream/2"}', "\x00"])
def test_a_stream_that_is_none_is_refused(openoutcry, tmp_path, text):
    (tmp_path / "s.json").write_text(text)
    ran = openoutcry("ledger", "simulate", tmp_path / "s.json")
    assert ran.code == 2
    assert ran.out == ""


def test_a_decision_is_not_sent_once_the_account_has_lived_on(openoutcry, account, home):
    first = json.loads(account("2025-01-06").out)
    with closing(sqlite3.connect(home / "runs.db")) as runs:
        request = json.loads(runs.execute("SELECT request FROM runs").fetchone()[0])
        runs.execute("UPDATE runs SET request = ?", (json.dumps(request | {"submit": True}),))
        runs.commit()
    account("2025-01-10", "--submit")
    before = listed(openoutcry, "status")["head"]
    ran = openoutcry("decide", "--resume", first["run_id"])
    assert ran.code == 8
    assert "is at 2025-01-10, the decision at 2025-01-06" in ran.err
    assert listed(openoutcry, "status")["head"] == before


def test_coins_are_refused_before_anything_is_asked(openoutcry, account, tmp_path):
    rows = [f"BTC,2025-03-0{day},100,110,90,100,5" for day in (1, 2, 3)]
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "crypto_daily.csv").write_text("ticker,date,open,high,low,close,volume\n" + "\n".join(rows))
    ran = openoutcry("decide", "BTC", "--market", tmp_path / "m", "--account", "paper", "--as-of", "2025-03-03")
    assert ran.code == 2
    assert "BTC trades on 24/7, the account uses XNYS" in ran.err
    assert "--calendar 24/7" in ran.err


@pytest.mark.parametrize("amount", ["1e30", "999999999999999999", "NaN"])
def test_absurd_amounts_open_no_account(openoutcry, amount):
    assert openoutcry("paper", "init", "--account", "big", "--cash", amount).code == 2
    assert openoutcry("paper", "status", "--account", "big").code == 2


def test_every_rule_of_an_account_can_be_written_in_a_file(openoutcry, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(
        "margin_bps = 700\nlimit_through = true\n[commission]\nkind = 'per_share'\nrate = 5000\nminimum = 100\n"
        "[slippage]\nkind = 'impact'\nbps = 1\nimpact_bps = 50\n"
    )
    assert openoutcry("paper", "init", "--account", "own", "--margin", "--rules", rules).code == 0
    opened = listed(openoutcry, "history", "--account", "own")[0]["facts"]
    for told in ("margin_bps", "700", "per_share", "impact"):
        assert told in opened
    for wrong in ("colour = 1", "margin_bps = 'much'", "margin_bps ="):
        rules.write_text(wrong)
        assert openoutcry("paper", "init", "--account", "wrong", "--rules", rules).code == 2


def test_every_command_of_the_books_answers_a_program_in_one_document(openoutcry, account, home):
    opened = json.loads(openoutcry("paper", "init", "--account", "second", "--margin", "--json").out)

    def status(*flags):
        return {name: value for name, value in listed(openoutcry, "status", *flags).items() if name != "schedule"}

    assert opened == status("--account", "second")
    (order,) = [each["client_order_id"] for each in json.loads(account("2025-01-06", "--submit").out)["orders"]]
    canceled = json.loads(openoutcry("paper", "cancel", order, "--json").out)
    assert (canceled["order_id"], canceled["status"]) == (order, "canceled")
    for command in (["halt"], ["resume"], ["deposit", "5", "gift"], ["withdraw", "5", "back"]):
        done = json.loads(openoutcry("paper", *command, "--json").out)
        assert done == status()
    copied = json.loads(openoutcry("ledger", "backup", home / "copy.db", "--json").out)
    assert copied["accounts"] == ["paper", "second"]


def test_an_argument_in_another_encoding_is_refused_in_a_sentence(openoutcry):
    ran = openoutcry("paper", "status", "--account", "caf\udce9")
    assert ran.code == 2
    assert "is not in UTF-8" in ran.err
    assert "a bug" not in ran.err


def test_a_person_delists_what_no_longer_trades_once(openoutcry, tmp_path):
    from datetime import date

    rows = [f"GONE,{day},10,10,10,10,90000" for day in ("2025-03-03", "2025-03-04")]
    rows += [f"HERE,{day},10,10,10,10,90000" for day in ("2025-03-03", "2025-03-04", "2025-03-05", "2025-03-06")]
    market = tmp_path / "market"
    market.mkdir()
    (market / "prices_daily.csv").write_text("\n".join(["ticker,date,open,high,low,close,volume", *rows]) + "\n")
    assert openoutcry("paper", "init", "--margin").code == 0
    hold_through(openoutcry, market, (date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 6)))
    (line,) = listed(openoutcry, "positions")
    assert (line["symbol"], line["stale_sessions"]) == ("GONE", 2)
    assert "GONE has had no bar for 2 sessions" in listed(openoutcry, "status")["findings"][0]
    for _ in range(2):
        done = openoutcry("paper", "delist", "GONE", "--price", "4.50", "--json")
        assert (done.code, json.loads(done.out)["equity"]) == (0, "99945.00")
    assert openoutcry("paper", "delist", "GONE", "--price", "5").code == 6
    assert openoutcry("paper", "delist", "HERE", "--price", "5").code == 6
    assert openoutcry("paper", "delist", "GONE", "--price", "much").code == 2
    assert openoutcry("ledger", "verify").code == 0


def test_an_anchor_is_printed_stored_and_checked(openoutcry, tmp_path):
    kept, gone = tmp_path / "anchor.json", tmp_path / "gone.json"
    for name in ("one", "two"):
        assert openoutcry("paper", "init", "--account", name).code == 0
    shown = openoutcry("ledger", "anchor", "--file", str(kept))
    document = json.loads(shown.out)
    assert (shown.code, document) == (0, json.loads(kept.read_text()))
    assert {name: each["events"] for name, each in document.items()} == {"one": 2, "two": 2}
    assert json.loads(openoutcry("ledger", "anchor", "--account", "two").out) == {"two": document["two"]}
    assert openoutcry("paper", "deposit", "5", "more", "--account", "two").code == 0
    assert openoutcry("ledger", "verify", "--anchor", str(kept)).code == 0
    gone.write_text(json.dumps({"two": {"events": 99, "head": "0" * 64}, "lost": {"events": 1, "head": "0" * 64}}))
    found = openoutcry("ledger", "verify", "--anchor", str(gone), "--json")
    assert found.code == 1
    assert [name for name, checks in json.loads(found.out).items() if checks[-1]["breaches"]] == ["two", "lost"]
    assert openoutcry("ledger", "verify", "--account", "one", "--anchor", str(gone)).code == 2
    before = gone.read_text()
    assert openoutcry("ledger", "anchor", "--file", str(gone)).code != 0
    assert gone.read_text() == before


def hold_through(openoutcry, market, days):
    """Buy ten shares of GONE after the first day, and advance the account of the command line through the others."""
    from decimal import Decimal

    from openoutcry.app.factories import open_ledger
    from openoutcry.app.settings import load_settings
    from openoutcry.desk.accounts.market_replay import advance_session
    from openoutcry.desk.accounts.order_routing import submit_orders
    from openoutcry.domain.orders import Action
    from openoutcry.ledger.model.instrument import Instrument
    from openoutcry.market.folder import open_folder
    from openoutcry.tests.broker_session import XNYS, order

    with closing(open_ledger(load_settings({}))) as ledger:
        for number, day in enumerate(days):
            with ledger.transaction("paper") as broker:
                advance_session(broker, open_folder(market), XNYS, day)
                if not number:
                    submit_orders(broker, [order("GONE", Action.BUY, 10)], Instrument("GONE"), "run", Decimal(10))


def test_the_performance_of_an_account_leaves_deposits_out(openoutcry):
    openoutcry("paper", "init", "--account", "a", "--cash", "1000")
    empty = json.loads(openoutcry("paper", "performance", "--account", "a", "--json").out)
    assert (empty["sessions"], empty["total_return"], empty["gain"]) == (0, None, "0.00")
    for day in ("2025-03-03", "2025-03-04"):
        openoutcry("paper", "run", "--account", "a", "--watchlist", "CALDR", "--session", day, "--force", "a test",
                   "--model", "rules")  # fmt: skip
        openoutcry("paper", "deposit", "500", day, "--account", "a")
    found = json.loads(openoutcry("paper", "performance", "--account", "a", "--json").out)
    assert (found["sessions"], found["deposited"]) == (2, "2000.00")
    assert abs(found["total_return"]) < 0.1
    assert "total_return\t" in openoutcry("paper", "performance", "--account", "a").out
