"""The baselines on a coin: what was ordered for the bar that is starting is not ordered again."""

import asyncio
from datetime import date, timedelta

from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.strategies.baselines import BuyAndHold, EqualWeight
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.market.folder import open_folder
from openoutcry.risk.limits import Limits

FIRST, SHOWN = date(2025, 3, 1), 40
DECIDED = FIRST + timedelta(days=30)
RULES = AccountRules(margin=True, calendar="24/7", participation_bps=None)


def fills(folder, make):
    """Return the fills of a strategy over ten days at a price of 100 that rises by 1 a day, as (session, quantity)."""
    days = [FIRST + timedelta(days=number) for number in range(SHOWN)]
    prices = [100 + max(0, number - 30) for number in range(SHOWN)]
    rows = [f"BTC,{day},{p},{p},{p},{p},500000" for day, p in zip(days, prices, strict=True)]
    (folder / "crypto_daily.csv").write_text("\n".join(["ticker,date,open,high,low,close,volume", *rows]))
    source = open_folder(folder)
    account = InMemoryAccount.open("test", RULES, 10_000_000, source)
    asyncio.run(run_backtest(account, make(source), [Symbol("BTC")], DECIDED, days[-1], every=Every.DAY))
    events = account.broker.journal.events
    return account, [(e.session, e.quantity / 10**6) for e in events if isinstance(e, OrderFilled)]


def test_buy_and_hold_buys_once_on_the_second_day_after_its_decision(tmp_path):
    """The first price that moves gives a volatility to size by: that of the day after the first decision."""
    _, found = fills(tmp_path, lambda source: BuyAndHold(source, Limits()))
    assert [session for session, _ in found] == [(DECIDED + timedelta(days=1 + 2)).isoformat()]


def test_equal_weight_orders_its_share_once(tmp_path):
    """Half of 100,000 is 500 coins at 100; later orders only follow the price."""
    account, found = fills(tmp_path, lambda source: EqualWeight(source, 2))
    assert found[0] == ((DECIDED + timedelta(days=2)).isoformat(), 500)
    assert all(abs(quantity) < 10 for _, quantity in found[1:])
    assert 450 * 10**6 < account.book.quantity("BTC") <= 500 * 10**6
