"""Amounts of different currencies never meet: a symbol in another currency than the account's is refused."""

from datetime import UTC, datetime

import pytest
from contracts.market_folder import DAILY, MarketFolder, bar
from openoutcry.desk.accounts.currency import check_currency
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol

AS_OF = datetime(2025, 6, 30, 22, tzinfo=UTC)
NAMES = ("BARC.L", "0700.HK", "SWISS", "PENCE", "PLAIN")


@pytest.fixture
def source(tmp_path):
    (tmp_path / "market").mkdir()
    folder = MarketFolder(tmp_path / "market")
    folder.csv("prices_daily.csv", DAILY, *(bar(name, "2025-06-03") for name in NAMES))
    seen = {"seen_at": "2025-06-20T00:00:00Z"}
    folder.jsonl(
        "profile.jsonl",
        {"ticker": "SWISS", "name": "S", "currency": "CHF", **seen},
        {"ticker": "PENCE", "name": "P", "currency": "GBp", **seen},
    )
    return folder.open()


@pytest.mark.parametrize(
    ("symbol", "currency", "words"),
    [
        ("BARC.L", "USD", "BARC.L is quoted in hundredths of GBP and the account is in USD"),
        ("BARC.L", "GBP", "this market does not convert to whole GBP"),
        ("0700.HK", "USD", "0700.HK is quoted in HKD and the account is in USD"),
        ("SWISS", "USD", "SWISS is quoted in CHF"),
        ("PENCE", "GBP", "hundredths of GBP"),
        ("PLAIN", "EUR", "PLAIN is quoted in USD"),
        ("BTC-EUR", "USD", "BTC-EUR is quoted in EUR"),
    ],
)
def test_another_currency_or_unit_is_refused(source, symbol, currency, words):
    with pytest.raises(ConfigError, match=words):
        check_currency(source, Symbol(symbol), currency, AS_OF)


@pytest.mark.parametrize(
    ("symbol", "currency"),
    [("0700.HK", "HKD"), ("SWISS", "CHF"), ("PLAIN", "USD"), ("BTC-USD", "USD"), ("BTC-USDT", "USD")],
)
def test_the_same_currency_is_taken(source, symbol, currency):
    check_currency(source, Symbol(symbol), currency, AS_OF)


def test_a_profile_counts_from_the_time_it_was_seen(source):
    check_currency(source, Symbol("SWISS"), "USD", datetime(2025, 6, 10, tzinfo=UTC))
