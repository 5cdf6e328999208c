"""A desk or a program that changes between the kill of a session and its rerun: the session goes on by itself."""

import json
from collections import Counter
from dataclasses import replace
from importlib.resources import files

import pytest
from openoutcry.app import desk as opened_desk
from openoutcry.app.account_server import AccountServer
from openoutcry.app.approvals import ApprovalService
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_rows import result_of
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, Observer, open_daily, sessions

FIRST, SECOND = sessions("2025-03-03", 2)
WATCHLIST = "CALDR,GRUND,VEXIL"


class Killed(BaseException):
    """Ends a run as a signal would."""


@pytest.fixture
def desk(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(files("openoutcry.graph").joinpath("desks", "debate.yaml").read_text())
    return path


@pytest.fixture
def daily(tmp_path, desk):
    with open_daily(tmp_path / "home", desk=str(desk)) as opened:
        opened.clock.after_close(FIRST)
        yield opened


def server(daily, **more):
    request = replace(session_request(None, SessionFlags(NAME, WATCHLIST, **more)), concurrency=1)
    return AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock)


def kill_at(daily, ticker):
    """Serve a session that is killed when the run of `ticker` begins; the tickers before it are decided."""

    def stop(run):
        if run.ticker == ticker:
            raise Killed

    with pytest.raises(Killed):
        server(replace(daily, observer=Observer(stop))).tick()


def kill_before_the_result(daily):
    """Serve a session that is killed after its orders were submitted."""
    store = daily.stores.sessions
    update = store.update

    def killed(row):
        if row.result is not None:
            raise Killed
        update(row)

    store.update = killed
    with pytest.raises(Killed):
        server(daily).tick()
    store.update = update


def change(desk, old="rounds: 1", new="rounds: 2"):
    text = desk.read_text()
    assert old in text
    desk.write_text(text.replace(old, new))


def sent(daily):
    """Return the ids of accepted orders without their exits; the account verifies, and none was accepted twice."""
    assert [check.breaches for check in verify(daily.stores.ledger, NAME) if check.breaches] == []
    events = daily.stores.ledger.broker(NAME).journal.events
    count = Counter(event.terms.order_id for event in events if isinstance(event, OrderAccepted))
    assert set(count.values()) <= {1}
    return {order_id for order_id in count if not order_id.endswith((".sl", ".tp"))}


def undisturbed(tmp_path, desk):
    """Return the number of orders of a session with the desk as it is now."""
    with open_daily(tmp_path / "other", desk=str(desk)) as other:
        other.clock.after_close(FIRST)
        server(other).tick()
        return len(sent(other))


def test_a_desk_that_changed_between_kill_and_rerun_decides_anew_by_itself(daily, tmp_path, desk):
    kill_at(daily, "GRUND")
    change(desk)
    row = server(daily).tick().row
    assert (str(row.status), row.attempt) == ("done", 2)
    assert "attempt 1 was abandoned" in row.note
    assert "have changed since it was started" in row.note
    assert any("begin anew" in notice for notice in result_of(row).notices)
    assert len(sent(daily)) == undisturbed(tmp_path, desk) > 0
    ids = set(result_of(row).runs.values())
    assert {run.status for run in daily.stores.runs.runs() if run.run_id in ids} == {"done"}
    daily.clock.after_close(SECOND)
    following = server(daily).tick().row
    assert (str(following.status), following.attempt, following.note) == ("done", 1, "")


def test_a_desk_that_changes_at_every_kill_is_decided_anew_each_time(daily, tmp_path, desk):
    kill_at(daily, "GRUND")
    change(desk)
    kill_at(daily, "VEXIL")
    change(desk, "rounds: 2", "rounds: 1")
    row = server(daily).tick().row
    assert (str(row.status), row.attempt) == ("done", 3)
    assert len(sent(daily)) == undisturbed(tmp_path, desk)


def test_a_program_that_was_upgraded_between_kill_and_rerun_decides_anew(daily, monkeypatch):
    kill_at(daily, "GRUND")
    monkeypatch.setattr(opened_desk, "__version__", "99.0")
    row = server(daily).tick().row
    assert (str(row.status), row.attempt) == ("done", 2)
    assert sent(daily)


@pytest.mark.parametrize(("old", "new"), [("rounds: 1", "rounds: 2"), ("name: debate", "name: other"), ("name:", "x:")])
def test_orders_that_were_submitted_before_the_change_are_not_sent_again(daily, desk, old, new):
    """The changed desk has another configuration, another name, or is no desk file at all."""
    kill_before_the_result(daily)
    before, runs = sent(daily), len(daily.stores.runs.runs())
    change(desk, old, new)
    row = server(daily).tick().row
    assert (str(row.status), row.attempt) == ("done", 1)
    assert sent(daily) == before
    assert len(daily.stores.runs.runs()) == runs
    assert result_of(row).accepted == len(before) > 0


@pytest.mark.parametrize("answer", ["approve_session", "deny_session"])
def test_orders_that_wait_for_a_person_are_answered_as_they_were_proposed(daily, desk, answer):
    assert str(server(daily, approve="all").tick().row.status) == "awaiting_approval"
    proposed = set(daily.book.proposals)
    change(desk, "name: debate", "name: other")
    service = ApprovalService(daily.stores.ledger, now=daily.clock)
    getattr(service, answer)(NAME, FIRST, by="a person")
    assert str(server(daily, approve="all").tick().row.status) == "done"
    assert sent(daily) == (proposed if answer == "approve_session" else set())


def test_a_session_that_another_version_has_stored_is_decided_anew(daily):
    kill_at(daily, "GRUND")
    unreadable(daily)
    row = server(daily).tick().row
    assert (str(row.status), row.attempt) == ("done", 2)
    assert "another version has stored it" in row.note
    assert sent(daily)


def test_a_session_that_another_version_has_submitted_is_done(daily):
    kill_before_the_result(daily)
    before = sent(daily)
    unreadable(daily)
    row = server(daily).tick().row
    assert (str(row.status), row.attempt) == ("done", 1)
    assert "stopped after its orders were submitted" in row.note
    assert sent(daily) == before


def test_proposals_of_another_version_lapse_and_the_session_is_decided_anew(daily):
    server(daily, approve="all").tick()
    first = set(daily.book.proposals)
    unreadable(daily)
    service = ApprovalService(daily.stores.ledger, now=daily.clock)
    service.approve_session(NAME, FIRST, by="a person")
    assert str(server(daily, approve="all").tick().row.status) == "awaiting_approval"
    service.approve_session(NAME, FIRST, by="a person")
    assert str(server(daily, approve="all").tick().row.status) == "done"
    assert sent(daily) == set(daily.book.proposals) - first


def unreadable(daily):
    """Store the request of the session with a setting that this version does not know."""
    row = daily.stores.sessions.find(NAME, FIRST)
    plan = json.loads(row.request)
    settings = json.loads(plan["settings"]) | {"a_setting_of_later_versions": 1}
    daily.stores.sessions.update(replace(row, request=json.dumps(plan | {"settings": json.dumps(settings)})))
