"""A session of a desk over a book that is stopped at any step: the same decisions, and no finished call sent again."""

from datetime import timedelta

import pytest
from book_desks import EACH, write_desk
from openoutcry.app.factories import open_store
from openoutcry.app.settings import load_settings
from openoutcry.graph.runtime import Stage
from openoutcry.tests.app.daily import XNYS, open_daily, sessions
from openoutcry.tests.app.kills import WATCHLIST, serve
from stub.book_answers import BookAnswers
from stub.server import StubServer

(DAY,) = sessions("2025-03-03", 1)
CALLS = len(WATCHLIST) * 2 + 1


class Stopped(BaseException):
    """The process ends here."""


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer(responder=BookAnswers()) as server:
        yield server


def session_of(home, stub, desk, stop_at=None):
    """Run one session, which ends after `stop_at` roles have finished; return its outcome, or None if it was ended."""
    with open_daily(home, model="openai:stub", base_url=stub.url, desk=desk) as daily:
        finished = []

        def progress(event):
            finished.extend([event] if event.stage is Stage.FINISHED else [])
            if stop_at is not None and len(finished) > stop_at:
                raise Stopped

        daily.observer.progress = progress
        daily.clock.after_close(DAY)
        try:
            record = daily.run(watchlist=",".join(WATCHLIST)).record
        except Stopped:
            return None
        said = [(each.run_id, each.outcome, each.thesis, each.proposal, each.risk) for each in record.decisions]
        return said, daily.book.state_hash()


def logged(home):
    store = open_store(load_settings({"home": home}))
    try:
        return sum(len(store.call_log(run.run_id).calls()) for run in store.runs())
    finally:
        store.close()


def test_a_session_that_is_stopped_after_any_role_goes_on_without_a_call_that_was_finished(tmp_path, stub):
    desk = write_desk(tmp_path)
    whole = session_of(tmp_path / "whole", stub, desk)
    for stop_at in range(CALLS):
        home = tmp_path / f"stopped-{stop_at}"
        assert session_of(home, stub, desk, stop_at) is None
        kept, sent = logged(home), len(stub.chats)
        assert session_of(home, stub, desk) == whole, stop_at
        assert len(stub.chats) - sent == CALLS - kept, stop_at
        assert kept > stop_at


@pytest.mark.timeout(240)
def test_kills_leave_the_identical_account(tmp_path):
    times = [(XNYS.close(day) + timedelta(minutes=45)).isoformat() for day in sessions("2025-03-03", 4)]
    desk = write_desk(tmp_path, EACH)
    whole, _ = serve(tmp_path / "whole", times, 0, 1, desk=desk)
    torn, killed = serve(tmp_path / "torn", times, 3, 1, desk=desk)
    assert killed == 3
    assert (torn["hash"], torn["sessions"]) == (whole["hash"], whole["sessions"])


@pytest.mark.timeout(240)
def test_kills_at_durable_writes_send_no_finished_call_again(tmp_path, stub):
    times = [(XNYS.close(day) + timedelta(minutes=45)).isoformat() for day in sessions("2025-03-03", 2)]
    desk = write_desk(tmp_path)
    _, killed = serve(tmp_path / "home", times, 3, 3, base_url=stub.url, desk=desk, reach=45)
    assert killed == 3
    assert 0 <= len(stub.requests) - logged(tmp_path / "home") <= killed * len(WATCHLIST) * 2
    store = open_store(load_settings({"home": tmp_path / "home"}))
    assert [str(run.status) for run in store.runs()] == ["done"] * 6
    store.close()
