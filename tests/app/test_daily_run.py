"""A session of a paper account: once, in its time, continued after a stop, and with a clear row whatever goes wrong."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts.account_performance import unit_values
from openoutcry.domain.account import AccountState
from openoutcry.domain.errors import (
    AccountMovedOn,
    ConfigError,
    LookAheadError,
    SourceUnavailable,
    StoreLocked,
)
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.reports.history import executions
from openoutcry.tests.app.daily import NAME, XNYS, Killed, Observer, open_daily, sessions
from openoutcry.tests.leaking_source import LeakingSource
from stub.webhook import webhook

FIRST, SECOND, THIRD, FOURTH, FIFTH = sessions("2025-03-03", 5)


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        opened.clock.after_close(FIRST)
        yield opened


def decided(daily):
    return sorted(run.ticker for run in daily.stores.runs.runs())


def test_a_session_is_run_once(daily):
    first = daily.run()
    before = daily.book.state_hash()
    again = daily.run()
    assert (str(first.row.status), again.repeated) == ("done", True)
    assert again.row == first.row
    assert first.row.session == FIRST
    assert daily.book.state_hash() == before
    assert decided(daily) == ["CALDR", "GRUND"]
    assert {run.status for run in daily.stores.runs.runs()} == {"done"}
    for run in daily.stores.runs.runs():
        assert daily.stores.runs.decision(run.run_id).submissions is not None


def test_the_orders_of_a_session_fill_in_the_next(daily):
    daily.run()
    daily.clock.after_close(SECOND)
    result = daily.run()
    filled = [order for order in daily.book.orders.values() if order.filled]
    assert filled
    assert result.record.events.events
    assert result_of(result.row).index != 1


@pytest.mark.parametrize(
    ("day", "message"),
    [("2025-03-01", "is not a session"), ("2025-01-20", "is not a session"), ("2025-03-05", "has not closed")],
)
def test_a_day_that_cannot_be_decided_is_refused(daily, day, message):
    with pytest.raises(ConfigError, match=message):
        daily.run(date.fromisoformat(day))
    assert daily.stores.sessions.rows(NAME) == ()


def test_a_session_is_not_decided_before_its_bars_are_complete(daily):
    daily.clock.after_close(FIRST, minutes=10)
    with pytest.raises(ConfigError, match="2025-03-03 21:30"):
        daily.run(FIRST)
    assert str(daily.run(FIRST, force="bars are here").row.status) == "done"


def test_without_a_session_the_last_one_that_is_due_is_taken(daily):
    daily.clock.after_close(SECOND, minutes=10)
    assert daily.run(force="late").row.session == FIRST


def test_a_missed_deadline_settles_and_decides_nothing(daily):
    daily.run()
    daily.clock.now = XNYS.open(THIRD) - timedelta(minutes=10)
    missed = daily.run(SECOND)
    assert (str(missed.row.status), missed.record) == ("missed", None)
    assert daily.book.session == SECOND.isoformat()
    assert len(decided(daily)) == 2
    forced = daily.run(SECOND, force="a test")
    assert (str(forced.row.status), forced.row.note) == ("done", "forced: a test")
    assert len(decided(daily)) == 4


def test_missed_sessions_are_settled_on_their_own_bars_and_recorded(daily):
    daily.run()
    daily.clock.after_close(FOURTH)
    daily.run()
    assert [daily.status(day) for day in (FIRST, SECOND, THIRD, FOURTH)] == ["done", "missed", "missed", "done"]
    fills = [order for order in daily.book.orders.values() if order.filled]
    assert fills
    assert len(decided(daily)) == 4  # one decision per ticker and session that was run, none per missed session


def test_decisions_that_end_after_the_deadline_are_not_submitted(daily):
    def slow(_run):
        daily.clock.now = XNYS.open(SECOND)

    late = replace(daily, observer=Observer(slow)).run()
    assert str(late.row.status) == "late"
    assert not daily.book.orders
    assert len(decided(daily)) == 2
    assert daily.run(FIRST).repeated


def test_a_halted_account_is_settled_and_costs_no_decision(daily):
    daily.run()
    with daily.stores.ledger.transaction(NAME) as broker:
        broker.halt("[/bold] a person")
    daily.clock.after_close(SECOND)
    result = daily.run()
    assert (str(result.row.status), result.state) == ("missed", AccountState.HALTED)
    assert "[/bold] a person" in result.row.note
    assert len(decided(daily)) == 2


def test_a_session_is_finished_with_what_it_was_opened_with(daily):
    def stop(run):
        if run.ticker == "GRUND":
            raise Killed

    with pytest.raises(Killed):
        replace(daily, observer=Observer(stop)).run()
    assert daily.status(FIRST) == "running"
    changed = replace(daily, settings=daily.settings.model_copy(update={"desk": "single_agent"}))
    result = changed.run(watchlist="VEXIL")
    assert sorted(result_of(result.row).runs) == ["CALDR", "GRUND"]
    assert {decision.desk for decision in result.record.decisions} == {"debate"}
    assert "finished with them" in changed.observer.notices[0]


def test_a_further_attempt_abandons_an_unfinished_session(daily):
    def stop(_run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace(daily, observer=Observer(stop)).run()
    result = daily.run(watchlist="VEXIL", attempt=2)
    assert (result.row.attempt, sorted(result_of(result.row).runs)) == (2, ["VEXIL"])
    assert daily.run(watchlist="CALDR", attempt=3).repeated


def test_only_one_process_works_on_an_account(daily):
    with daily.stores.sessions.lease(NAME).held(), pytest.raises(StoreLocked, match=f"session of account {NAME}"):
        daily.run()


def test_a_clock_that_was_set_back_changes_nothing(daily):
    daily.clock.after_close(THIRD)
    daily.run()
    before = daily.book.state_hash()
    daily.clock.after_close(SECOND)
    with pytest.raises(AccountMovedOn):
        daily.run()
    assert daily.book.state_hash() == before
    assert daily.status(SECOND) is None


def test_an_unknown_ticker_abstains_and_the_others_go_on(daily):
    result = daily.run(watchlist="CALDR,NOSUCH,GRUND")
    outcomes = {each.ticker: str(each.outcome) for each in result.record.decisions}
    assert outcomes["NOSUCH"] == "abstain"
    assert outcomes["CALDR"] != "abstain"
    assert str(result.row.status) == "done"


def test_a_watchlist_of_another_calendar_is_refused(tmp_path):
    with open_daily(tmp_path / "home", rules=AccountRules(calendar="24/7")) as daily:
        daily.clock.after_close(FIRST)
        sunday = date(2025, 3, 2)
        with pytest.raises(ConfigError, match="24/7"):
            daily.run(sunday)
        assert daily.status(sunday) == "failed"


def test_a_look_ahead_fails_the_session_and_halts_the_account(daily):
    leaking = daily.with_source(LeakingSource(daily.stores.source, "bars", only_at=XNYS.close(FIRST)))
    with pytest.raises(LookAheadError):
        leaking.run()
    assert daily.status(FIRST) == "failed"
    assert daily.book.state is AccountState.HALTED
    assert not daily.book.orders


@dataclass
class Outage:
    """Answers as `inner` does, or not at all while `down` says so."""

    inner: object
    down: object
    name: str = "outage"
    synthetic: bool = True

    def __getattr__(self, name):
        answer = getattr(self.inner, name)

        def asked(*arguments, **keywords):
            if self.down() and name != "calendar_name":
                raise SourceUnavailable("the source cannot be reached")
            return answer(*arguments, **keywords)

        return asked if callable(answer) else answer


@pytest.mark.parametrize("hours", [1, 24])
def test_an_outage_is_waited_for_until_the_deadline(daily, hours):
    """After an hour the session is decided as without the outage; after a day its symbols have abstained."""
    back = daily.clock.now + timedelta(hours=hours)
    during = daily.with_source(Outage(daily.stores.source, lambda: daily.clock.now < back))

    async def pause(time):
        await asyncio.sleep(0)
        last = XNYS.open(SECOND) - timedelta(minutes=10, seconds=30)
        daily.clock.now = min(daily.clock.now + 20 * time, max(last, daily.clock.now))

    request = session_request(None, SessionFlags(NAME, "CALDR,GRUND", FIRST.isoformat(), wait=True))
    result = during.daily_run(pause=pause).run(request)
    outcomes = {str(each.outcome) for each in result.record.decisions}
    assert (outcomes == {"abstain"}) is (hours == 24)
    assert str(result.row.status) == "done"
    assert result_of(result.row).failed is (hours == 24)
    assert any("trying again" in notice for notice in daily.observer.notices)


def test_the_result_holds_the_value_without_deposits(daily):
    daily.run()
    with daily.stores.ledger.transaction(NAME) as broker:
        broker.deposit("more", 5_000_000)
    daily.clock.after_close(SECOND)
    value = result_of(daily.run().row)
    gain = value.equity - Decimal(150_000)
    assert value.index == pytest.approx(1 + gain / 100_000, abs=Decimal("1e-8"))
    events = daily.stores.ledger.broker(NAME).journal.events
    assert [each.units for each in unit_values(events)] == pytest.approx([1.0, float(value.index)], abs=1e-8)


def test_losses_halt_the_account_once(tmp_path):
    with open_daily(tmp_path / "home", safety={"max_daily_loss": "0.0001", "max_drawdown": "0.0001"}) as daily:
        for session in sessions("2025-03-03", 15):
            daily.clock.after_close(session)
            daily.run(watchlist="CALDR,GRUND,VEXIL,HALDM")
            if daily.book.state is AccountState.HALTED:
                break
        assert "the limit is 0.0%" in daily.book.halted
        with daily.stores.ledger.transaction(NAME) as broker:
            broker.resume()
        assert daily.run(session).repeated
        assert daily.book.state is AccountState.ACTIVE


def test_the_request_that_is_stored_holds_no_secret_and_no_place(daily, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-key")
    daily.run()
    stored = daily.stores.sessions.find(NAME, FIRST).request
    assert "sk-very-secret" not in stored
    assert not {"home", "api_key_file", "base_url"} & set(json.loads(json.loads(stored)["settings"]))


def channels(url):
    return {"notifications": {"channels": [{"name": "desk", "url": url, "timeout_s": 2}]}}


def test_the_owner_gets_one_message_a_session(tmp_path):
    with webhook() as received, open_daily(tmp_path / "home", **channels(received.url)) as daily:
        for session in (FIRST, SECOND):
            daily.clock.after_close(session)
            daily.run()
            daily.run()
        first, second = received.bodies
        sent = [daily.stores.runs.decision(run.run_id) for run in daily.stores.runs.runs()]
        events = daily.stores.ledger.broker(NAME).journal.events
    assert (first["session"], first["status"]) == ("2025-03-03", "done")
    assert first["orders"] + second["orders"] == sum(len(each.submissions or ()) for each in sent)
    assert second["fills"] == len(list(executions(events, daily.book))) > 0
    assert (second["session"], Decimal(second["equity"]) - Decimal(first["equity"])) == (
        "2025-03-04",
        Decimal(second["change"]),
    )


def test_a_webhook_that_fails_costs_no_session_and_gets_its_messages_later(tmp_path):
    with webhook() as received, open_daily(tmp_path / "home", **channels(received.url)) as daily:
        received.status = 500
        for session in (FIRST, SECOND):
            daily.clock.after_close(session)
            assert str(daily.run().row.status) == "done"
        received.status, failed = 200, len(received.received)
        daily.clock.after_close(THIRD)
        daily.run()
        assert [body["session"] for body in received.bodies[failed:]] == ["2025-03-03", "2025-03-04", "2025-03-05"]


def test_a_failed_session_is_reported_too(tmp_path):
    with webhook() as received, open_daily(tmp_path / "home", **channels(received.url)) as daily:
        daily.clock.after_close(FIRST)
        leaking = daily.with_source(LeakingSource(daily.stores.source, "bars", only_at=XNYS.close(FIRST)))
        with pytest.raises(LookAheadError):
            leaking.run()
        assert [body["status"] for body in received.bodies] == ["failed"]
