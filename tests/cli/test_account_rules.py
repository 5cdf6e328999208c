"""Rules of an account as the operator gives them, and what they do to orders that the desk sends."""

import json
import re
from dataclasses import fields

import pytest
from conftest import ROOT
from openoutcry.cli.arguments.account_rules import AccountFlags, account_rules
from openoutcry.domain.errors import ConfigError
from openoutcry.ledger.model.account_rules import AccountRules

PAGE = (ROOT / "docs" / "paper-accounts.md").read_text(encoding="utf-8")

SHORTS = ("CALDR", "2025-02-03")  # the rules sell this one short on the demo market


@pytest.fixture
def decide(openoutcry):
    def run(ticker, day, *more):
        return openoutcry("decide", ticker, "--account", "paper", "--as-of", day, "--model", "rules", "--json", *more)

    return run


def history(openoutcry):
    return json.loads(openoutcry("paper", "history", "--limit", "10000", "--json").out)


@pytest.mark.parametrize("written", [False, True])
def test_a_short_that_the_desk_sends_pays_to_borrow(openoutcry, decide, tmp_path, written):
    rules = tmp_path / "rules.toml"
    rules.write_text("borrow_bps = 1\n[borrow]\nCALDR = 3600\n")
    flags = ("--rules", rules) if written else ("--borrow-bps", "3600")
    assert openoutcry("paper", "init", "--margin", *flags).code == 0
    assert json.loads(decide(*SHORTS, "--submit").out)["orders"][0]["action"] == "short"
    assert decide(SHORTS[0], "2025-03-10", "--submit").code in (0, 3)
    events = history(openoutcry)
    accrued = [json.loads(each["facts"]) for each in events if each["event"] == "Accrued"]
    assert accrued
    assert {each["kind"] for each in accrued} == {"borrow"}
    (charged,) = (json.loads(each["facts"]) for each in events if each["event"] == "Charged")
    in_february = [each["micro"] for each in accrued if each["session"] <= charged["session"]]
    assert charged["amount"] == round(sum(in_february) / 1_000_000) < 0
    assert openoutcry("ledger", "verify").code == 0


def test_a_short_without_a_locate_is_refused(openoutcry, decide):
    assert openoutcry("paper", "init", "--margin", "--locate", "grund,DRUMT").code == 0
    sent = decide(*SHORTS, "--submit")
    assert sent.code == 6
    assert [answer["reason"] for answer in json.loads(sent.out)["submissions"]] == ["no_locate"]
    assert openoutcry("ledger", "verify").code == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--split-orders", "forget"), "one of 'cancel', 'adjust', 'adjust_protective'"),
        (("--bars", "5m"), "one of '1d', '1h'"),
        (("--calendar", "MOON"), "no exchange calendar called 'MOON'"),
        (("--calendar", "24/7", "--bars", "1h"), "leave --bars at 1d"),
    ],
)
def test_a_rule_that_makes_no_sense_opens_no_account(openoutcry, flags, said):
    ran = openoutcry("paper", "init", *flags)
    assert ran.code == 2
    assert said in ran.err
    assert openoutcry("paper", "status").code == 2


@pytest.mark.parametrize("wrong", ["borrow_bps = -3", "[borrow]\nGME = -1", "[borrow]\nGME = 'much'", "locate = 3"])
def test_a_file_of_rules_that_makes_no_sense_opens_no_account(openoutcry, tmp_path, wrong):
    (tmp_path / "rules.toml").write_text(wrong)
    assert openoutcry("paper", "init", "--rules", tmp_path / "rules.toml").code == 2


def test_every_rule_is_in_the_documentation_and_its_example_opens_an_account(openoutcry, tmp_path):
    table = PAGE.partition("|---|")[2].partition("```")[0]
    assert {field.name for field in fields(AccountRules)} <= set(re.findall(r"\w+", table))
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "rules.toml").write_text(example)
    assert openoutcry("paper", "init", "--rules", tmp_path / "rules.toml").code == 0
    rules = json.loads(json.loads(history(openoutcry)[0]["facts"])["rules"])
    assert (rules["borrow"], rules["split_orders"], rules["margin"]) == ([["GME", 4500]], "adjust_protective", True)


def rules_of(tmp_path, text, **flags):
    (tmp_path / "rules.toml").write_text(text)
    asked = {
        "cash": "1", "margin": True, "commission_bps": 5, "slippage_bps": 0, "borrow_bps": 0, "locate": None,
        "participation": 0.1, "lots": "fifo", "split_orders": "cancel", "bars": "1d", "calendar": "XNYS",
        "rules": tmp_path / "rules.toml",
    }  # fmt: skip
    return account_rules(AccountFlags(**(asked | flags)))


def test_symbols_are_read_as_meant_wherever_they_are_written(tmp_path):
    assert rules_of(tmp_path, "", locate=" grund, caldr,").locate == ("GRUND", "CALDR")
    written = rules_of(tmp_path, 'locate = [" caldr"]\n[borrow]\ngme = 4500\n')
    assert written.can_locate("CALDR")
    assert written.borrow_rate("GME") == 4500


def test_a_table_of_the_file_is_laid_over_the_flags_one_by_one(tmp_path):
    commission = rules_of(tmp_path, "[commission]\nminimum = 100\n").commission
    assert (commission.kind, commission.rate, commission.minimum) == ("bps", 5, 100)


def test_no_limit_of_volume_is_zero_in_the_file_as_in_the_flag(tmp_path):
    assert rules_of(tmp_path, "participation_bps = 0\n").participation_bps is None
    assert rules_of(tmp_path, "", participation=0.0).participation_bps is None
    assert rules_of(tmp_path, "participation_bps = 1\n").participation_bps == 1


@pytest.mark.parametrize(
    "wrong", ["participation_bps = -1", "participation_bps = true", 'borrow_bps = "30"', 'margin = "no"', "margin = 1"]
)
def test_a_rule_of_the_wrong_kind_is_refused(tmp_path, wrong):
    with pytest.raises(ConfigError, match=wrong.split(" ", maxsplit=1)[0]):
        rules_of(tmp_path, f"{wrong}\n")
