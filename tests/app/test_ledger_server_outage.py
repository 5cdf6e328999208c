"""A ledger on a PostgreSQL server that goes away during a session and comes back: nothing is lost or doubled."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from openoutcry.app.account_server import AccountServer
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.domain.errors import LedgerUnreachable
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.store.database import Database
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, open_daily, sessions
from openoutcry.tests.ledger.postgres_server import NoServer, controlled_server, fresh_database
from stub.webhook import webhook

FIRST, SECOND = sessions("2025-03-03", 2)
WATCHLIST = "CALDR,GRUND,VEXIL"


@pytest.fixture(scope="module")
def server():
    """Start a server; skip where none can be started."""
    try:
        with controlled_server() as running:
            yield running
    except NoServer as reason:
        pytest.skip(str(reason))


@pytest.fixture
def url(server, tmp_path):
    return fresh_database(server.url, f"t{abs(hash(str(tmp_path))):x}")


class Outage:
    """Stops the server before one of the accesses to the ledger, counted from 1; `count` goes on without an outage."""

    def __init__(self, server, monkeypatch, at):
        self.server, self.at, self.count = server, at, 0
        for name in ("transaction", "snapshot"):
            monkeypatch.setattr(Database, name, self._around(getattr(Database, name)))

    def _around(self, access):
        @contextmanager
        def counted(*arguments):
            self.count += 1
            if self.count == self.at:
                self.server.stop()
            with access(*arguments) as given:
                yield given

        return counted


def served(daily):
    """Return a scheduler of the account."""
    request = session_request(None, SessionFlags(NAME, WATCHLIST))
    return AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock)


def accepted(daily):
    assert [check.breaches for check in verify(daily.stores.ledger, NAME) if check.breaches] == []
    events = daily.stores.ledger.broker(NAME).journal.events
    count = Counter(event.terms.order_id for event in events if isinstance(event, OrderAccepted))
    assert set(count.values()) == {1}
    return set(count)


@pytest.fixture
def expected(tmp_path):
    """The account after two sessions that nothing disturbed, in a file."""
    with open_daily(tmp_path / "undisturbed") as daily:
        serving = served(daily)
        for session in (FIRST, SECOND):
            daily.clock.after_close(session)
            serving.tick()
        return daily.book.state_hash(), accepted(daily)


def messages(received):
    return [(body["session"], body["status"]) for body in received.bodies]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("at", [1, 15, 22, 33])
def test_a_server_that_goes_away_for_a_minute_costs_the_scheduler_time_only(
    server, url, tmp_path, monkeypatch, expected, at
):
    """The server is away from one of the ledger's accesses on, in the first session or the second one."""
    channel = {"name": "desk", "timeout_s": 20}
    with webhook() as received, open_daily(
        tmp_path / "home", ledger=url, notifications={"channels": [channel | {"url": received.url}]}
    ) as daily:  # fmt: skip
        daily.clock.after_close(FIRST)
        serving, outages = served(daily), Outage(server, monkeypatch, at)
        for session in (FIRST, SECOND):
            daily.clock.after_close(session)
            if serving.tick() is None:
                assert "the database server cannot be reached" in daily.stores.sessions.heartbeat(NAME).error
                assert daily.status(session) in (None, "running")
                server.start()
                daily.clock.now += timedelta(minutes=1)
                assert str(serving.tick().row.status) == "done"
        assert outages.count > at
        assert (daily.book.state_hash(), accepted(daily)) == expected
        assert {str(row.status) for row in daily.stores.sessions.rows(NAME)} == {"done"}
        assert {row.note for row in daily.stores.sessions.rows(NAME)} == {""}
        assert len({run.run_id for run in daily.stores.runs.runs()}) == len(daily.stores.runs.runs())
        assert sorted(set(messages(received))) == [(str(FIRST), "done"), (str(SECOND), "done")]


def test_a_server_that_is_restarted_between_two_accesses_is_not_noticed(server, url, tmp_path):
    with open_daily(tmp_path / "home", ledger=url) as daily:
        daily.clock.after_close(FIRST)
        before = daily.stores.ledger.accounts()
        server.stop()
        server.start()
        assert daily.stores.ledger.broker(NAME).book.cash
        server.stop()
        server.start()
        with daily.stores.ledger.transaction(NAME) as broker:
            broker.deposit("more", 100)
        server.stop()
        server.start()
        assert daily.stores.ledger.accounts() == before
        assert str(daily.run(watchlist=WATCHLIST).row.status) == "done"


def test_paper_run_ends_with_the_cause_and_a_rerun_finishes_the_session(server, url, tmp_path, monkeypatch):
    with open_daily(tmp_path / "home", ledger=url) as daily:
        daily.clock.after_close(FIRST)
        Outage(server, monkeypatch, 6)
        with pytest.raises(LedgerUnreachable, match="start it, or check the URL"):
            daily.run(watchlist=WATCHLIST)
        assert daily.status(FIRST) == "running"
        server.start()
        assert str(daily.run(watchlist=WATCHLIST).row.status) == "done"
        assert accepted(daily)
