"""The day on which a bracket is entered: stops of that day, with and without hourly bars."""

import random

import pytest
from openoutcry.desk.accounts import statement
from openoutcry.desk.accounts.intraday_bars import bar_starts
from openoutcry.ledger.broker import Broker
from openoutcry.ledger.model.account_rules import AccountRules, BarInterval
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.tests.desk.accounts.cases import (
    XNYS,
    buy,
    daily,
    margin_account,
    sessions,
    shared_case,
    walk,
    write_market,
)

DAYS = sessions(4)
FALLS = ((105, 106, 104, 105), (105, 106, 90, 104), (104, 106, 103, 105), (105, 112, 104, 111))
HOURS = ((105, 106, 103, 104), (104, 104, 101, 102), (102, 102, 99, 100), (100, 101, 97, 98), (98, 98, 90, 92),
         (92, 99, 91, 98), (98, 104, 97, 104))  # fmt: skip


def account(bars: BarInterval = BarInterval.DAILY) -> Broker:
    return margin_account(AccountRules(margin=True, bars=bars))


def fills(broker: Broker) -> list[tuple[str, int, bool]]:
    return [(e.order_id, e.price, e.ambiguous) for e in broker.journal.events if isinstance(e, OrderFilled)]


def days_of(rows):
    return daily({str(day): (*row, 1_000_000) for day, row in zip(DAYS, rows, strict=False)})


def hours_of(hours, day=1):
    lines = [
        f"AAA,{start:%Y-%m-%dT%H:%M:%SZ},{','.join(map(str, row))},1000"
        for start, row in zip(bar_starts(XNYS, DAYS[day]), hours, strict=True)
    ]
    return "\n".join(["ticker,ts_utc,open,high,low,close,volume", *lines])


def test_a_stop_below_the_entry_of_its_day_is_filled_on_that_day(tmp_path):
    source = write_market(tmp_path / "m", {"prices_daily.csv": days_of(FALLS)})
    broker = account()
    walk(broker, source, DAYS, buy(100, limit=100, stop=95, target=110))
    assert fills(broker) == [("b", 10_000, False), ("b.sl", 9_500, False)]
    assert broker.book.equity == 9_950_000


@pytest.mark.parametrize("bars", BarInterval)
def test_days_and_hours_agree_on_the_stop_of_the_entry_day(tmp_path, bars):
    files = {"prices_daily.csv": days_of(FALLS), "prices_hourly.csv": hours_of(HOURS)}
    broker = account(bars)
    walk(broker, write_market(tmp_path / "m", files), DAYS, buy(100, limit=100, stop=95, target=110))
    assert fills(broker) == [("b", 10_000, False), ("b.sl", 9_500, False)]
    assert broker.book.equity == 9_950_000


@pytest.mark.parametrize("name", ["01-same-bar-stop", "41-same-day-stop-hours"])
@pytest.mark.parametrize("bars", BarInterval)
def test_the_shared_examples_lose_five_hundred(name, bars):
    broker = account(bars)
    walk(broker, shared_case(name), DAYS, buy(100, limit=100, stop=95, target=110))
    assert broker.book.equity == 9_950_000


@pytest.mark.parametrize("seed", range(40))
def test_days_with_hours_agree_with_hours_on_random_entry_days(tmp_path, seed):
    """The entry is a limit inside the day, so that the hours decide everything after it."""
    luck, hours, price = random.Random(seed), [], 100
    for _ in range(7):
        low, high = sorted(luck.randint(price - 6, price + 6) for _ in range(2))
        last = luck.randint(low, high)
        hours.append((price, max(high, price), min(low, price), last))
        price = last
    whole = (100, max(h[1] for h in hours), min(h[2] for h in hours), price)
    files = {
        "prices_daily.csv": days_of([(100, 101, 99, 100), whole]),
        "prices_hourly.csv": hours_of(hours),
    }
    source, found = write_market(tmp_path / "m", files), []
    for bars in BarInterval:
        rules = AccountRules(margin=True, participation_bps=None, bars=bars)
        broker = margin_account(rules)
        walk(broker, source, DAYS[:2], buy(10, limit=97, stop=93, target=102))
        found.append((fills(broker), broker.book.equity))
    assert found[0] == found[1]


def test_a_day_that_leaves_the_exits_open_is_flagged_and_counted(tmp_path):
    rows = [FALLS[0], (105, 115, 97, 104), *FALLS[2:]]
    broker = account()
    walk(broker, write_market(tmp_path / "m", {"prices_daily.csv": days_of(rows)}), DAYS[:2],
         buy(100, limit=100, stop=95, target=110))  # fmt: skip
    assert fills(broker) == [("b", 10_000, True)]
    assert statement.status(broker, "").ambiguous_fills == 1


def test_a_single_exit_asks_for_the_hours_of_its_entry_day(tmp_path):
    """The high of 106 comes before the entry, which the hours show and the day does not."""
    files = {"prices_daily.csv": days_of(FALLS), "prices_hourly.csv": hours_of(HOURS)}
    broker = account()
    walk(broker, write_market(tmp_path / "m", files), DAYS[:2], buy(100, limit=100, target="105.50"))
    assert fills(broker) == [("b", 10_000, False)]
