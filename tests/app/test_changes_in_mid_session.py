"""An account that a person changes from another shell while one of its sessions is at work or was killed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from openoutcry.app.approvals import ApprovalService
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.account import AccountState
from openoutcry.domain.errors import OrderRejected
from openoutcry.domain.orders import Action, OrderType, TimeInForce
from openoutcry.domain.times import iso_time
from openoutcry.market.view import MarketView
from openoutcry.tests.app.daily import NAME, XNYS, Killed, Observer, killed_at_the_result, open_daily, sessions

FIRST, SECOND = sessions("2025-03-03", 2)
GTC = TimeInForce.GTC
WATCHLIST = "CALDR,GRUND,VEXIL"


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        opened.clock.after_close(FIRST)
        yield opened


def transact(daily, command):
    with daily.stores.ledger.transaction(NAME) as broker:
        command(broker)


def kill_at(daily, ticker="GRUND", **flags):
    """Run a session that is killed when the run of `ticker` begins."""

    def stop(run):
        if run.ticker == ticker:
            raise Killed

    with pytest.raises(Killed):
        replace(daily, observer=Observer(stop)).run(watchlist=WATCHLIST, **flags)


def asked_of(decision):
    return [(order.action, order.quantity, order.limit_price, order.stop_price) for order in decision.risk.asked]


def enter(daily, symbol="GRUND", quantity=1, at=FIRST):
    """Enter a limit order far below the market as a person does; it rests."""
    close = MarketView(daily.stores.source, XNYS.close(at)).bars(symbol, count=1)[-1].close
    limit = (close * 9 / 10).quantize(Decimal("0.01"))
    order = ManualOrder(symbol, Action.BUY, Decimal(quantity), OrderType.LIMIT, limit, time_in_force=GTC)
    daily.clock.after_close(at)
    service = ManualOrderService(daily.settings, daily.stores.ledger, daily.observer.notice)
    return service.submit(EntryKey(NAME, as_of=iso_time(daily.clock.now)), order).order_id


@pytest.mark.parametrize(
    "change",
    [
        lambda broker: broker.deposit("more", 5_000_000),
        lambda broker: broker.withdraw("less", 1_000_000),
        lambda broker: broker.reduce("a person"),
    ],
)
def test_a_killed_session_goes_on_with_the_account_that_it_was_begun_with(daily, tmp_path, change):
    with open_daily(tmp_path / "undisturbed") as other:
        other.clock.after_close(FIRST)
        expected = other.run(watchlist=WATCHLIST).record.decisions
    kill_at(daily)
    transact(daily, change)
    result = daily.run(watchlist=WATCHLIST)
    assert str(result.row.status) == "done"
    assert [asked_of(each) for each in result.record.decisions] == [asked_of(each) for each in expected]


def test_a_killed_session_of_an_account_that_was_halted_sends_nothing(daily):
    kill_at(daily)
    transact(daily, lambda broker: broker.halt("a person"))
    result = daily.run(watchlist=WATCHLIST)
    assert (str(result.row.status), result.state) == ("missed", AccountState.HALTED)
    assert not daily.book.orders


def test_a_trigger_does_not_act_again_on_a_session_after_a_person_resumed_the_account(tmp_path):
    limits = {"max_daily_loss": "0.00001", "action": "reduce"}
    with open_daily(tmp_path / "home", safety=limits) as daily:
        for session in sessions("2025-03-03", 20):
            daily.clock.after_close(session)
            kill_at(daily)
            if daily.book.state is AccountState.REDUCING:
                break
            daily.run(watchlist=WATCHLIST)
        assert daily.book.state is AccountState.REDUCING
        transact(daily, lambda broker: broker.resume())
        assert str(daily.run(watchlist=WATCHLIST).row.status) == "done"
        assert daily.book.state is AccountState.ACTIVE


def test_proposals_of_a_session_that_was_skipped_or_abandoned_cannot_be_approved(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    first = list(daily.book.proposals)
    daily.run(watchlist=WATCHLIST, approve="all", attempt=2)
    second = [each for each in daily.book.proposals if each not in first]
    transact(daily, lambda broker: broker.halt("a person"))
    assert str(daily.run(watchlist=WATCHLIST, approve="all").row.status) == "missed"
    transact(daily, lambda broker: broker.resume())
    assert first
    assert second
    for order_id in (*first, *second):
        with pytest.raises(OrderRejected, match="lapsed"):
            ApprovalService(daily.stores.ledger, now=daily.clock).approve(NAME, order_id, by="late")


def test_an_order_of_a_person_in_mid_session_withholds_the_orders_of_its_symbol_only(daily):
    def trade(run):
        if run.ticker == "VEXIL":
            entered.append(enter(daily, "GRUND"))

    entered = []
    result = replace(daily, observer=Observer(trade)).run(watchlist=WATCHLIST)
    assert str(result.row.status) == "done"
    by_ticker = {each.ticker: each for each in result.record.decisions}
    assert "came to rest" in by_ticker["GRUND"].risk.denied[-1].reason
    assert any(each.submissions for each in result.record.decisions)
    assert [each.terms.order_id for each in daily.stores.ledger.broker(NAME).resting_entries("GRUND")] == entered


def test_withheld_orders_are_not_sent_by_a_rerun_after_the_person_canceled_the_own_one(daily):
    def trade(run):
        if run.ticker == "VEXIL":
            entered.append(enter(daily, "GRUND"))

    entered = []
    with pytest.raises(Killed), killed_at_the_result(daily):
        replace(daily, observer=Observer(trade)).run(watchlist=WATCHLIST)
    transact(daily, lambda broker: broker.cancel(entered[0]))
    assert str(daily.run(watchlist=WATCHLIST).row.status) == "done"
    desks = [each for each in daily.book.orders.values() if each.terms.symbol == "GRUND"]
    assert [each.terms.order_id for each in desks] == entered
