"""A clock that was set far forward: nothing is settled on it, and what it left behind blocks no session."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from openoutcry.app.account_server import AccountServer
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.app.paper_account import PaperAccount
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_clock import ClockSetBack
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.desk.records.session_status import SessionStatus
from openoutcry.domain.errors import InvalidData, NoData, SourceUnavailable
from openoutcry.domain.market import Interval
from openoutcry.domain.orders import Action
from openoutcry.domain.times import iso_time
from openoutcry.market.delegating_source import DelegatingSource
from openoutcry.market.folder import open_folder
from openoutcry.tests.app.daily import NAME, XNYS, open_daily, sessions
from openoutcry.tests.market_folder import write_folder

FIRST, SECOND, THIRD, FOURTH = sessions("2025-03-03", 4)
FAR = sessions("2027-03-02", 1)[0]
SYMBOLS = ("CALDR", "GRUND", "VEXIL")


@pytest.fixture
def daily(tmp_path, demo):
    """An account on a market folder whose bars end with the third session, after its first session."""
    folder = write_folder(demo, SYMBOLS, XNYS.close(THIRD), tmp_path / "market", 300)
    with open_daily(tmp_path / "home", market=str(folder)) as opened:
        opened.clock.after_close(FIRST)
        opened.run(watchlist=",".join(SYMBOLS))
        yield opened


async def no_pause(_time):
    raise AssertionError("the session waits")


def server(daily):
    request = session_request(None, SessionFlags(NAME, ",".join(SYMBOLS)))
    return AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock, pause=no_pause)


def statuses(daily):
    return {row.session: str(row.status) for row in daily.stores.sessions.rows(NAME)}


@pytest.mark.parametrize("ahead", [FAR, sessions("2025-03-03", 6)[-1], FOURTH])
def test_a_clock_that_is_ahead_of_the_market_settles_nothing(daily, ahead):
    serving = server(daily)
    daily.clock.after_close(SECOND)
    assert str(serving.tick().row.status) == "done"
    daily.clock.after_close(THIRD)
    assert str(serving.tick().row.status) == "done"
    before, runs = daily.book.state_hash(), len(daily.stores.runs.runs())
    daily.clock.after_close(ahead)
    assert serving.tick() is None
    assert "clock may be set forward" in daily.stores.sessions.heartbeat(NAME).error
    assert (daily.book.state_hash(), len(daily.stores.runs.runs())) == (before, runs)
    assert statuses(daily) == dict.fromkeys((FIRST, SECOND, THIRD), "done")


def test_sessions_go_on_after_the_clock_was_set_right(daily, tmp_path, demo):
    with open_daily(tmp_path / "undisturbed", market=daily.settings.market) as other:
        for session in (FIRST, SECOND, THIRD):
            other.clock.after_close(session)
            other.run(watchlist=",".join(SYMBOLS))
        expected = other.book.state_hash()
    serving = server(daily)
    for session, ahead in ((SECOND, FAR), (THIRD, FOURTH)):
        daily.clock.after_close(ahead)
        assert serving.tick() is None
        daily.clock.after_close(session)
        assert str(serving.tick().row.status) == "done"
    assert daily.book.state_hash() == expected
    assert daily.stores.sessions.heartbeat(NAME).error == ""


def test_rows_that_a_clock_set_forward_has_left_are_removed_with_a_note(daily):
    """Rows as a scheduler writes them that is killed right after it has opened a session two years ahead."""
    store = daily.stores.sessions
    done = store.find(NAME, FIRST)
    daily.clock.after_close(FAR)
    left = replace(done, started_at=daily.clock.now, status=SessionStatus.MISSED, result=None, settled=None)
    between = XNYS.between(SECOND, XNYS.previous(FAR))
    store.add_missed(replace(left, session=session) for session in between)
    store.open(replace(left, session=FAR, status=SessionStatus.FAILED))
    daily.clock.after_close(SECOND)
    row = server(daily).tick().row
    assert (row.session, str(row.status)) == (SECOND, "done")
    assert f"{len(between) + 1} row(s) of sessions from {SECOND} to {FAR} were removed" in row.note
    assert any("2027-03-02" in notice for notice in daily.observer.notices)
    assert statuses(daily) == {FIRST: "done", SECOND: "done"}
    daily.clock.after_close(THIRD)
    assert str(server(daily).tick().row.status) == "done"


def test_an_outage_under_a_clock_that_is_ahead_is_not_settled_either(daily):
    class Down:
        def __getattr__(self, name):
            return getattr(daily.stores.source, name)

        def bars(self, *_arguments, **_keywords):
            raise SourceUnavailable("the source cannot be reached")

    daily.clock.after_close(FAR)
    before = daily.book.state_hash()
    assert server(daily.with_source(Down())).tick() is None
    assert "the session waits" in daily.observer.notices[-1]
    assert daily.book.state_hash() == before
    daily.clock.after_close(SECOND)
    assert str(server(daily).tick().row.status) == "done"
    assert statuses(daily) == {FIRST: "done", SECOND: "done"}


def test_a_session_that_waits_ends_when_the_clock_is_set_back(daily):
    class Down:
        def __getattr__(self, name):
            return getattr(daily.stores.source, name)

        def bars(self, *_arguments, **_keywords):
            raise SourceUnavailable("the source cannot be reached")

    async def pause(_time):
        await asyncio.sleep(0)
        daily.clock.after_close(SECOND)

    daily.clock.after_close(FAR)
    request = replace(session_request(None, SessionFlags(NAME, "CALDR")), wait=True)
    with pytest.raises(ClockSetBack):
        daily.with_source(Down()).daily_run(pause=pause).run(request)
    assert str(server(daily).tick().row.status) == "done"


def test_a_forced_session_is_settled_without_bars(daily):
    daily.clock.after_close(FOURTH)
    daily.run(THIRD, watchlist=",".join(SYMBOLS), force="a test")
    far = sessions("2025-03-03", 8)[-1]
    daily.clock.after_close(far)
    with pytest.raises(NoData, match="5 sessions from 2025-03-06 to 2025-03-12"):
        daily.run(far, watchlist=",".join(SYMBOLS))
    assert str(daily.run(far, watchlist=",".join(SYMBOLS), force="a closure").row.session) == far.isoformat()


def test_an_account_that_was_settled_ahead_of_the_clock_says_so(tmp_path):
    """The demo market has bars on both days, so that it does not show which of the two times is wrong."""
    with open_daily(tmp_path / "home") as daily:
        daily.clock.after_close(FOURTH)
        serving = server(daily)
        assert str(serving.tick().row.status) == "done"
        daily.clock.after_close(SECOND)
        before = daily.book.state_hash()
        assert serving.tick() is None
        assert f"has processed the session {FOURTH}" in daily.stores.sessions.heartbeat(NAME).error
        daily.clock.now += timedelta(minutes=1)
        serving.tick()
        assert sum("has processed the session" in notice for notice in daily.observer.notices) == 1
        daily.clock.after_close(FOURTH, minutes=90)
        assert serving.tick() is None
        assert daily.stores.sessions.heartbeat(NAME).error == ""
        assert daily.book.state_hash() == before


class Stating(DelegatingSource):
    """A source whose vendors state a time."""

    stated = None

    def server_time(self):
        return self.stated


@pytest.mark.parametrize(
    ("stated", "settles"),
    [(XNYS.close(FOURTH) - timedelta(hours=2), False), (XNYS.close(FOURTH) + timedelta(hours=15), True)],
    ids=["clock-ahead", "closure"],
)
def test_a_session_without_a_bar_is_settled_if_the_vendors_say_that_it_has_passed(daily, stated, settles):
    for session in (SECOND, THIRD):
        daily.clock.after_close(session)
        daily.run(watchlist=",".join(SYMBOLS))
    before = daily.book.state_hash()
    source = Stating(daily.stores.source)
    source.stated = stated
    daily.clock.after_close(FOURTH)
    if settles:
        assert str(daily.with_source(source).run(watchlist=",".join(SYMBOLS)).row.status) == "done"
        return
    with pytest.raises(NoData, match=f"the session {FOURTH} is due.* the vendors' time is {stated:%Y-%m-%d %H:%M}"):
        daily.with_source(source).run(watchlist=",".join(SYMBOLS))
    assert (daily.book.state_hash(), daily.status(FOURTH)) == (before, None)


def test_a_symbol_with_bad_bars_is_no_evidence_that_a_session_has_passed(daily):
    file = Path(daily.settings.market) / "prices_daily.csv"
    file.write_text("".join(f"{line}\n" for line in [*file.read_text().splitlines(), f"BAD,{FIRST},5,1,9,5,1000"]))
    source = open_folder(file.parent)
    with pytest.raises(InvalidData):
        source.bars("BAD", Interval.DAY, until=XNYS.close(THIRD), count=1)
    daily.clock.after_close(FOURTH)
    with pytest.raises(NoData, match="the clock may be set forward"):
        daily.with_source(source).run(watchlist=",".join((*SYMBOLS, "BAD")))


def test_an_order_and_a_decision_settle_nothing_on_a_clock_that_is_one_session_ahead(daily):
    for session in (SECOND, THIRD):
        daily.clock.after_close(session)
        daily.run(watchlist=",".join(SYMBOLS))
    before = daily.book.state_hash()
    at = XNYS.close(FOURTH) + timedelta(hours=1)
    service = ManualOrderService(daily.settings, daily.stores.ledger, daily.observer.notice)
    with pytest.raises(NoData, match="the clock may be set forward"):
        service.submit(EntryKey(NAME, as_of=iso_time(at)), ManualOrder(SYMBOLS[0], Action.BUY, Decimal(1)))
    settings = daily.settings.model_copy(update={"submit": True, "account": NAME})
    account = PaperAccount(settings, NAME, daily.stores.source, daily.stores.runs, daily.observer.notice)
    with account, pytest.raises(NoData, match="the clock may be set forward"):
        account.account(SYMBOLS[0], at)
    assert daily.book.state_hash() == before
