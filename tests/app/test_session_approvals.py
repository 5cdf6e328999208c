"""A session whose orders wait for a person: nothing is sent before the answers, and nothing twice after them."""

from datetime import timedelta

import pytest
from openoutcry.app.approvals import ApprovalService
from openoutcry.desk.accounts.stored_account import StoredAccount
from openoutcry.domain.errors import ConfigError, OrderRejected
from openoutcry.tests.app.daily import NAME, XNYS, Killed, killed_at_the_result, open_daily, sessions

FIRST, SECOND = sessions("2025-03-03", 2)
WATCHLIST = "CALDR,GRUND,VEXIL"


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        opened.clock.after_close(FIRST)
        yield opened


def service(daily, **more):
    return ApprovalService(daily.stores.ledger, now=daily.clock, **more)


def proposed(daily):
    return list(daily.book.proposals)


def entries(daily):
    return [order_id for order_id in daily.book.orders if order_id in daily.book.proposals]


def test_nothing_is_sent_until_every_order_is_answered(daily):
    waiting = daily.run(watchlist=WATCHLIST, approve="all")
    assert str(waiting.row.status) == "awaiting_approval"
    assert not daily.book.orders
    first, *others = proposed(daily)
    assert others
    service(daily).approve(NAME, first, by="a person")
    assert daily.daily_run().proceed(NAME, FIRST).row.status == "awaiting_approval"
    for each in others:
        service(daily).deny(NAME, each, by="a person", reason="too risky")
    done = daily.daily_run().proceed(NAME, FIRST)
    assert (str(done.row.status), entries(daily)) == ("done", [first])
    assert daily.daily_run().proceed(NAME, FIRST) is None
    assert daily.run(watchlist=WATCHLIST, approve="all").repeated
    denied = [each.reason for decision in done.record.decisions for each in decision.risk.denied]
    assert any("too risky" in reason for reason in denied)


def test_the_last_answer_continues_the_session(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    running = daily.daily_run()
    result = service(daily, on_complete=running.proceed).approve_session(NAME, FIRST, by="a person")
    assert result.waiting == 0
    assert daily.status(FIRST) == "done"
    assert set(entries(daily)) == set(proposed(daily))


def test_a_run_that_is_repeated_asks_for_no_second_approval(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    before = daily.book.state_hash()
    daily.run(watchlist=WATCHLIST, approve="all")
    assert daily.book.state_hash() == before


def test_orders_without_an_answer_lapse_at_the_deadline(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    first, *_ = proposed(daily)
    daily.clock.now = XNYS.open(SECOND) - timedelta(minutes=9)
    assert [line.order_id for line in service(daily).approve(NAME, first, by="late").lapsed] == [first]
    with pytest.raises(OrderRejected, match="lapsed"):
        service(daily).approve(NAME, first, by="late")
    late = daily.run(FIRST, watchlist=WATCHLIST, approve="all")
    assert str(late.row.status) == "late"
    assert not daily.book.orders
    daily.clock.after_close(SECOND)
    assert daily.run(watchlist=WATCHLIST).row.session == SECOND


def test_the_next_session_closes_one_that_waits(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    daily.clock.after_close(SECOND)
    daily.run(watchlist=WATCHLIST)
    assert (daily.status(FIRST), daily.status(SECOND)) == ("missed", "done")
    before = set(daily.book.orders)
    for order_id in proposed(daily):
        with pytest.raises(OrderRejected, match="lapsed"):
            service(daily).approve(NAME, order_id, by="late")
    assert set(daily.book.orders) == before


def test_a_kill_between_approval_and_submission_sends_every_order_once(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    service(daily).approve_session(NAME, FIRST, by="a person")
    with pytest.raises(Killed), killed_at_the_result(daily):
        daily.daily_run().proceed(NAME, FIRST)
    submitted = daily.book.state_hash()
    assert set(entries(daily)) == set(proposed(daily))
    daily.clock.now = XNYS.open(SECOND)  # the deadline has passed, but the orders had been sent before
    assert str(daily.run(FIRST, watchlist=WATCHLIST, approve="all").row.status) == "done"
    assert daily.book.state_hash() == submitted


def test_a_policy_names_the_orders_that_wait(daily):
    small = daily.run(watchlist=WATCHLIST, approve="above 1000000")
    assert str(small.row.status) == "done"
    with pytest.raises(ConfigError, match="approval policy"):
        daily.run(SECOND, watchlist=WATCHLIST, approve="sometimes")


def test_the_desk_sees_a_denial_and_its_reason_at_the_next_session(daily):
    daily.run(watchlist=WATCHLIST, approve="all")
    service(daily, on_complete=daily.daily_run().proceed).deny_session(NAME, FIRST, by="Ann", reason="not now")
    ledger, runs = daily.stores.ledger, daily.stores.runs
    account = StoredAccount(ledger, NAME, daily.stores.source, runs.find_decision)
    shown = [order.status for symbol in WATCHLIST.split(",") for order in account.view(symbol).last_orders]
    assert shown
    assert all("Ann" in text and "not now" in text for text in shown)
