"""Accounts of coins: every day is a session, every part of a coin trades, and cash changes hands at once."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.accounts.paper_account import advance_account, check_current_session, submit_decision
from openoutcry.domain.decision import (
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    Provenance,
    RiskOutcome,
    Usage,
)
from openoutcry.domain.ids import ClientOrderId, RunId, Symbol
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model import chart_of_accounts
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.market.folder import open_folder

ALWAYS = trading_calendar("24/7")
FRIDAY = date(2025, 3, 7)
ROWS = [
    "100000,101000,99000,100000",
    "100000,101000,99000,100000",
    "100000,100500,99500,100000",
    "100000,112000,99900,111000",
    "111000,111000,111000,111000",
]


@pytest.fixture
def market(tmp_path):
    days = [FRIDAY + timedelta(days=number) for number in range(len(ROWS))]
    lines = [f"BTC,{day},{prices},5000" for day, prices in zip(days, ROWS, strict=True)]
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "crypto_daily.csv").write_text("\n".join(["ticker,date,open,high,low,close,volume", *lines]))
    return open_folder(tmp_path / "m")


def decision(session):
    order = Order(
        ClientOrderId("b"), Symbol("BTC"), Action.BUY, Decimal("0.123456"), OrderType.LIMIT, Decimal("99999.50"), None,
        None, TimeInForce.GTC, OrderClass.BRACKET, TakeProfit(Decimal(110_000)), StopLoss(Decimal(95_000)), "r", (),
    )  # fmt: skip
    return Decision(
        RunId("r"), Symbol("BTC"), ALWAYS.close(session), "debate", ModelInfo("rules", "rules", "rules"),
        MarketInfo("folder", "", synthetic=False), Outcome.ORDERS, None, None, RiskOutcome(allowed=(order,)), (), (),
        (), (), (), Usage({}, None, 0.0), Provenance("", "", {}, 0, ()),
    )  # fmt: skip


def test_a_coin_is_bought_and_sold_over_a_weekend_in_parts(tmp_path, market):
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", trading_calendar)
    ledger.create("c", AccountRules(calendar="24/7", participation_bps=None))
    with ledger.transaction("c") as broker:
        broker.deposit("opening", 10_000_000)
    advance_account(ledger, "c", market, ALWAYS, FRIDAY)
    sent = submit_decision(ledger, "c", decision(FRIDAY), market, FRIDAY)
    assert [answer.accepted for answer in sent.submissions] == [True]
    advance_account(ledger, "c", market, ALWAYS, FRIDAY + timedelta(days=1))
    assert ledger.broker("c").book.quantity("BTC") == 0  # the bar of Saturday starts when that of Friday closes
    advance_account(ledger, "c", market, ALWAYS, FRIDAY + timedelta(days=2))
    book = ledger.broker("c").book
    assert book.quantity("BTC") == 123_456
    assert book.balance(chart_of_accounts.CASH) == 10_000_000 - 1_234_554  # 0.123456 x 99,999.50, at once
    advance_account(ledger, "c", market, ALWAYS, FRIDAY + timedelta(days=4))
    book = ledger.broker("c").book
    check_current_session(book, FRIDAY + timedelta(days=4))
    assert book.positions == {}
    assert book.balance(chart_of_accounts.CASH) == 10_000_000 - 1_234_554 + 1_358_016
    assert not [check for check in verify(ledger, "c") if check.breaches]
    ledger.close()


def test_a_decision_on_the_next_day_leaves_the_entry_that_has_just_become_eligible(tmp_path, market):
    """The entry of Friday is in force when Sunday begins, which is when Saturday is decided: a hold comes too late."""
    saturday, sunday = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=2)
    with closing(Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", trading_calendar)) as ledger:
        ledger.create("c", AccountRules(calendar="24/7", participation_bps=None))
        with ledger.transaction("c") as broker:
            broker.deposit("opening", 10_000_000)
        advance_account(ledger, "c", market, ALWAYS, FRIDAY)
        submit_decision(ledger, "c", decision(FRIDAY), market, FRIDAY)
        advance_account(ledger, "c", market, ALWAYS, saturday)
        hold = replace(decision(saturday), run_id=RunId("r2"), outcome=Outcome.HOLD, risk=RiskOutcome(allowed=()))
        assert submit_decision(ledger, "c", hold, market, saturday).superseded == ()
        advance_account(ledger, "c", market, ALWAYS, sunday)
        assert ledger.broker("c").book.quantity("BTC") == 123_456
