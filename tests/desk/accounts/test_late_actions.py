"""Dividends and splits that the market tells of only after their session."""

from datetime import timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.accounts.market_replay import advance_session, ignore_notice
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    TimeInForce,
)
from openoutcry.ledger.model import chart_of_accounts
from openoutcry.ledger.model.account_rules import BarInterval
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.reports.audit import check_book
from openoutcry.market.folder import open_folder
from openoutcry.tests.desk.accounts.test_hours import (
    FLAT,
    XNYS,
    account,
    market,
)

IN_TIME, LATE, MUCH_LATER = "2025-03-05T12:00:00Z", "2025-03-06T01:00:00Z", "2025-03-07T01:00:00Z"
LAST_OF_ALL = "2025-03-08T01:00:00Z"


def order(name, action):
    return Order(
        ClientOrderId(name), Symbol("AAA"), action, Decimal(10), OrderType.MARKET, None, None, None, TimeInForce.DAY,
        OrderClass.SIMPLE, None, None, "r", (),
    )  # fmt: skip


def lived(folder, table, line, *, buy=0, sell=None, split=None, outage=None, told=None):
    """Live through six sessions with ten shares bought after one of them, and sold or split after another.

    `outage` is a session in which the source cannot tell of dividends; what is said goes into `told`.
    """
    _, sessions = market(folder, [FLAT] * 6)
    (folder / f"{table[0]}.csv").write_text(f"{table[1]}\nAAA,{sessions[2]},{line}\n")
    if split is not None:
        (folder / "splits.csv").write_text(f"ticker,ex_date,ratio\nAAA,{sessions[split]},2\n")
    source, broker = open_folder(folder), account(BarInterval.DAILY)
    for number, session in enumerate(sessions):
        market_now = Mute(source) if number == outage else source
        advance_session(broker, market_now, XNYS, session, ignore_notice if told is None else told.append)
        if number == buy:
            submit_orders(broker, [order("b", Action.BUY)], Instrument("AAA"), "run", Decimal(100))
        if number == sell:
            submit_orders(broker, [order("s", Action.SELL)], Instrument("AAA"), "run", Decimal(100))
    assert not [check for check in check_book(broker.journal, broker.book) if check.breaches]
    return broker.book


class Mute:
    """A source that cannot be asked for dividends."""

    def __init__(self, source):
        self.source = source

    def __getattr__(self, name):
        return getattr(self.source, name)

    def dividends(self, symbol, *, until):
        raise SourceUnavailable("the vendor is down")


def dividends_booked(book):
    return -book.balance(chart_of_accounts.DIVIDENDS)


DIVIDENDS = ("dividends", "ticker,ex_date,amount,seen_at")
SPLITS = ("splits", "ticker,ex_date,ratio,seen_at")


@pytest.mark.parametrize("seen", [IN_TIME, LATE, MUCH_LATER])
def test_a_dividend_is_booked_once_whenever_it_is_heard_of(tmp_path, seen):
    assert lived(tmp_path / "m", DIVIDENDS, f"1,{seen}").equity == 10_001_000


@pytest.mark.parametrize(("buy", "sell"), [(2, None), (1, 2)])
def test_a_late_dividend_is_due_to_who_held_going_into_its_day(tmp_path, buy, sell):
    assert lived(tmp_path / "m", DIVIDENDS, f"1,{LATE}", buy=buy, sell=sell).equity == 10_000_000


def test_a_dividend_heard_of_after_the_shares_were_sold_is_booked_once(tmp_path):
    assert lived(tmp_path / "m", DIVIDENDS, f"1,{MUCH_LATER}", sell=2).equity == 10_001_000


def test_a_dividend_heard_of_after_a_split_is_on_the_shares_of_its_day(tmp_path):
    book = lived(tmp_path / "m", DIVIDENDS, f"1,{MUCH_LATER}", split=3)
    assert (book.quantity("AAA"), dividends_booked(book)) == (20, 1_000)


def test_an_outage_for_what_is_no_longer_held_is_told_and_stops_nothing(tmp_path):
    told = []
    book = lived(tmp_path / "m", DIVIDENDS, f"1,{MUCH_LATER}", sell=2, outage=4, told=told)
    assert dividends_booked(book) == 1_000
    assert [line for line in told if "no longer held" in line and "the vendor is down" in line] == told != []
    with pytest.raises(SourceUnavailable):
        lived(tmp_path / "held", DIVIDENDS, f"1,{MUCH_LATER}", outage=4)


def test_nobody_asks_for_dividends_of_what_was_sold_long_ago(tmp_path, monkeypatch):
    monkeypatch.setattr("openoutcry.desk.accounts.late_corporate_actions.LOOKBACK", timedelta(0))
    assert dividends_booked(lived(tmp_path / "m", DIVIDENDS, f"1,{LAST_OF_ALL}", sell=2)) == 0
    assert dividends_booked(lived(tmp_path / "n", DIVIDENDS, f"1,{MUCH_LATER}", sell=2)) == 1_000


def test_a_late_split_of_what_is_held_quarantines_the_symbol(tmp_path):
    book = lived(tmp_path / "m", SPLITS, f"2,{LATE}")
    found = book.quarantined["AAA"]
    assert "the split of AAA on 2025-03-05 became known only after account t" in found.reason
    assert (found.session, book.session) == ("2025-03-06", "2025-03-10")


def test_a_split_from_before_the_position_is_none_of_its_business(tmp_path):
    assert lived(tmp_path / "m", SPLITS, f"2,{LATE}", buy=2).quantity("AAA") == 10
