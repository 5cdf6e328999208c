"""A desk file with an execution over hourly bars: decisions, daily runs and backtests send the same slices."""

import asyncio
import json
import random
from datetime import date

import pytest
from hourly_market import XNYS, hourly_market
from openoutcry.app.backtest_desk import backtest_desk
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.allocation import PortfolioAllocation
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.execution_text import execution_lines
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.desk.session import SessionPorts
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.graph.desk_config import load_desk
from openoutcry.ledger.model.account_rules import AccountRules, BarInterval
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.ledger.store.verify import verify
from openoutcry.reports.render import html, markdown
from openoutcry.tests.app.daily import NAME, open_daily, sessions

HOURLY = AccountRules(margin=True, bars=BarInterval.HOURLY)
CASH = 10_000_000
DESK = """\
name: sliced
roles:
  - {role: single_agent, name: single_agent, tools: [bars, indicators]}
deliberation: {kind: single_agent}
decision: {kind: direction}
sizing: {kind: all_in}
exits: {kind: bracket, stop: 0.1, reward_to_risk: 2}
execution: {kind: vwap}
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """Return a folder in which AAA rises for two years, with more volume in the first and the last hour."""
    days = XNYS.between(date(2023, 6, 1), date(2025, 3, 14))
    chance, closes = random.Random(5), dict[date, float]()
    price = 50.0
    for day in days:
        closes[day] = price
        price *= 1.0025 + chance.gauss(0, 0.012)

    def bars(session, bar):
        opening = closes[session] + 0.05 * bar
        prices = (opening, opening + 0.3, opening - 0.2, opening + 0.05)
        return (*(round(each, 2) for each in prices), 300_000 if bar in (0, 6) else 100_000)

    folder = tmp_path_factory.mktemp("sliced") / "market"
    hourly_market(folder, days, bars)
    return folder


@pytest.fixture
def desk_file(tmp_path):
    path = tmp_path / "sliced.yaml"
    path.write_text(DESK)
    return path


def fills(events):
    return [event for event in events if isinstance(event, OrderFilled)]


def test_daily_runs_and_a_backtest_send_the_same_slices(tmp_path, market, desk_file):
    days = sessions("2025-03-03", 4)
    with open_daily(tmp_path / "home", rules=HOURLY, cash=CASH, market=str(market), desk=str(desk_file)) as daily:
        for session in days:
            daily.clock.after_close(session)
            daily.run(watchlist="AAA")
        broker, stores = daily.stores.ledger.broker(NAME), daily.stores
        kept = [stores.runs.decision(run.run_id) for run in stores.runs.runs()]
        assert not [check for check in verify(stores.ledger, NAME) if check.breaches]
        account = InMemoryAccount.open(NAME, HOURLY, CASH, stores.source)
        desk = backtest_desk(daily.settings, stores.source, BacktestStore(tmp_path), "same").strategy
        ports = SessionPorts(allocate=PortfolioAllocation(account, stores.source, daily.settings.portfolio))
        watched = (Symbol("AAA"),)
        asyncio.run(run_backtest(account, desk, watched, days[0], days[-1], every=Every.DAY, ports=ports))
    first = min((each for each in kept if each.risk.allowed), key=lambda each: each.as_of)
    (order,) = first.risk.allowed
    entries = [fill for fill in fills(broker.journal.events) if fill.order_id.startswith(f"{order.client_order_id}-s")]
    assert len(entries) == 7
    assert sum(fill.quantity for fill in entries) == order.quantity
    assert fills(account.broker.journal.events) == fills(broker.journal.events)
    assert account.book.state_hash() == broker.book.state_hash()


def test_limits_of_the_whole_account_cut_the_parent_order(tmp_path, market, desk_file):
    chosen = {"market": str(market), "desk": str(desk_file), "portfolio": {"max_gross": "0.05"}}
    with open_daily(tmp_path / "home", rules=HOURLY, cash=CASH, **chosen) as daily:
        (session,) = sessions("2025-03-03", 1)
        daily.clock.after_close(session)
        daily.run(watchlist="AAA")
        (run,) = daily.stores.runs.runs()
        made = daily.stores.runs.decision(run.run_id)
        slices = [each for each in daily.book.live_orders() if each.terms.slice_of]
    (clamp,) = [each for each in made.risk.clamps if each.limit == "portfolio_max_gross"]
    assert sum(each.terms.quantity for each in slices) == clamp.allowed
    assert {each.terms.slice_of for each in slices} == {clamp.client_order_id}


@pytest.mark.parametrize("approved", [True, False])
def test_an_approval_is_asked_for_the_parent_order_and_holds_for_its_slices(tmp_path, market, desk_file, approved):
    with open_daily(tmp_path / "home", rules=HOURLY, cash=CASH, market=str(market), desk=str(desk_file)) as daily:
        (session,) = sessions("2025-03-03", 1)
        daily.clock.after_close(session)
        daily.run(watchlist="AAA", approve="all")
        (proposal,) = daily.book.proposals.values()
        assert not daily.book.live_orders()
        with daily.stores.ledger.transaction(NAME) as broker:
            answer = broker.proposals.approve if approved else broker.proposals.deny
            answer(proposal.order_id, "ann", "2025-03-03T22:00:00Z")
        daily.run(watchlist="AAA", approve="all")
        slices = [each for each in daily.book.live_orders() if each.terms.slice_of == proposal.order_id]
        assert sum(each.quantity for each in slices) == (proposal.event.terms.quantity if approved else 0)
        assert not [check for check in verify(daily.stores.ledger, NAME) if check.breaches]


def test_reports_and_documents_show_the_schedule(tmp_path, market, desk_file):
    with open_daily(tmp_path / "home", rules=HOURLY, cash=CASH, market=str(market), desk=str(desk_file)) as daily:
        (session,) = sessions("2025-03-03", 1)
        daily.clock.after_close(session)
        daily.run(watchlist="AAA")
        (run,) = daily.stores.runs.runs()
        made = daily.stores.runs.decision(run.run_id)
    (order,) = made.risk.allowed
    heading, line = execution_lines(made)
    assert heading == "Execution vwap: 7 hourly bars of 2025-03-04, by the mean volume of 20 sessions."
    assert line.startswith(f"buy {order.quantity} in 7 slices (UTC): ")
    for page in (markdown(made, ()), html(made, ())):
        assert line in page
    document = json.loads(json.dumps(to_document(made)))
    assert sum(int(part["quantity"]) for part in document["execution"]["slices"]) == order.quantity
    assert document["execution"]["starts"][0] == "2025-03-04T14:30:00Z"
    assert set(document["execution"]) == set(json.loads(schema_text())["properties"]["execution"]["properties"])


@pytest.mark.parametrize(
    ("execution", "words"),
    [
        ("{kind: pov}", "execution"),
        ("{kind: almgren_chriss}", "risk_aversion"),
        ("{kind: almgren_chriss, risk_aversion: -1}", "risk_aversion"),
        ("{kind: almgren_chriss, risk_aversion: 1, impact: 0}", "impact"),
        ("{kind: vwap, impact: 1}", "impact"),
    ],
)
def test_a_bad_execution_is_refused_with_the_line(tmp_path, execution, words):
    path = tmp_path / "bad.yaml"
    path.write_text(DESK.replace("{kind: vwap}", execution))
    with pytest.raises(ConfigError, match=rf"bad\.yaml, line 8: .*{words}"):
        load_desk(str(path))
