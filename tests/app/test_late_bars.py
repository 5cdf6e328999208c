"""Bars that a vendor has late: waited for in a part of the window, then the session counts as a halt and says so."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from openoutcry.app.account_server import AccountServer
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.market import Interval
from openoutcry.domain.orders import Action, OrderType, TimeInForce
from openoutcry.domain.times import iso_time
from openoutcry.tests.app.daily import NAME, XNYS, open_daily, sessions

FIRST, SECOND, THIRD, FOURTH = sessions("2025-03-03", 4)
SYMBOLS = ("CALDR", "GRUND", "OPENX")


class LateBar:
    """A source that has one bar of one symbol only from a time of the clock on."""

    def __init__(self, inner, clock, symbol, session, arrives):
        self.inner, self.clock, self.symbol, self.session, self.arrives = inner, clock, symbol, session, arrives
        self.name, self.synthetic = inner.name, inner.synthetic

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def bars(self, symbol, interval, *, until, count):
        if symbol != self.symbol or interval is not Interval.DAY or self.clock() >= self.arrives:
            return self.inner.bars(symbol, interval, until=until, count=count)
        found = self.inner.bars(symbol, interval, until=until, count=count + 1)
        return tuple(bar for bar in found if bar.session != self.session)[-count:]


def serve(daily, *days, hours=1):
    """Serve the sessions; a session that waits moves the clock on by some hours. Returns the last result."""

    async def pause(_time):
        await asyncio.sleep(0)
        last = XNYS.open(XNYS.next_open(daily.clock.now)) - timedelta(minutes=10, seconds=30)
        daily.clock.now = min(daily.clock.now + timedelta(hours=hours), last)

    request = session_request(None, SessionFlags(NAME, ",".join(SYMBOLS)))
    serving = AccountServer(daily.settings, request, daily.stores, daily.observer, daily.clock, pause=pause)
    for day in days:
        daily.clock.after_close(day)
        result = serving.tick()
        assert str(result.row.status) == "done"
    return result


def enter(daily):
    order = ManualOrder("OPENX", Action.BUY, Decimal(5), OrderType.MARKET, time_in_force=TimeInForce.DAY)
    service = ManualOrderService(daily.settings, daily.stores.ledger, daily.observer.notice)
    return service.submit(EntryKey(NAME, as_of=iso_time(daily.clock.now)), order).order_id


def notices(result):
    return "\n".join(result_of(result.row).notices)


@pytest.fixture
def daily(tmp_path):
    with open_daily(tmp_path / "home") as opened:
        serve(opened, FIRST)
        enter(opened)
        serve(opened, SECOND)
        assert opened.book.quantity("OPENX") == 5
        yield opened


def late(daily, arrives):
    return daily.with_source(LateBar(daily.stores.source, daily.clock, "OPENX", THIRD, arrives))


def test_a_bar_that_is_two_hours_late_is_waited_for(daily):
    order = enter(daily)
    result = serve(late(daily, XNYS.close(THIRD) + timedelta(hours=2)), THIRD)
    assert f"no bar of {THIRD} yet for OPENX; trying again" in notices(result)
    assert "halt" not in notices(result)
    assert str(daily.book.orders[order].status) == "filled"
    assert daily.book.last_traded["OPENX"] == str(THIRD)


def test_a_bar_that_comes_after_the_settlement_counts_as_a_halt_and_the_reports_say_so(daily):
    order, source = enter(daily), late(daily, XNYS.open(FOURTH))
    third = serve(source, THIRD)
    assert f"{THIRD}: OPENX has no bar, which counts as a halt: orders of the day expire" in notices(third)
    assert "OPENX has had no bar for 1 session" in notices(third)
    assert str(daily.book.orders[order].status) == "expired"
    fourth = serve(source, FOURTH)
    assert f"OPENX: the bar of {THIRD} arrived after the settlement and counts as a halt" in notices(fourth)
    assert daily.book.quantity("OPENX") == 5
    following = serve(source, sessions("2025-03-03", 5)[-1])
    assert "OPENX" not in notices(following)


def test_the_others_are_decided_on_in_time_after_a_part_of_the_window(daily):
    result = serve(late(daily, XNYS.open(FOURTH)), THIRD, hours=2)
    waited = [notice for notice in daily.observer.notices if f"no bar of {THIRD} yet" in notice]
    assert 0 < len(waited) <= 3  # a quarter of the 17 hours from the close to the next open
    outcomes = {each.ticker: str(each.outcome) for each in result.record.decisions}
    assert outcomes["OPENX"] == "abstain"
    assert "abstain" not in {outcomes["CALDR"], outcomes["GRUND"]}


def test_an_order_in_a_listing_that_was_not_held_before_is_no_finding(daily):
    """The account has not looked at the listing for two sessions, which is not a halt."""
    serve(daily, THIRD)
    assert "GRUND has no bar" not in notices(serve(daily, FOURTH))
    assert "arrived after the settlement" not in "\n".join(daily.observer.notices)
