"""Outages of an hour and of a day under a scheduler whose clock the test advances, and files that cannot be written."""

import asyncio
import os
from collections import Counter
from datetime import timedelta

import pytest
from openoutcry.app.account_server import AccountServer
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_publishing import report_folder
from openoutcry.app.session_rows import result_of
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.ledger.model.order_events import OrderAccepted
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, XNYS, open_daily, sessions

DAYS = FIRST, SECOND, THIRD, FOURTH = sessions("2025-03-03", 4)
WATCHLIST = "CALDR,GRUND,VEXIL"


class Down:
    """A source that answers nothing from one time of the clock to another, as a server that cannot be reached."""

    def __init__(self, inner, clock, first, last):
        self.inner, self.clock, self.first, self.last = inner, clock, first, last
        self.name, self.synthetic, self.refused = inner.name, inner.synthetic, 0

    def __getattr__(self, name):
        answer = getattr(self.inner, name)

        def asked(*arguments, **keywords):
            if self.first <= self.clock() < self.last:
                self.refused += 1
                raise SourceUnavailable("the source cannot be reached")
            return answer(*arguments, **keywords)

        return asked if callable(answer) else answer


def serve(daily, until=FOURTH):
    """Look at what is due every 10 minutes from the first session to 12 hours after the last; waits move the clock."""

    async def pause(time):
        await asyncio.sleep(0)
        daily.clock.now += time

    daily.clock.after_close(FIRST)
    request = session_request(None, SessionFlags(NAME, WATCHLIST))
    serving = AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock, pause=pause)
    while daily.clock.now < XNYS.close(until) + timedelta(hours=2):
        serving.tick()
        daily.clock.now += timedelta(minutes=10)
    return {row.session: row for row in daily.stores.sessions.rows(NAME)}


def check_sound(daily):
    assert [check.breaches for check in verify(daily.stores.ledger, NAME) if check.breaches] == []
    events = daily.stores.ledger.broker(NAME).journal.events
    sent = Counter(event.terms.order_id for event in events if isinstance(event, OrderAccepted))
    assert set(sent.values()) == {1}


def outcomes(daily, row):
    return {daily.stores.runs.decision(run_id).outcome.value for run_id in result_of(row).runs.values()}


def test_an_outage_of_an_hour_changes_nothing(tmp_path):
    with open_daily(tmp_path / "undisturbed") as daily:
        serve(daily)
        expected = daily.book.state_hash()
    with open_daily(tmp_path / "home") as daily:
        first = XNYS.close(SECOND) + timedelta(minutes=20)
        down = Down(daily.stores.source, daily.clock, first, first + timedelta(hours=1))
        rows = serve(daily.with_source(down))
        assert down.refused
        assert {day: str(row.status) for day, row in rows.items()} == dict.fromkeys(DAYS, "done")
        assert any("cannot be reached; trying again" in notice for notice in result_of(rows[SECOND]).notices)
        assert daily.book.state_hash() == expected
        check_sound(daily)


def test_an_outage_of_a_day_costs_the_decisions_of_its_session_only(tmp_path):
    """From the second close to after the third one: the second session is settled on its own bars, and is missed."""
    with open_daily(tmp_path / "home") as daily:
        first = XNYS.close(SECOND) + timedelta(minutes=20)
        down = Down(daily.stores.source, daily.clock, first, first + timedelta(days=1, hours=1))
        rows = serve(daily.with_source(down))
        assert down.refused
        assert [str(rows[day].status) for day in DAYS] == ["done", "missed", "done", "done"]
        assert "cannot be reached" in rows[SECOND].note
        assert daily.stores.sessions.heartbeat(NAME).error == ""
        events = daily.stores.ledger.broker(NAME).journal.events
        closed = [event.session for event in events if type(event).__name__ == "BarClosed"]
        assert list(dict.fromkeys(closed)) == [str(day) for day in DAYS]
        assert "abstain" not in outcomes(daily, rows[THIRD])
        check_sound(daily)


def test_an_outage_that_begins_after_the_settlement_ends_in_abstentions(tmp_path):
    with open_daily(tmp_path / "home") as daily:
        down = Down(daily.stores.source, daily.clock, XNYS.close(FIRST), XNYS.close(SECOND))
        rows = serve(daily.with_source(down))
        assert [str(rows[day].status) for day in DAYS] == ["done"] * 4
        assert (outcomes(daily, rows[FIRST]), result_of(rows[FIRST]).failed) == ({"abstain"}, True)
        assert "abstain" not in outcomes(daily, rows[SECOND])
        check_sound(daily)


@pytest.mark.parametrize("obstacle", ["a file", "no permission"])
def test_a_report_folder_that_cannot_be_written_costs_the_report_only(tmp_path, obstacle):
    if obstacle == "no permission" and (os.name == "nt" or os.geteuid() == 0):
        pytest.skip("permissions do not bind the superuser")
    with open_daily(tmp_path / "home") as daily:
        folder = report_folder(daily.settings.home, NAME)
        folder.parent.mkdir(exist_ok=True)
        if obstacle == "a file":
            folder.write_text("in the way")
        else:
            folder.parent.chmod(0o500)
        rows = serve(daily, SECOND)
        assert {str(row.status) for row in rows.values()} == {"done"}
        assert all("its report was not written" in "\n".join(result_of(row).notices) for row in rows.values())
        assert any("its report was not written" in notice for notice in daily.observer.notices)
        check_sound(daily)
        if obstacle == "a file":
            folder.unlink()
        folder.parent.chmod(0o700)
        daily.clock.after_close(THIRD)
        daily.run(watchlist=WATCHLIST)
        assert (folder / f"{THIRD}.html").is_file()
