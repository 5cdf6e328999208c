"""Shares quoted in pence: an account in pounds buys them at a hundredth of the price, to the last digit."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from decisions import decision
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import DelistingRecord, Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.market.view import MarketView
from openoutcry.market.whole_currency import WholeCurrencySource
from openoutcry.tests.desk.accounts.cases import buy, shared_case, write_market
from openoutcry.tools.quote import build_quote

XLON = trading_calendar("XLON")
BARCLAYS = Symbol("BARC.L")
DAYS = XLON.between(date(2025, 6, 2), date(2025, 6, 5))
PENCE = ("414.10", "415.41", "416.0125", "400")
MANIFEST = '{"schema": "openoutcry.market/1", "name": "folder", "calendars": {"BARC.L": "XLON"}}'


@pytest.fixture
def market(tmp_path):
    """Return London bars of one price in pence a day, with a dividend of 2.75 pence."""
    rows = [f"BARC.L,{day},{p},{p},{p},{p},30000000" for day, p in zip(DAYS, PENCE, strict=True)]
    files = {
        "market.json": MANIFEST,
        "prices_daily.csv": "\n".join(["ticker,date,open,high,low,close,volume", *rows]),
        "dividends.csv": f"ticker,ex_date,amount\nBARC.L,{DAYS[2]},2.75",
    }
    return WholeCurrencySource(write_market(tmp_path / "m", files), by_profile=True)


def bought(source, days, order):
    account = InMemoryAccount.open("t", AccountRules(margin=True, calendar="XLON"), 10_000_000, source, currency="GBP")
    account.advance(days[0])
    (answered,) = account.submit([decision("run", BARCLAYS, XLON.close(days[0]), order)])
    assert [answer.accepted for answer in answered.submissions] == [True]
    account.advance(days[1])
    return account


def test_three_shares_at_415_41_pence_cost_12_46_pounds(market):
    account = bought(market, DAYS, buy(3, symbol=BARCLAYS))
    assert (account.book.quantity(BARCLAYS), account.book.cash) == (3, 10_000_000 - 1246)


def test_the_shared_example_costs_the_same():
    source = WholeCurrencySource(shared_case("21-gbp-pence"), by_profile=True)
    account = bought(source, (date(2025, 6, 2), date(2025, 6, 3)), buy(3, symbol=BARCLAYS))
    assert account.book.cash == 10_000_000 - 1246


def test_fractions_of_a_penny_and_dividends_in_pence_are_exact(market):
    account = bought(market, DAYS, buy(10_000, symbol=BARCLAYS, limit="4.1545"))
    assert account.book.cash == 10_000_000 - 4_154_100
    account.advance(DAYS[2])
    assert account.book.equity == 10_000_000 - 4_154_100 + 4_160_125 + 27_500


def test_a_quote_is_in_pounds_with_steps_of_a_hundredth_of_a_penny(market):
    at = XLON.close(DAYS[2])
    assert [bar.close for bar in MarketView(market, at).bars(BARCLAYS, count=3)] == [
        Decimal("4.1410"), Decimal("4.1541"), Decimal("4.160125"),
    ]  # fmt: skip
    assert build_quote(MarketView(market, at), BARCLAYS).tick == Decimal("0.0001")


def test_the_price_of_a_delisting_is_converted(market):
    at = datetime(2025, 6, 10, tzinfo=UTC)
    record = DelistingRecord(BARCLAYS, date(2025, 6, 6), Decimal("150"), at)
    market.inner.delistings = lambda symbol, *, until: (record, replace(record, price=None))
    assert [each.price for each in market.delistings(BARCLAYS, until=at)] == [Decimal("1.50"), None]


def test_a_profile_in_pence_converts_a_ticker_without_a_suffix_once_it_is_known(tmp_path):
    files = {
        "prices_daily.csv": "ticker,date,open,high,low,close,volume\nPENCE,2025-06-03,250,250,250,250,1000",
        "profile.jsonl": '{"ticker": "PENCE", "name": "P", "currency": "GBp", "seen_at": "2025-06-20T00:00:00Z"}',
    }
    source = WholeCurrencySource(write_market(tmp_path / "p", files), by_profile=True)

    def close(day):
        (bar,) = source.bars(Symbol("PENCE"), Interval.DAY, until=datetime(2025, 6, day, tzinfo=UTC), count=1)
        return bar.close

    assert (close(19), close(21)) == (Decimal(250), Decimal("2.50"))
    assert source.profile(Symbol("PENCE"), until=datetime(2025, 6, 21, tzinfo=UTC)).currency == "GBP"
