"""Delisted, renamed and halted names, and a closure that was not scheduled, in the sessions of an account."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from openoutcry.app.account_server import AccountServer
from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.app.paper_request import SessionFlags, session_request
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts.delisting import confirm_delisting
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.orders import Action, OrderType, TimeInForce
from openoutcry.domain.times import iso_time
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, XNYS, Daily, open_daily, sessions
from openoutcry.tests.market_folder import write_folder

DAYS = FIRST, SECOND, THIRD, FOURTH, FIFTH = sessions("2025-03-03", 5)
SYMBOLS = ("CALDR", "GRUND", "VEXIL", "OPENX")


def write_market(demo, folder, kept, *, renames=()):
    """Write the bars of the demo market for which `kept(symbol, session)` holds; return the folder."""
    write_folder(demo, SYMBOLS, XNYS.close(FIFTH), folder, 300)
    header, *rows = (folder / "prices_daily.csv").read_text().splitlines()
    cells = [row.split(",") for row in rows]
    names = {(old, day) for old, _, day in renames}
    found = [",".join(each) for each in cells if kept(each[0], each[1])]
    found += [
        ",".join((new, *each[1:])) for old, new, day in renames for each in cells if each[0] == old and each[1] >= day
    ]
    found = [
        row for row in found if not any(row.startswith(f"{old},") and row.split(",")[1] >= day for old, day in names)
    ]
    (folder / "prices_daily.csv").write_text("\n".join([header, *found]) + "\n")
    if renames:
        lines = ["old,new,date", *(",".join(each) for each in renames)]
        (folder / "renames.csv").write_text("\n".join(lines) + "\n")
    return folder


@dataclass
class Week:
    """Serves an account along the sessions of a week; a session that waits moves the clock to its deadline."""

    daily: Daily

    def __post_init__(self):
        request = session_request(None, SessionFlags(NAME, ",".join(SYMBOLS)))
        self.server = AccountServer(
            self.daily.settings, request, self.daily.stores, self.daily.observer, self.daily.clock, pause=self.pause
        )

    async def pause(self, _time):
        await asyncio.sleep(0)
        following = XNYS.next_open(self.daily.clock.now)
        self.daily.clock.now = XNYS.open(following) - timedelta(minutes=10, seconds=30)

    def serve(self, *days):
        """Serve the sessions; return the result of the last one."""
        for day in days:
            self.daily.clock.after_close(day)
            result = self.server.tick()
            assert result is not None, self.daily.observer.notices
            assert str(result.row.status) == "done"
        assert [check.breaches for check in verify(self.daily.stores.ledger, NAME) if check.breaches] == []
        return result

    def enter(self, symbol, action, kind=OrderType.MARKET, tif=TimeInForce.DAY, *, limit=None, quantity=5):
        """Enter an order as a person does after the close; return its id."""
        order = ManualOrder(symbol, action, Decimal(quantity), kind, limit, time_in_force=tif)
        service = ManualOrderService(self.daily.settings, self.daily.stores.ledger, self.daily.observer.notice)
        return service.submit(EntryKey(NAME, as_of=iso_time(self.daily.clock.now)), order).order_id


def notices(result):
    return "\n".join(result_of(result.row).notices)


def outcomes(result):
    return {each.ticker: str(each.outcome) for each in result.record.decisions}


def traded(daily, day):
    """Return the symbols of the orders that were filled in a session."""
    events = daily.stores.ledger.broker(NAME).journal.events
    return {
        daily.book.orders[e.order_id].terms.symbol
        for e in events
        if type(e).__name__ == "OrderFilled" and e.session == str(day)
    }


@pytest.fixture
def opened(tmp_path, demo):
    """Return a function that writes a market and serves its first two sessions, after which shares are held."""

    def begin(kept, **more):
        market = write_market(demo, tmp_path / "market", kept, **more)
        daily = stack.enter_context(open_daily(tmp_path / "home", market=str(market)))
        week = Week(daily)
        week.serve(FIRST)
        for symbol in ("CALDR", "OPENX"):
            week.enter(symbol, Action.BUY)
        week.serve(SECOND)
        assert {"CALDR", "OPENX"} <= traded(daily, SECOND)
        return daily, week

    with ExitStack() as stack:
        yield begin


def test_a_halted_name_is_reported_and_the_others_trade(opened):
    daily, week = opened(lambda symbol, day: symbol != "OPENX" or day not in (str(THIRD), str(FOURTH)))
    halted, other = (week.enter(symbol, Action.BUY) for symbol in ("OPENX", "CALDR"))
    third = week.serve(THIRD)
    assert "OPENX has had no bar for 1 session; it is valued at its last price" in notices(third)
    assert str(daily.book.orders[halted].status) == "expired"
    assert str(daily.book.orders[other].status) == "filled"
    assert outcomes(third)["OPENX"] == "abstain"
    assert "abstain" not in {outcomes(third)[symbol] for symbol in ("CALDR", "GRUND", "VEXIL")}
    assert "OPENX has had no bar for 2 sessions" in notices(week.serve(FOURTH))
    back = week.serve(FIFTH)
    assert "OPENX" not in notices(back)
    assert outcomes(back)["OPENX"] != "abstain"


def test_a_name_that_is_delisted_is_held_until_a_person_confirms_it(opened):
    daily, week = opened(lambda symbol, day: symbol != "OPENX" or day <= str(SECOND))
    week.serve(THIRD)
    with daily.stores.ledger.transaction(NAME) as broker:
        assert confirm_delisting(broker, "OPENX", Decimal("1.50"))
    fourth = week.serve(FOURTH)
    assert "OPENX" not in daily.book.positions
    assert outcomes(fourth)["OPENX"] == "abstain"
    assert "abstain" not in {outcomes(fourth)[symbol] for symbol in ("CALDR", "GRUND", "VEXIL")}
    assert "OPENX has had no bar" not in notices(fourth)


def test_a_name_that_is_renamed_is_followed(opened):
    daily, week = opened(lambda _symbol, _day: True, renames=[("OPENX", "NEWOX", str(THIRD))])
    order = week.enter("OPENX", Action.BUY)
    third = week.serve(THIRD)
    assert daily.book.quantity("NEWOX") == 10
    assert daily.book.orders[order].terms.symbol == "NEWOX"
    assert "OPENX" not in daily.book.positions
    assert "OPENX trades as NEWOX and is decided on under that name" in notices(third)
    assert outcomes(third).keys() == {"CALDR", "GRUND", "VEXIL", "NEWOX"}
    assert "abstain" not in {outcomes(third)[symbol] for symbol in ("CALDR", "GRUND", "VEXIL")}


@pytest.mark.parametrize("tif", [TimeInForce.DAY, TimeInForce.OPG])
def test_an_order_outlasts_a_closure_that_was_not_scheduled(opened, tif):
    daily, week = opened(lambda _symbol, day: day != str(THIRD))
    order = week.enter("CALDR", Action.BUY, tif=tif)
    third = week.serve(THIRD)
    assert f"{THIRD}: no listed symbol has a bar; the market counts as closed" in notices(third)
    assert str(daily.book.orders[order].status) == "open"
    assert not traded(daily, THIRD)
    week.serve(FOURTH)
    assert str(daily.book.orders[order].status) == "filled"
    assert "CALDR" in traded(daily, FOURTH)
    assert [str(row.status) for row in daily.stores.sessions.rows(NAME)] == ["done"] * 4
