"""Sessions around a split, a dividend, a half day and the end of daylight saving time, worked by hand.

A person buys and sells; the orders of the desk wait for an approval that is not given.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

from openoutcry.app.manual_orders import EntryKey, ManualOrderService
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts.manual_orders import ManualOrder
from openoutcry.domain.orders import Action
from openoutcry.domain.times import iso_time
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, XNYS, open_daily

SHARE = "ACME"
BEFORE_CHANGE, AFTER_CHANGE = date(2025, 10, 31), date(2025, 11, 3)
SPLIT, DIVIDEND = date(2025, 11, 4), date(2025, 11, 5)
EVE, HALF_DAY = date(2025, 11, 26), date(2025, 11, 28)
BARS = {AFTER_CHANGE: ("101", "102"), SPLIT: ("51", "52"), DIVIDEND: ("52", "51.50"), HALF_DAY: ("52.50", "53")}
"""Open and close of the sessions that differ; the others have 100 before the split and at 52 after it."""


def write_market(folder):
    rows = ["ticker,date,open,high,low,close,volume"]
    for day in XNYS.between(date(2025, 3, 3), HALF_DAY):
        flat = "100" if day < SPLIT else "52"
        moved = ("100", ("99.50", "100.50")[day.day % 2])  # so that there is a volatility to size by
        opened, closed = BARS.get(day, moved if day < BEFORE_CHANGE else (flat, flat))
        high, low = max(opened, closed, key=float), min(opened, closed, key=float)
        rows.append(f"{SHARE},{day},{opened},{high},{low},{closed},1000000")
    folder.mkdir()
    (folder / "prices_daily.csv").write_text("\n".join(rows) + "\n")
    (folder / "splits.csv").write_text(f"ticker,ex_date,ratio\n{SHARE},{SPLIT},2\n")
    (folder / "dividends.csv").write_text(f"ticker,ex_date,pay_date,amount\n{SHARE},{DIVIDEND},2025-11-20,0.50\n")
    return folder


def enter(daily, session, action, quantity):
    service = ManualOrderService(daily.settings, daily.stores.ledger, daily.observer.notice)
    key = EntryKey(NAME, as_of=iso_time(XNYS.close(session)))
    service.submit(key, ManualOrder(SHARE, action, Decimal(quantity)))


def run(daily, *when):
    """Run the session that is due at a time, and return its row, cash in cents, shares, and equity."""
    daily.clock.now = datetime(*when, tzinfo=UTC)
    row = daily.run(watchlist=SHARE, approve="all").row
    position = daily.book.positions.get(SHARE)
    return row, daily.book.cash, position.quantity if position else 0, result_of_row(daily, row)


def result_of_row(daily, row):
    found = result_of(row)
    return daily.book.equity if found is None else int(found.equity * 100)


def test_a_split_a_dividend_a_half_day_and_the_end_of_daylight_saving_time(tmp_path):
    market = write_market(tmp_path / "market")
    with open_daily(tmp_path / "home", market=str(market), rules=AccountRules()) as daily:
        seen = {}
        for day, when in (
            (BEFORE_CHANGE, (2025, 10, 31, 20, 30)),  # summer time: the close is at 20:00 UTC
            (AFTER_CHANGE, (2025, 11, 3, 21, 30)),  # winter time: at 21:00 UTC
            (SPLIT, (2025, 11, 4, 21, 30)),
            (DIVIDEND, (2025, 11, 5, 21, 30)),
            (EVE, (2025, 11, 26, 21, 30)),
            (HALF_DAY, (2025, 11, 28, 18, 30)),  # the close is at 18:00 UTC
        ):
            row, *seen[day] = run(daily, *when)
            assert row.session == day
            if day == BEFORE_CHANGE:
                enter(daily, day, Action.BUY, 10)
            if day == EVE:
                enter(daily, day, Action.SELL, 20)
        assert seen == {
            BEFORE_CHANGE: [100_000_00, 0, 100_000_00],
            AFTER_CHANGE: [98_990_00, 10, 100_010_00],  # 10 at 101.00; 10 x 102 + 98,990
            SPLIT: [98_990_00, 20, 100_030_00],  # 20 x 52 + 98,990
            DIVIDEND: [98_990_00, 20, 100_030_00],  # 20 x 51.50 + 98,990 + a claim on 20 x 0.50
            EVE: [99_000_00, 20, 100_040_00],  # the dividend was paid; 20 x 52 + 99,000
            HALF_DAY: [100_050_00, 0, 100_050_00],  # 20 at 52.50
        }
        assert row.as_of == datetime(2025, 11, 28, 18, tzinfo=UTC)
        missed = [each.session for each in daily.stores.sessions.rows(NAME) if str(each.status) == "missed"]
        assert set(XNYS.between(date(2025, 11, 6), date(2025, 11, 25))) <= set(missed)
        assert [check.breaches for check in verify(daily.stores.ledger, NAME) if check.breaches] == []
