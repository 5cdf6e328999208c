"""The backtest service: the loop of a session, what a later process finds, and runs that are kept."""

import asyncio
import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.app.backtest_desk import backtest_desk
from openoutcry.app.backtest_estimate import estimate_backtest
from openoutcry.app.backtest_request import BacktestRequest
from openoutcry.app.backtest_service import BacktestInterrupted, BacktestService
from openoutcry.app.factories import open_market, open_store
from openoutcry.app.settings import home as state_folder
from openoutcry.app.settings import load_settings
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.domain.errors import BudgetExceeded, ConfigError, ModelUnavailable, StaleDecision
from openoutcry.domain.ids import Symbol
from openoutcry.graph.desk_config import BUILT_IN
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.reports.backtest_document import backtest_document
from stub.http_log import Fault
from stub.server import StubServer

RULES = AccountRules(margin=True, borrow_bps=30)
CALDR, GRUND = Symbol("CALDR"), Symbol("GRUND")
WEEK = BacktestRequest((CALDR, GRUND), date(2025, 3, 3), date(2025, 3, 7), Every.DAY, Decimal(100_000), "USD", RULES)
CALLS_A_DECISION = 14


class Watched:
    """Keeps what a service reports; `stop` is raised after as many sessions."""

    def __init__(self, stop=None, after=0):
        self.notices, self.ids, self.steps, self._stop, self._after = [], [], [], stop, after

    def notice(self, text):
        self.notices.append(text)

    def started(self, backtest_id, text, *, synthetic):
        self.ids.append(backtest_id)

    def progress(self, progress):
        self.steps.append(progress)
        if self._stop is not None and len(self.steps) == self._after:
            raise self._stop


def settings_of(**flags):
    return load_settings({"demo_seed": 7, "model": "rules", **flags})


def run(request=WEEK, watched=None, **flags):
    settings = settings_of(**flags)
    return BacktestService(settings, watched or Watched()).run(request, open_market(settings))


def result_of(view):
    """Return the document without the time that this process took."""
    document = backtest_document(view)
    del document["run"]
    return json.dumps(document)


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


def test_the_figures_are_those_of_the_loop(home):
    watched = Watched()
    view = run(watched=watched)
    settings = settings_of()
    source = open_market(settings)
    with closing(BacktestStore(state_folder(settings))) as store:
        desk = backtest_desk(settings, source, store, "other")
    account = InMemoryAccount.open(view.backtest_id, RULES, 10_000_000, source)
    plain = asyncio.run(run_backtest(account, desk, [CALDR, GRUND], WEEK.first, WEEK.last, every=Every.DAY))
    assert [int(value * 100) for value in view.tracks[0].equity] == list(plain.equity)
    assert view.decisions == plain.decisions
    assert len(view.decisions) == 10
    assert [(step.done, step.total, step.decisions) for step in watched.steps] == [(n, 5, 2 * n) for n in range(1, 6)]


def test_buy_and_hold_spends_its_cash_and_cash_stays(home):
    _, held, idle = run(replace(WEEK, rules=AccountRules())).tracks
    assert idle.equity == (Decimal("100000.00"),) * 5
    assert held.fills == 2
    assert held.rejected == 0
    assert 0.9 < held.net[-1] < 1
    assert held.net[0] == 0


def test_the_same_request_is_the_same_backtest_and_another_is_not(home):
    first, again, other = run(), run(), run(replace(WEEK, cash=Decimal(50_000)))
    assert result_of(first) == result_of(again)
    assert first.backtest_id == again.backtest_id != other.backtest_id


def test_kept_decisions_are_runs_with_the_answers_of_the_broker(home):
    view = run(replace(WEEK, keep_decisions=True))
    with closing(open_store(settings_of())) as store:
        runs = store.runs()
        kept = [store.decision(each.run_id) for each in runs]
    assert len(kept) == len(view.decisions) == 10
    assert {(each.as_of.date(), each.ticker, each.outcome) for each in kept} == {
        (each.session, each.symbol, each.outcome) for each in view.decisions
    }
    assert all(each.submissions for each in kept if each.risk.allowed)
    assert all(each.evidence and each.reports for each in kept)


