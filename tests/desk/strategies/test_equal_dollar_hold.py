"""Equal amounts of money, bought once by notional market orders: in an account's book, not by a formula."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.strategies.equal_dollar_hold import EqualDollarHold
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.order_events import OrderAccepted, OrderFilled
from openoutcry.performance.drawdown import max_drawdown
from openoutcry.tests.desk.strategies.opening_prices import OpeningPrices

NAMES = tuple(map(Symbol, ["AAPL", "MSFT", "AMZN", "JPM", "JNJ", "BA", "CAT", "HD", "IBM", "V", "MCD", "AMGN"]))
ACCEPTED, LAST = date(2025, 2, 28), date(2025, 6, 30)
CASH = 10_000_000
FRACTIONS = AccountRules(margin=True, fractional=True, participation_bps=None, cushion_bps=0)


def held(source, symbols, first, last, rules=FRACTIONS, *, notional=True):
    strategy = EqualDollarHold(source, len(symbols), rules.cushion_bps)
    amounts = strategy.amounts if notional else {}
    account = InMemoryAccount.open("hold", rules, CASH, source, amounts=amounts)
    return account, asyncio.run(run_backtest(account, strategy, symbols, first, last, every=Every.DAY))


def test_the_published_buy_and_hold_of_twelve_names(real_source):
    """Computed elsewhere: +2.979 %, -16.693 % and 0.0383, bought and marked at opens, without costs and dividends."""
    source = OpeningPrices(real_source)
    account, result = held(source, NAMES, ACCEPTED, LAST)
    equity = np.array(result.equity[1:], dtype=float)
    returns = np.concatenate([[0.0], equity[1:] / equity[:-1] - 1])
    assert result.sessions[:2] == (ACCEPTED, date(2025, 3, 3))
    assert equity[0] == pytest.approx(CASH, abs=2 * len(NAMES))
    assert f"{equity[-1] / CASH - 1:+.3%}" == "+2.979%"
    assert f"{max_drawdown(equity).depth:+.3%}" == "-16.693%"
    assert f"{returns.mean() / returns[returns < 0].std(ddof=1):.4f}" == "0.0383"
    events = account.broker.journal.events
    assert result.fills == len(NAMES) == sum(isinstance(event, OrderAccepted) for event in events)
    assert {event.session for event in events if isinstance(event, OrderFilled)} == {"2025-03-03"}


@pytest.mark.parametrize("notional", [True, False])
def test_a_notional_order_spends_its_amount_at_the_open(demo, notional):
    symbols = (Symbol("CALDR"), Symbol("GRUND"))
    account, result = held(demo, symbols, date(2025, 3, 3), date(2025, 3, 7), notional=notional)
    spent = [event.value for event in account.broker.journal.events if isinstance(event, OrderFilled)]
    assert len(spent) == 2
    assert (spent == [pytest.approx(CASH / 2, abs=2)] * 2) is notional
    assert result.rejected == 0


def test_an_account_of_whole_shares_buys_whole_shares_within_its_cash(demo):
    rules = replace(FRACTIONS, margin=False, fractional=False, cushion_bps=250)
    account, result = held(demo, (Symbol("CALDR"), Symbol("GRUND")), date(2025, 3, 3), date(2025, 3, 7), rules)
    holdings = account.view(Symbol("CALDR")).holdings.values()
    assert [each.quantity % 1 for each in holdings] == [Decimal(0)] * 2
    assert 0 <= account.book.cash < CASH * 0.06
    assert result.rejected == 0
