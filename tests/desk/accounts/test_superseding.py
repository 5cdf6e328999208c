"""What rests of earlier decisions ends only where a later one takes its place."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import openoutcry.desk.accounts.paper_account as desk
import pytest
from openoutcry.desk.accounts.paper_account import advance_account, submit_decision
from openoutcry.domain.decision import (
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    Provenance,
    RiskOutcome,
    Usage,
)
from openoutcry.domain.errors import StaleDecision
from openoutcry.domain.ids import ClientOrderId, RunId, Symbol
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    TimeInForce,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.tests.desk.accounts.test_hours import FLAT, XNYS, market

TIGHT = 10**6  # shares: more than the account can pay


def order(name, quantity=10, limit=90, tif=TimeInForce.GTC):
    return Order(
        ClientOrderId(name), Symbol("AAA"), Action.BUY, Decimal(quantity), OrderType.LIMIT, Decimal(limit), None, None,
        tif, OrderClass.SIMPLE, None, None, "r", (),
    )  # fmt: skip


def decision(run, session, *orders, knew=(), asked=()):
    risk = RiskOutcome(asked=(*asked, *orders), allowed=orders)
    return Decision(
        RunId(run), Symbol("AAA"), XNYS.close(session), "debate", ModelInfo("rules", "rules", "rules"),
        MarketInfo("folder", "", synthetic=False), Outcome.ORDERS if orders else Outcome.HOLD, None, None, risk, (), (),
        (), (), (), Usage({}, None, 0.0), Provenance("", "", {}, 0, ()), superseded=tuple(map(ClientOrderId, knew)),
    )  # fmt: skip


@pytest.fixture
def desk_at(tmp_path):
    """Open an account at its second session, with an entry of the first one resting in it."""
    source, sessions = market(tmp_path / "m", [FLAT] * 6)
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", trading_calendar)
    ledger.create("t", AccountRules())
    with ledger.transaction("t") as broker:
        broker.deposit("opening", 1_000_000)
    advance_account(ledger, "t", source, XNYS, sessions[0])
    submit_decision(ledger, "t", decision("r1", sessions[0], order("e1")), source, sessions[0])
    advance_account(ledger, "t", source, XNYS, sessions[1])
    yield ledger, source, sessions
    ledger.close()


def sent(desk_at, *orders, run="r2", knew=("e1",), asked=()):
    ledger, source, sessions = desk_at
    return submit_decision(
        ledger, "t", decision(run, sessions[1], *orders, knew=knew, asked=asked), source, sessions[1]
    )


def status(ledger, order_id):
    return ledger.broker("t").book.order(order_id).status


def test_an_order_that_is_taken_takes_the_place_of_what_rests_and_so_does_a_hold_that_was_meant(desk_at):
    assert sent(desk_at, order("e2", 100)).superseded == ("e1",)
    assert status(desk_at[0], "e1") == "canceled"
    assert sent(desk_at, run="r3", knew=("e2",)).superseded == ("e2",)
    assert status(desk_at[0], "e2") == "canceled"


def test_an_order_is_taken_for_the_buying_power_that_what_rests_gives_free(desk_at):
    (answer,) = sent(desk_at, order("e2", 105)).submissions
    assert answer.accepted


def test_a_decision_for_a_halted_account_supersedes_nothing_because_the_halt_has_canceled_the_entries(desk_at):
    with desk_at[0].transaction("t") as broker:
        broker.halt("drill")
    for run, orders in (("r2", [order("e2")]), ("r3", [])):
        assert sent(desk_at, *orders, run=run).superseded == ()
        assert desk_at[0].broker("t").book.order("e1").reason == "account_halted"


def test_nothing_ends_for_orders_that_the_broker_refuses_or_the_limits_deny(desk_at):
    refused = sent(desk_at, order("e2", TIGHT))
    assert [answer.reason for answer in refused.submissions] == ["insufficient_buying_power"]
    denied = sent(desk_at, run="r3", asked=(order("e3"),))
    assert refused.superseded == denied.superseded == ()
    assert status(desk_at[0], "e1") == "open"


def test_a_decision_does_not_end_what_it_was_not_shown(desk_at):
    sent(desk_at, order("e2"), run="newer")
    for orders in ([], [order("e3")]):
        with pytest.raises(StaleDecision, match="e2 came to rest in account t after run older"):
            sent(desk_at, *orders, run="older")
    assert status(desk_at[0], "e2") == "open"


def test_an_order_that_comes_in_between_lives_through_every_session(desk_at, monkeypatch):
    ledger, source, sessions = desk_at
    sent(desk_at)
    file, due, locked = ledger.database.url.removeprefix("sqlite:///"), desk.pending_sessions, []

    def meanwhile(book, *more):
        """Say what is due while another process would like to write."""
        with closing(sqlite3.connect(file, timeout=0)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                locked.append(book.session)
        return due(book, *more)

    monkeypatch.setattr(desk, "pending_sessions", meanwhile)
    advance_account(ledger, "t", source, XNYS, sessions[4])
    assert locked == [sessions[1].isoformat(), sessions[4].isoformat()]