def test_two_processes_give_the_result_of_one(home):
    settings = settings_of()
    two = BacktestService(settings, Watched(), workers=2).run(WEEK, open_market(settings))
    assert result_of(two) == result_of(run())


def test_several_processes_are_refused_for_models(home, stub):
    settings = settings_of(model="openai:x", base_url=stub.url)
    with pytest.raises(ConfigError, match="--workers"):
        BacktestService(settings, Watched(), workers=2).run(WEEK, open_market(settings))


def test_without_keep_no_run_is_stored(home):
    run()
    with closing(open_store(settings_of())) as store:
        assert store.runs() == ()


def test_a_backtest_with_a_model_continues_without_a_repeated_call(home, stub):
    flags = {"model": "openai:x", "base_url": stub.url, "attempts": 1}
    whole = run(**flags)
    calls = len(stub.requests)
    assert calls > 10 * 6
    other = {**flags, "home": home / "other"}
    stub.requests.clear()
    stub.fail(*[None] * (calls // 2), *[Fault.error(503)] * 40)
    with pytest.raises(ModelUnavailable, match="--resume bt-"):
        run(**other)
    failed = sum(request.status != 200 for request in stub.requests)
    stub.heal()
    service = BacktestService(settings_of(**other), Watched())
    resumed = service.resume("latest")
    assert result_of(resumed) == result_of(whole)
    assert 0 < resumed.time.reused < 10
    assert len(stub.requests) - failed == calls
    again = run(**other)
    assert len(stub.requests) - failed == calls
    assert (again.time.reused, again.time.made, again.time.rate) == (10, 0, None)
    assert result_of(again) == result_of(whole)


def test_a_backtest_can_be_interrupted_and_names_itself(home):
    watched = Watched(KeyboardInterrupt(), 2)
    with pytest.raises(BacktestInterrupted) as stopped:
        run(watched=watched)
    assert stopped.value.backtest_id == watched.ids[0]
    resumed = BacktestService(settings_of(), Watched()).resume(watched.ids[0][:14])
    assert result_of(resumed) == result_of(run())


def test_what_was_changed_since_is_refused(home, tmp_path):
    desk = tmp_path / "desk.yaml"
    text = (BUILT_IN / "debate.yaml").read_text(encoding="utf-8")
    desk.write_text(text, encoding="utf-8")
    view = run(desk=str(desk))
    desk.write_text(text.replace("rounds: 1", "rounds: 2"), encoding="utf-8")
    with pytest.raises(StaleDecision, match="have changed"):
        BacktestService(settings_of(), Watched()).resume(view.backtest_id)
    with pytest.raises(ConfigError, match="no backtest 'bt-x'"):
        BacktestService(settings_of(), Watched()).resume("bt-x")


def test_a_budget_of_the_account_stops_the_backtest(home, stub):
    flags = {"model": "openai:x", "base_url": stub.url, "budgets": {"account": {"max_calls": 20}}}
    with pytest.raises(BudgetExceeded):
        run(**flags)
    assert len(stub.requests) == 20


def test_the_part_of_the_window_before_a_cut_off_is_counted(home, stub):
    (known,) = run(model="openai:gpt-4o", base_url=stub.url).known
    late = run(replace(WEEK, first=date(2025, 3, 7)), model="openai:unheard-of", base_url=stub.url).known
    assert known.cutoff < WEEK.first
    assert known.sessions == 0
    assert [(each.model, each.cutoff, each.sessions) for each in late] == [("unheard-of", None, None)]


def test_an_estimate_counts_every_decision_and_calls_no_model(home, stub):
    settings = settings_of(model="openai:gpt-5-mini", base_url=stub.url)
    found = estimate_backtest(WEEK, settings, open_market(settings))
    assert (found.decisions, found.sessions) == (10, 5)
    assert 10 * 6 < found.calls <= 10 * CALLS_A_DECISION
    assert found.cost_usd > 0
    assert stub.requests == []
