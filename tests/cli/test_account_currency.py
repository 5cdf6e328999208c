"""Accounts in other currencies than the dollar, on the command line."""

import json
from datetime import date

import pytest
from openoutcry.domain.trading_calendar import trading_calendar

RULES = ("--model", "rules")
XLON, XHKG = trading_calendar("XLON"), trading_calendar("XHKG")
LAST = date(2025, 6, 3)


@pytest.fixture
def market(tmp_path):
    """Write a year of bars of a share in pence and one in Hong Kong dollars."""
    lines = ["ticker,date,open,high,low,close,volume"]
    for symbol, calendar, price in (("BARC.L", XLON, 400), ("0700.HK", XHKG, 500)):
        for number, day in enumerate(calendar.between(date(2024, 5, 1), LAST)):
            close = price + number % 7
            lines.append(f"{symbol},{day},{close},{close + 2},{close - 2},{close},30000000")
    folder = tmp_path / "market"
    folder.mkdir()
    (folder / "prices_daily.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ("--market", str(folder), "--as-of", f"{LAST}T20:00:00Z")


@pytest.mark.parametrize("more", [("--dry-run",), (), ("--submit",)])
@pytest.mark.parametrize(("ticker", "calendar"), [("BARC.L", "XLON"), ("0700.HK", "XHKG")])
def test_a_share_in_another_currency_is_refused_before_anything_is_asked(openoutcry, market, ticker, calendar, more):
    assert openoutcry("paper", "init", "--calendar", calendar).code == 0
    ran = openoutcry("decide", ticker, "--account", "paper", *RULES, *market, *more)
    assert (ran.code, "and the account is in USD" in ran.err) == (2, True)


def test_an_account_in_pounds_decides_on_a_share_in_pence(openoutcry, market):
    opened = openoutcry("paper", "init", "--calendar", "XLON", "--currency", "gbp")
    assert "is open with 100,000 GBP" in opened.out
    assert json.loads(openoutcry("paper", "status", "--json").out)["currency"] == "GBP"
    ran = openoutcry("decide", "BARC.L", "--account", "paper", *RULES, *market, "--json")
    assert json.loads(ran.out)["currency"] == "GBP"


def test_a_hypothetical_account_is_in_the_currency_of_the_symbol(openoutcry, market):
    for ticker, currency in (("BARC.L", "GBP"), ("0700.HK", "HKD")):
        ran = openoutcry("decide", ticker, *RULES, *market, "--json")
        assert json.loads(ran.out)["currency"] == currency
        assert f"Prices and amounts in {currency}" in openoutcry("decide", ticker, *RULES, *market).out


@pytest.mark.parametrize(
    ("currency", "words"),
    [
        ("JPY", "the minor unit of JPY has 0 digits"),
        ("KWD", "the minor unit of KWD has 3 digits"),
        ("GBp", "open the account in GBP"),
        ("XYZ", "not an ISO 4217 currency"),
        ("", "not an ISO 4217 currency"),
    ],
)
def test_a_currency_that_the_ledger_cannot_keep_is_refused_by_name(openoutcry, currency, words):
    ran = openoutcry("paper", "init", "--currency", currency)
    assert (ran.code, words in " ".join(ran.err.split())) == (2, True)
    assert json.loads(openoutcry("paper", "list", "--json").out) == []


def test_the_currency_of_a_hypothetical_account_can_be_given(openoutcry, market):
    ran = openoutcry("decide", "BARC.L", *RULES, *market, "--json", "--currency", "gbp")
    assert ran.code in {0, 3}
    assert json.loads(ran.out)["currency"] == "GBP"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--currency", "USD"), "BARC.L is quoted in hundredths of GBP and the account is in USD"),
        (("--currency", "GBp"), "a unit of prices, not a currency; open the account in GBP"),
        (("--currency", "XYZ"), "not an ISO 4217 currency"),
        (("--currency", "JPY"), "the minor unit of JPY has 0 digits"),
        (("--currency", "GBP", "--account", "mine"), "an --account has its own currency; leave out --currency"),
    ],
    ids=["another", "unit", "unknown", "digits", "account"],
)
def test_a_currency_that_a_decision_cannot_use_is_refused(openoutcry, market, flags, words):
    ran = openoutcry("decide", "BARC.L", *RULES, *market, *flags)
    assert ran.code == 2
    assert words in ran.err
    assert json.loads(openoutcry("runs", "list", "--json").out) == []
