"""The scheduler of an account under a clock of the test: every session once, and no error ends it."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from openoutcry.app.account_server import AccountServer
from openoutcry.app.approvals import ApprovalService
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.paper_section import OnMissed
from openoutcry.domain.account import AccountState
from openoutcry.domain.errors import StoreLocked
from openoutcry.tests.app.daily import NAME, XNYS, Observer, locked, open_daily, server, sessions
from openoutcry.tests.leaking_source import LeakingSource

FIRST, SECOND, THIRD = sessions("2025-03-03", 3)
YEARS = (date(2023, 3, 1), date(2025, 2, 28))


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        opened.clock.after_close(FIRST)
        yield opened


def test_two_years_have_every_session_once(tmp_path):
    """The clock is looked at every few hours; it crosses four changes to and from daylight saving time."""
    draw, (first, last) = random.Random(5), YEARS
    with open_daily(tmp_path / "home", remember=False, desk="single_agent") as daily:
        daily.clock.after_close(first)
        serving, end = server(daily), XNYS.close(last) + timedelta(hours=12)
        while daily.clock.now < end:
            serving.tick()
            daily.clock.now += timedelta(minutes=draw.randint(20, 500))
        rows = daily.stores.sessions.rows(NAME)
        runs = daily.stores.runs.runs()
    assert [row.session for row in reversed(rows)] == list(XNYS.between(first, last))
    assert {str(row.status) for row in rows} == {"done"}
    assert len({run.as_of for run in runs}) == len(runs) == len(rows)


def test_nothing_is_due_on_a_weekend_or_a_holiday(daily):
    serving = server(daily)
    serving.tick()
    for hours in range(1, 12):
        daily.clock.now = XNYS.close(date(2025, 4, 17)) + timedelta(hours=7 * hours)  # Good Friday and its weekend
        serving.tick()
    assert [str(row.session) for row in daily.stores.sessions.rows(NAME, limit=1)] == ["2025-04-17"]


def test_a_heartbeat_shows_what_the_scheduler_does(daily):
    serving = server(daily)
    serving.tick()
    beat = daily.stores.sessions.heartbeat(NAME)
    assert (beat.at, beat.state, beat.missed) == (daily.clock.now, "waiting", 0)
    assert beat.next_fire == XNYS.close(SECOND) + timedelta(minutes=30)
    daily.clock.after_close(THIRD)
    serving.tick()
    serving.stop()
    beat = daily.stores.sessions.heartbeat(NAME)
    assert (beat.state, beat.next_fire, beat.missed) == ("stopped", None, 1)


@pytest.mark.parametrize(("policy", "status"), [(OnMissed.RECORD, "missed"), (OnMissed.DECIDE_LATEST, "done")])
def test_a_start_after_the_time_of_a_session(daily, policy, status):
    daily.clock.now += timedelta(hours=3)
    server(daily, on_missed=policy).tick()
    assert daily.status(FIRST) == status


@pytest.mark.parametrize(("looks", "minutes", "pause_s"), [(3, 11, 120), (70, 10, 600)])
def test_a_locked_database_costs_time_only(daily, looks, minutes, pause_s):
    """The pauses between attempts are doubled, up to the longest one of ten minutes."""
    daily.stores.sessions._file.connection.execute("PRAGMA busy_timeout=1")
    serving = server(daily)
    with locked(daily.settings.home / "sessions.db"):
        for _ in range(looks):
            assert serving.tick() is None
            daily.clock.now += timedelta(minutes=minutes)
    retried = [notice for notice in daily.observer.notices if "trying again in" in notice]
    assert retried[-1].endswith(f"trying again in {pause_s} s")
    assert "locked" in retried[-1]
    assert serving.tick() is not None
    assert daily.status(FIRST) == "done"
    assert daily.stores.sessions.heartbeat(NAME).error == ""


def test_a_defect_fails_its_session_and_the_next_ones_go_on(daily):
    leaking = daily.with_source(LeakingSource(daily.stores.source, "bars", only_at=XNYS.close(FIRST)))
    serving = server(leaking)
    assert serving.tick() is None
    assert "5 days" not in leaking.observer.notices[0]
    assert daily.book.state is AccountState.HALTED
    with daily.stores.ledger.transaction(NAME) as broker:
        broker.resume()
    daily.clock.after_close(SECOND)
    assert str(serving.tick().row.status) == "done"


def test_a_second_scheduler_of_an_account_is_refused(daily):
    lease = daily.stores.sessions.lease(NAME, "the scheduler of account")
    with lease.held(), pytest.raises(StoreLocked), lease.held():
        pass


def test_a_stopped_session_is_continued(daily):
    serving = server(daily, "CALDR,GRUND")
    stopping = replace(daily, observer=Observer(lambda _run: serving.stop()))
    serving._run._observer = stopping.observer
    assert serving.tick() is None
    assert daily.status(FIRST) == "running"
    assert not daily.book.orders
    server(daily, "CALDR,GRUND").tick()
    assert daily.status(FIRST) == "done"


def stopped_at_the_first_decision(daily):
    """Serve until the first decision, and leave the session parked."""
    serving = server(daily, "CALDR,GRUND")
    serving._run._observer = Observer(lambda _run: serving.stop())
    assert serving.tick() is None
    assert daily.status(FIRST) == "running"


def test_a_parked_session_goes_on_at_a_later_start_that_records_missed_ones(daily):
    stopped_at_the_first_decision(daily)
    daily.clock.now += timedelta(hours=3)
    server(daily, "CALDR,GRUND", on_missed=OnMissed.RECORD).tick()
    assert daily.status(FIRST) == "done"


def test_orders_that_were_approved_without_being_sent_are_sent_by_the_scheduler(daily):
    request = session_request(None, SessionFlags(NAME, "CALDR,GRUND", approve="all"))
    serving = AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock)
    assert str(serving.tick().row.status) == "awaiting_approval"
    assert serving.tick() is None
    answers = ApprovalService(daily.stores.ledger, now=daily.clock)  # its process ends before it continues the session
    answers.approve_session(NAME, FIRST, by="a person")
    assert str(serving.tick().row.status) == "done"
    assert set(daily.book.proposals) <= set(daily.book.orders)
