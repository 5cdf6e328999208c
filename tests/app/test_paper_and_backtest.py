"""Sessions of a stored account, one process step at a time, and a backtest are the same: fills, equity, state."""

import asyncio

from openoutcry.app.backtest_desk import backtest_desk
from openoutcry.app.session_rows import result_of
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.allocation import PortfolioAllocation
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.desk.session import SessionPorts
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.pricing.commission import Commission, CommissionKind
from openoutcry.ledger.pricing.slippage import Slippage, SlippageKind
from openoutcry.ledger.pricing.units import MINOR
from openoutcry.ledger.store.verify import verify
from openoutcry.tests.app.daily import NAME, open_daily, sessions

SYMBOLS = ("CALDR", "DRUMT", "GRUND", "VEXIL")
TIGHT = {"max_gross": "0.25", "max_new_names": 2}
WATCHED = tuple(map(Symbol, SYMBOLS))
CASH = 10_000_000
COSTLY = AccountRules(
    margin=True, commission=Commission(CommissionKind.BPS, 1), slippage=Slippage(SlippageKind.FIXED, 2), borrow_bps=50
)


def fills(events):
    return [event for event in events if isinstance(event, OrderFilled)]


def test_daily_runs_and_a_backtest_end_in_the_same_account(tmp_path):
    rules, days = COSTLY, sessions("2025-03-03", 21)
    with open_daily(tmp_path / "home", rules=rules, cash=CASH, remember=False, portfolio=TIGHT) as daily:
        for session in days:
            daily.clock.after_close(session)
            daily.run(watchlist=",".join(SYMBOLS))
        rows = reversed(daily.stores.sessions.rows(NAME))
        equity = [int(result_of(row).equity * MINOR) for row in rows]
        kept = [daily.stores.runs.decision(run.run_id) for run in daily.stores.runs.runs()]
        broker = daily.stores.ledger.broker(NAME)
        assert not [check for check in verify(daily.stores.ledger, NAME) if check.breaches]
        account = InMemoryAccount.open(NAME, rules, CASH, daily.stores.source)
        desk = backtest_desk(daily.settings, daily.stores.source, BacktestStore(tmp_path), "same").strategy
        limits = PortfolioAllocation(account, daily.stores.source, daily.settings.portfolio)
        ports = SessionPorts(allocate=limits)
        tested = asyncio.run(run_backtest(account, desk, WATCHED, days[0], days[-1], every=Every.DAY, ports=ports))
    cut = [clamp for run in kept for clamp in run.risk.clamps if clamp.limit.startswith("portfolio_")]
    assert {clamp.limit for clamp in cut} >= {"portfolio_max_gross"}
    assert len(fills(broker.journal.events)) > 5
    assert fills(account.broker.journal.events) == fills(broker.journal.events)
    assert list(tested.equity) == equity
    assert account.book.state_hash() == broker.book.state_hash()
