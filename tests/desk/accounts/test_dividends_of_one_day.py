"""Several dividends of one ex-date: each is paid once, in time or late."""

from openoutcry.ledger.model import chart_of_accounts
from openoutcry.tests.desk.accounts.cases import (
    buy,
    daily,
    flat_days,
    margin_account,
    sessions,
    shared_case,
    walk,
    write_market,
)

DAYS = sessions(6)
PRICES = daily(flat_days(dict.fromkeys(DAYS, 100)))
BOTH = "ticker,ex_date,amount,pay_date\nAAA,2025-03-06,0.5,2025-03-10\nAAA,2025-03-06,7,2025-03-10"


def received(broker):
    return -broker.book.balance(chart_of_accounts.DIVIDENDS)


def test_a_special_and_a_regular_dividend_are_two_payments(tmp_path):
    source = write_market(tmp_path / "m", {"prices_daily.csv": PRICES, "dividends.csv": BOTH})
    broker = margin_account()
    walk(broker, source, DAYS, buy(100))
    assert (received(broker), broker.book.cash, broker.book.dividends) == (75_000, 9_075_000, {})


def test_the_second_dividend_of_a_day_that_becomes_known_late_is_paid_once(tmp_path):
    early = {"prices_daily.csv": PRICES, "dividends.csv": BOTH.rsplit("\n", 1)[0]}
    broker = margin_account()
    walk(broker, write_market(tmp_path / "m", early), DAYS[:4], buy(100))
    assert received(broker) == 5_000
    both = write_market(tmp_path / "m", {"dividends.csv": BOTH})
    for session in DAYS[4:]:
        walk(broker, both, (session,))
    assert (received(broker), broker.book.cash) == (75_000, 9_075_000)


def test_the_shared_example_pays_both():
    broker = margin_account()
    walk(broker, shared_case("12-special-and-regular"), DAYS, buy(100))
    assert (received(broker), broker.book.cash) == (75_000, 9_075_000)
