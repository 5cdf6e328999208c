"""Accounts walked by the hour, and days whose doubts the hours settle."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from openoutcry.desk.accounts.intraday_bars import bar_starts
from openoutcry.desk.accounts.market_replay import advance_session
from openoutcry.desk.accounts.order_routing import submit_orders
from openoutcry.desk.accounts.paper_account import advance_account, replay_account
from openoutcry.domain.errors import SourceUnavailable
from openoutcry.domain.ids import ClientOrderId, Symbol
from openoutcry.domain.market import Interval
from openoutcry.domain.orders import (
    Action,
    Order,
    OrderClass,
    OrderType,
    StopLoss,
    TakeProfit,
    TimeInForce,
)
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, BarInterval
from openoutcry.ledger.model.events import BarClosed
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.ledger.store.verify import verify
from openoutcry.market.folder import open_folder

XNYS = trading_calendar("XNYS")
FIRST = date(2025, 3, 3)
HEADER = "open,high,low,close,volume"
FLAT = [(100, 101, 99, 100)] * 7
FALLS_FIRST = [
    (100, 101, 99, 100),
    (100, 101, 89, 95),
    (95, 96, 94, 95),
    (95, 112, 95, 110),
    *[(110, 111, 109, 110)] * 3,
]
RISES_FIRST = [
    (100, 101, 99, 100),
    (100, 112, 99, 105),
    (105, 106, 104, 105),
    (105, 106, 89, 95),
    *[(95, 96, 94, 95)] * 3,
]


def whole(hours):
    return (hours[0][0], max(h[1] for h in hours), min(h[2] for h in hours), hours[-1][3])


def market(folder, days, *, drop=0, stretch=1):
    """Write a market of one symbol: a day for each list of hours, the last `drop` hours of the last day missing."""
    sessions = XNYS.between(FIRST, FIRST + timedelta(days=30))[: len(days)]
    daily, hourly = [f"ticker,date,{HEADER}"], [f"ticker,ts_utc,{HEADER}"]
    for session, hours in zip(sessions, days, strict=True):
        daily.append(f"AAA,{session},{','.join(map(str, whole(hours)))},7000000")
        starts = bar_starts(XNYS, session)
        kept = len(starts) - (drop if session == sessions[-1] else 0)
        for start, prices in list(zip(starts, hours, strict=True))[:kept]:
            hourly.append(f"AAA,{start:%Y-%m-%dT%H:%M:%SZ},{','.join(str(p * stretch) for p in prices)},1000000")
    folder.mkdir(exist_ok=True)
    (folder / "prices_daily.csv").write_text("\n".join(daily) + "\n")
    (folder / "prices_hourly.csv").write_text("\n".join(hourly) + "\n")
    return open_folder(folder), sessions


def bracket():
    return Order(
        ClientOrderId("b"), Symbol("AAA"), Action.BUY, Decimal(10), OrderType.MARKET, None, None, None,
        TimeInForce.DAY, OrderClass.BRACKET, TakeProfit(Decimal(111)), StopLoss(Decimal(90)), "r", (),
    )  # fmt: skip


def account(bars):
    broker = Broker.open("t", AccountRules(margin=True, participation_bps=None, bars=bars), XNYS)
    broker.deposit("opening", 10_000_000)
    return broker


def walked(broker, source, sessions):
    """Let the sessions happen, a bracket being sent after the first; return what was filled and what was said."""
    said = []
    advance_session(broker, source, XNYS, sessions[0], said.append)
    submit_orders(broker, [bracket()], Instrument("AAA"), "run", Decimal(100))
    for session in sessions[1:]:
        advance_session(broker, source, XNYS, session, said.append)
    fills = [(e.order_id, e.price, e.ambiguous) for e in broker.journal.events if isinstance(e, OrderFilled)]
    return fills, said


@pytest.mark.parametrize("bars", BarInterval)
@pytest.mark.parametrize(("hours", "exit_"), [(FALLS_FIRST, ("b.sl", 9_000)), (RISES_FIRST, ("b.tp", 11_100))])
def test_the_hours_say_which_exit_came_first(tmp_path, bars, hours, exit_):
    source, sessions = market(tmp_path / "m", [FLAT, hours, FLAT])
    fills, said = walked(account(bars), source, sessions)
    assert fills == [("b", 10_000, False), (*exit_, False)]
    assert said == []


@pytest.mark.parametrize(("drop", "stretch", "why"), [(1, 1, "miss 1 of 7"), (0, 10, "range from")])
@pytest.mark.parametrize("bars", BarInterval)
def test_the_daily_rule_stands_and_says_so_where_the_hours_are_not_whole_or_not_true(
    tmp_path, bars, drop, stretch, why
):
    source, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST], drop=drop, stretch=stretch)
    broker = account(bars)
    fills, said = walked(broker, source, sessions)
    assert fills == [("b", 10_000, False), ("b.sl", 9_000, True)]
    assert len(said) == 1
    assert why in said[0]
    assert broker.book.bar == 1


def test_an_account_of_hours_says_when_there_are_none(tmp_path):
    source, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST])
    (tmp_path / "m" / "prices_hourly.csv").unlink()
    source = open_folder(tmp_path / "m")
    assert walked(account(BarInterval.DAILY), source, sessions)[1] == []
    assert "miss 7 of 7" in walked(account(BarInterval.HOURLY), source, sessions)[1][0]


def test_a_source_that_cannot_give_the_hours_leaves_the_day_to_decide(tmp_path):
    source, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST])

    class Daily:
        """A market whose hours are out of reach."""

        def __getattr__(self, name):
            return getattr(source, name)

        def bars(self, symbol, interval, *, until, count):
            if interval is Interval.HOUR:
                raise SourceUnavailable("the hours are sold out")
            return source.bars(symbol, interval, until=until, count=count)

    fills, said = walked(account(BarInterval.DAILY), Daily(), sessions)
    assert fills[-1] == ("b.sl", 9_000, True)
    assert "sold out" in said[0]


def edited(folder, name, old, new):
    """Change text in a table of a market and open it anew."""
    table = folder / name
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, new))
    return open_folder(folder)


@pytest.mark.parametrize("bars", BarInterval)
def test_hours_that_cannot_be_true_leave_the_day_to_decide(tmp_path, bars):
    _, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST])
    source = edited(tmp_path / "m", "prices_hourly.csv", "100,112,99,105", "100,112,113,105")
    fills, said = walked(account(bars), source, sessions)
    assert fills[-1] == ("b.sl", 9_000, True)
    assert "cannot be had" in said[-1]


@pytest.mark.parametrize("bars", BarInterval)
@pytest.mark.parametrize("prices", ["100,112,89,104", "104,112,89,95"])
def test_hours_that_open_or_close_elsewhere_than_the_day_leave_it_to_decide(tmp_path, bars, prices):
    _, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST])
    source = edited(tmp_path / "m", "prices_daily.csv", "100,112,89,95", prices)
    broker = account(bars)
    _, said = walked(broker, source, sessions)
    assert "go from 10000 to 9500 ticks" in said[-1]
    assert broker.book.bar == 1


def test_the_hours_together_trade_what_the_day_did(tmp_path):
    filled = []
    for bars in BarInterval:
        folder = tmp_path / bars.name
        _, sessions = market(folder, [FLAT, FLAT])
        source = edited(folder, "prices_hourly.csv", ",1000000", ",300000")
        broker = Broker.open("t", AccountRules(bars=bars), XNYS)
        broker.deposit("opening", 10**11)
        advance_session(broker, source, XNYS, sessions[0])
        plain = replace(bracket(), quantity=Decimal(3_000_000), order_class=OrderClass.SIMPLE)
        submit_orders(
            broker, [replace(plain, take_profit=None, stop_loss=None)], Instrument("AAA"), "run", Decimal(100)
        )
        advance_session(broker, source, XNYS, sessions[1])
        filled.append(broker.book.order("b").filled)
    assert filled == [700_000, 700_000]


def test_an_account_of_hours_closes_a_bar_an_hour_and_its_day_orders_live_to_the_close(tmp_path):
    source, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST])
    broker = account(BarInterval.HOURLY)
    advance_session(broker, source, XNYS, sessions[0])
    late = replace(bracket(), type=OrderType.LIMIT, limit_price=Decimal(94), order_class=OrderClass.SIMPLE,
                   take_profit=None, stop_loss=None)  # fmt: skip
    submit_orders(broker, [late], Instrument("AAA"), "run", Decimal(100))
    advance_session(broker, source, XNYS, sessions[1])
    bars = [event for event in broker.journal.events if isinstance(event, BarClosed)][1:]
    assert [(event.session, event.last) for event in bars] == [(sessions[1].isoformat(), n == 6) for n in range(7)]
    (fill,) = [event for event in broker.journal.events if isinstance(event, OrderFilled)]
    assert (fill.bar, fill.price) == (bars[3].bar, 9_400)


def test_a_half_day_has_its_own_hours():
    assert len(bar_starts(XNYS, date(2024, 11, 29))) == 4
    assert len(bar_starts(XNYS, FIRST)) == 7


def test_sessions_of_hours_are_lived_once_and_again_after_a_crash(tmp_path):
    source, sessions = market(tmp_path / "m", [FLAT, RISES_FIRST, FALLS_FIRST, FLAT])
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", trading_calendar)
    ledger.create("t", AccountRules(margin=True, participation_bps=None, bars=BarInterval.HOURLY))
    with ledger.transaction("t") as broker:
        broker.deposit("opening", 10_000_000)
    advance_account(ledger, "t", source, XNYS, sessions[0])
    with ledger.transaction("t") as broker:
        submit_orders(broker, [bracket()], Instrument("AAA"), "run", Decimal(100))
    expected = replay_account(ledger, "t", source, XNYS, sessions[-1]).book.state_hash()

    class Dies:
        """A market that dies in the middle of a session."""

        def __getattr__(self, name):
            return getattr(source, name)

        def splits(self, symbol, *, until):
            if until >= XNYS.close(sessions[1]):
                raise OSError("killed")
            return source.splits(symbol, until=until)

    with pytest.raises(OSError, match="killed"):
        advance_account(ledger, "t", Dies(), XNYS, sessions[-1])
    ledger.close()
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'book.db'}", trading_calendar)
    for _ in range(2):
        advance_account(ledger, "t", source, XNYS, sessions[-1])
        assert ledger.broker("t").book.state_hash() == expected
    assert not [check for check in verify(ledger, "t") if check.breaches]
    ledger.close()
