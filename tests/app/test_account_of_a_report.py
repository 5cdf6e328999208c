"""The account beside a decision of the past: as of its session, also after later sessions."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.factories import open_ledger, open_market
from openoutcry.app.report_facts import load_report_facts
from openoutcry.app.settings import load_settings
from openoutcry.desk.accounts.paper_account import advance_account
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.ledger.model.instrument import Instrument
from openoutcry.ledger.model.order_request import OrderRequest
from openoutcry.reports.report_facts import MarkerKind
from openoutcry.tests.ledger.harness import terms

TICKER, FIRST, DAY, LATER = "GRUND", date(2025, 1, 3), date(2025, 1, 6), date(2025, 1, 10)
RULES = {"model": "rules", "remember": False, "account": "paper"}
XNYS = trading_calendar("XNYS")


@pytest.fixture
def decision(home, observer):
    """Hold 100 shares bought at the open of a Monday, and decide on its close."""
    settings = load_settings(RULES)
    source = open_market(settings)
    with closing(open_ledger(settings)) as ledger:
        ledger.create("paper", AccountRules(margin=True, participation_bps=None))
        with ledger.transaction("paper") as broker:
            broker.deposit("opening", 10_000_000)
        advance_account(ledger, "paper", source, XNYS, FIRST)
        with ledger.transaction("paper") as broker:
            broker.list_instrument(Instrument(TICKER))
            broker.submit(OrderRequest(terms("in", "buy", 100, symbol=TICKER)), reference=100_000)
        advance_account(ledger, "paper", source, XNYS, DAY)
    return DecisionService(settings, observer).decide(TICKER, DAY.isoformat()).decision


def move_on(settings, source) -> None:
    """Sell everything, deposit more and go on to the end of the week."""
    with closing(open_ledger(settings)) as ledger:
        with ledger.transaction("paper") as broker:
            broker.submit(OrderRequest(terms("out", "sell", 100, symbol=TICKER)))
            broker.deposit("more", 5_000_000)
        advance_account(ledger, "paper", source, XNYS, LATER)
        assert not ledger.broker("paper").book.positions


def test_a_report_shows_the_account_of_the_session_after_the_account_has_moved_on(decision):
    settings = load_settings(RULES)
    source = open_market(settings)
    before = load_report_facts(settings, decision, source)
    move_on(settings, source)
    facts = load_report_facts(settings, decision, source)
    assert facts == before
    assert facts.account is not None
    (bar,) = source.bars(TICKER, Interval.DAY, until=XNYS.close(DAY), count=1)
    assert facts.account.quantity(TICKER) == 100
    assert facts.account.cash == 100_000 - 100 * bar.open
    assert facts.account.equity == 100_000 + 100 * (bar.close - bar.open)
    trades = [mark for mark in facts.markers if mark.kind in {MarkerKind.BUY, MarkerKind.SELL}]
    assert [(mark.kind, mark.session) for mark in trades] == [(MarkerKind.BUY, DAY)]


def test_an_account_that_began_later_is_unknown(decision):
    settings = load_settings(RULES)
    source = open_market(settings)
    early = replace(decision, as_of=XNYS.close(FIRST) - timedelta(days=3))
    assert load_report_facts(settings, early, source).account is None
