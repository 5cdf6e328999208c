"""Daily results of an account, and the risk directive that a desk takes from them."""

import asyncio
import math
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.desk.accounts.daily_results import DailyResults
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.accounts.journal_readings import JournalReadings
from openoutcry.desk.accounts.stored_account import StoredAccount
from openoutcry.desk.backtest import run_backtest
from openoutcry.desk.proposal_facts import directive_text
from openoutcry.desk.strategies.baselines import BuyAndHold
from openoutcry.domain.account import Account, PastFill
from openoutcry.domain.ids import Symbol
from openoutcry.graph.desk_config import load_desk
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.reports.history import executions
from openoutcry.risk.limit_settings import Limits
from openoutcry.tests.desk.account_pair import open_stored
from openoutcry.tests.scripted_answers import AS_OF, CLEAR
from openoutcry.tests.transcripts import decision_of, scripted_desk

CALDR, CASH = Symbol("CALDR"), 10_000_000
WINDOW = date(2025, 3, 3), date(2025, 3, 28)


def hold(account, source):
    """Buy and hold over the window; return the equity of each session in currency."""
    result = asyncio.run(run_backtest(account, BuyAndHold(source, Limits()), [CALDR], *WINDOW))
    return [Decimal(each) / 100 for each in result.equity]


def test_results_are_the_changes_of_equity_and_grow_with_the_journal(demo):
    account = InMemoryAccount.open("test", AccountRules(), CASH, demo, readings=JournalReadings(DailyResults()))
    equity = hold(account, demo)
    before = [Decimal(CASH) / 100, *equity[:-1]]
    assert account.view(CALDR).daily_results == tuple(b - a for a, b in zip(before, equity, strict=True))
    account.advance(date(2025, 3, 31))
    assert len(account.view(CALDR).daily_results) == len(equity) + 1


def test_fills_of_the_last_months_are_read_where_a_desk_asks_for_them(demo):
    account = InMemoryAccount.open("test", AccountRules(), CASH, demo, readings=JournalReadings(fill_days=180))
    hold(account, demo)
    bought = list(executions(account.broker.journal.events, account.book))
    assert bought
    assert account.view(CALDR).fills == tuple(
        PastFill(date.fromisoformat(each.session), each.action, each.quantity, each.price) for each in bought
    )
    assert account.view(Symbol("GRUND")).fills == ()
    assert account.view(CALDR).daily_results == ()
    account.advance(date(2025, 10, 1))
    assert account.view(CALDR).fills == ()


def test_a_deposit_is_no_profit_and_a_shorter_journal_is_folded_anew(demo):
    account = InMemoryAccount.open("test", AccountRules(), CASH, demo)
    account.advance(WINDOW[0])
    account.broker.deposit("more", 500_000)
    account.advance(date(2025, 3, 4))
    results, events = DailyResults(), account.broker.journal.events
    assert results.of(events) == (Decimal(0), Decimal(0))
    assert results.of(events[:-1]) == (Decimal(0),)


def test_stored_accounts_show_the_same_results(demo, tmp_path):
    stored, ledger = open_stored(tmp_path / "ledger.db", demo, AccountRules(), CASH)
    equity = hold(stored, demo)
    shown = StoredAccount(ledger, "t", demo, stored.decisions.get, JournalReadings(DailyResults())).view(CALDR)
    assert sum(shown.daily_results) == equity[-1] - Decimal(CASH) / 100
    assert stored.view(CALDR).daily_results == ()
    ledger.close()


def account(*results):
    return Account("test", Decimal(100_000), daily_results=tuple(map(Decimal, results)))


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ((), ""),
        ((-5, 3), ""),
        ((3, -5), "the last day lost 5.00"),
        ((-9, *[4] * 58, 1), ""),
        ((*[4] * 59, 8, 1), "CVaR fell from 4.00 to 3.00"),
        ((*[4] * 58, 1, 2), ""),
    ],
    ids=["none", "gained", "lost", "tail-before", "tail-fell", "too-few"],
)
def test_the_directive_of_fincon(results, said):
    text = directive_text(load_desk("fincon").proposal_rules, account(*results))
    assert said in text
    assert bool(said) == bool(text)
    if "fell" in said:  # the mean of the worst 5 % of the days, computed here
        worst = math.floor(0.05 * len(results))
        assert f"{sum(sorted(results)[:worst]) / worst:.2f}" in text


@pytest.mark.parametrize("results", [(2, -1), (2, 1)], ids=["lost", "gained"])
def test_the_manager_reads_the_directive_and_the_analysts_do_not(demo, results):
    desk, model = scripted_desk("fincon", demo)
    decision_of(desk, CLEAR, AS_OF, daily_results=tuple(map(Decimal, results)))
    directed = [request.role for request in model.asked if "decide risk averse this time" in request.user]
    assert directed == (["manager"] if results[-1] < 0 else [])
