"""Dividends and splits that the market tells of only after their session."""

from decimal import Decimal

import pytest
from openoutcry.desk.exchange import pass_session
from openoutcry.desk.routing import route
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.orders import Action, Order, OrderClass, OrderType, TimeInForce
from openoutcry.ledger.instrument import Instrument
from openoutcry.ledger.invariants import check_book
from openoutcry.ledger.rules import Bars
from openoutcry.tests.desk.test_hours import FLAT, XNYS, account, market
from openoutcry.tools.folder import open_folder

IN_TIME, LATE, MUCH_LATER = "2025-03-05T12:00:00Z", "2025-03-06T01:00:00Z", "2025-03-07T01:00:00Z"


def order(name, action):
    return Order(
        ClientOrderId(name), Symbol("AAA"), action, Decimal(10), OrderType.MARKET, None, None, None, TimeInForce.DAY,
        OrderClass.SIMPLE, None, None, "r", (),
    )  # fmt: skip


def lived(folder, table, line, *, buy=0, sell=None):
    """Live through six sessions with ten shares bought after one of them, and sold after another."""
    _, sessions = market(folder, [FLAT] * 6)
    (folder / f"{table[0]}.csv").write_text(f"{table[1]}\nAAA,{sessions[2]},{line}\n")
    source, broker = open_folder(folder), account(Bars.DAILY)
    for number, session in enumerate(sessions):
        pass_session(broker, source, XNYS, session)
        if number == buy:
            route(broker, [order("b", Action.BUY)], Instrument("AAA"), "run", Decimal(100))
        if number == sell:
            route(broker, [order("s", Action.SELL)], Instrument("AAA"), "run", Decimal(100))
    assert not [check for check in check_book(broker.journal, broker.book) if check.breaches]
    return broker.book


DIVIDENDS = ("dividends", "ticker,ex_date,amount,seen_at")
SPLITS = ("splits", "ticker,ex_date,ratio,seen_at")


@pytest.mark.parametrize("seen", [IN_TIME, LATE, MUCH_LATER])
def test_a_dividend_is_booked_once_whenever_it_is_heard_of(tmp_path, seen):
    assert lived(tmp_path / "m", DIVIDENDS, f"1,{seen}").equity == 10_001_000


@pytest.mark.parametrize(("buy", "sell"), [(2, None), (1, 2)])
def test_a_late_dividend_is_due_to_who_held_going_into_its_day(tmp_path, buy, sell):
    assert lived(tmp_path / "m", DIVIDENDS, f"1,{LATE}", buy=buy, sell=sell).equity == 10_000_000


def test_a_late_split_of_what_is_held_stops_the_account(tmp_path):
    with pytest.raises(ConfigError, match="the split of AAA on 2025-03-05 became known only after account t"):
        lived(tmp_path / "m", SPLITS, f"2,{LATE}")


def test_a_split_from_before_the_position_is_none_of_its_business(tmp_path):
    assert lived(tmp_path / "m", SPLITS, f"2,{LATE}", buy=2).quantity("AAA") == 10
