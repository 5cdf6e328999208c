"""Roles that act once a month are asked once for an account: in sessions, in backtests and by `decide`."""

import asyncio
import json
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest
from openoutcry.app import recordings
from openoutcry.app.backtest_desk import backtest_desk
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.factories import open_ledger
from openoutcry.app.replay_service import replay_run
from openoutcry.app.settings import load_settings
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.allocation import PortfolioAllocation
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.desk.records.document import schema_text, to_document
from openoutcry.desk.session import SessionPorts
from openoutcry.domain.ids import Symbol
from openoutcry.graph.runtime import Stage
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.prompts.library import BUILT_IN
from openoutcry.tests.app.daily import NAME, open_daily, sessions
from stub.answers import Filler, evidence_ids
from stub.server import StubServer, fill

jsonschema = pytest.importorskip("jsonschema")
DAYS = sessions("2025-03-28", 6)
"""Two sessions of March, four of April."""
CASH = 10_000_000
RULES = AccountRules(margin=True)
CALLS = 1 + 5
"""The masked news, and the samples of the strategist."""
VOTES = [2, 2, 2, 1, 1, 3, 3, 3, 3, 1]
"""The confidence that the strategist states in turn: asked again, it answers otherwise."""


class Moody:
    """Answers every question, the strategist's otherwise each time."""

    def __init__(self):
        self.asked = Counter()

    def __call__(self, request):
        role = "strategist" if "action_confidence" in (request.schema or {}).get("properties", {}) else "news"
        confidence = VOTES[self.asked[role] % len(VOTES)]
        self.asked[role] += 1
        cited = evidence_ids(request.prompt)[0]
        return fill(Filler(values={"action_confidence": confidence, "source": cited}), request)


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer(responder=Moody()) as server:
        yield server


def settings_of(answered, stub, desk="lm_guided"):
    model = {"model": "rules"} if answered == "rules" else {"model": "openai:stub", "base_url": stub.url}
    return {"desk": desk, "remember": False, "rules": RULES, "cash": CASH, "max_parallel": 1, **model}


def essence(decision):
    """Return what a decision says, without the names of its run."""
    said = decision.thesis, decision.proposal, decision.contributions, decision.evidence, decision.abstention
    return *said, decision.risk, decision.kept, decision.as_of


def session(daily, day, watchlist="CALDR", progress=None):
    if progress:
        daily.observer.progress = progress
    daily.clock.after_close(day)
    return daily.run(watchlist=watchlist).record.decisions


def backtested(daily, folder, days=DAYS):
    """Return the decisions of a backtest over the same sessions."""
    account = InMemoryAccount.open(NAME, RULES, CASH, daily.stores.source)
    limits, made = PortfolioAllocation(account, daily.stores.source, daily.settings.portfolio), []

    def allocate(decisions):
        made.extend(decisions)
        return limits(decisions)

    with closing(BacktestStore(folder)) as store:
        strategy = backtest_desk(daily.settings, daily.stores.source, store, "same").strategy
        watched, ports = (Symbol("CALDR"),), SessionPorts(allocate=allocate)
        asyncio.run(run_backtest(account, strategy, watched, days[0], days[-1], every=Every.DAY, ports=ports))
    return made


@pytest.mark.parametrize("answered", ["rules", "model"])
def test_sessions_and_a_backtest_make_the_same_decisions(tmp_path, stub, answered):
    with open_daily(tmp_path / "home", **settings_of(answered, stub)) as daily:
        lived = [decision for day in DAYS for decision in session(daily, day)]
        asked = Counter(stub.responder.asked)
        stub.responder.asked.clear()
        same = backtested(daily, tmp_path)
    assert [essence(each) for each in lived] == [essence(each) for each in same]
    assert asked == stub.responder.asked == ({"news": 2, "strategist": 10} if answered == "model" else {})
    made = [{each.made_at.date() for each in decision.kept} for decision in lived]
    assert made == [set(), {DAYS[0]}, set(), {DAYS[2]}, {DAYS[2]}, {DAYS[2]}]
    convictions = [each.thesis.conviction for each in lived]
    assert len(set(convictions)) == (2 if answered == "model" else len(set(convictions)))


def test_every_symbol_is_asked_about_on_its_own(tmp_path, stub):
    with open_daily(tmp_path / "home", **settings_of("model", stub)) as daily:
        for day in DAYS[:2]:
            session(daily, day, "CALDR,GRUND")
        assert stub.responder.asked == {"news": 2, "strategist": 10}
        session(daily, DAYS[2], "CALDR,GRUND,VEXIL")
    assert stub.responder.asked == {"news": 5, "strategist": 25}


def test_the_document_names_the_roles_and_the_decision_that_asked_them(tmp_path, stub):
    with open_daily(tmp_path / "home", **settings_of("model", stub)) as daily:
        (first,), (second,) = session(daily, DAYS[0]), session(daily, DAYS[1])
    document = json.loads(json.dumps(to_document(second), default=str))
    assert document["kept"] == [
        {"role": "news", "made_at": f"{DAYS[0]}T20:00:00Z"},
        {"role": "strategist", "made_at": f"{DAYS[0]}T20:00:00Z"},
    ]
    jsonschema.validate(document, json.loads(schema_text()))
    assert "kept" not in to_document(first)


class Stopped(BaseException):
    """The process ends here."""


def stopper(stop_at):
    finished = []

    def progress(event):
        finished.extend([event] if event.stage is Stage.FINISHED else [])
        if len(finished) > stop_at:
            raise Stopped

    return progress


@pytest.mark.parametrize("day", [0, 1], ids=["asking", "using"])
@pytest.mark.parametrize("stop_at", [0, 1])
def test_a_session_that_is_stopped_after_any_role_makes_the_same_decisions(tmp_path, stub, day, stop_at):
    with open_daily(tmp_path / "whole", **settings_of("model", stub)) as daily:
        whole = [essence(*session(daily, each)) for each in DAYS[:3]]
    stub.responder.asked.clear()
    torn = []
    for number, each in enumerate(DAYS[:3]):
        with open_daily(tmp_path / "torn", **settings_of("model", stub)) as daily:
            if number == day:
                with pytest.raises(Stopped):
                    session(daily, each, progress=stopper(stop_at))
        with open_daily(tmp_path / "torn", **settings_of("model", stub)) as daily:
            torn.append(essence(*session(daily, each)))
    assert torn == whole
    assert stub.responder.asked == {"news": 2, "strategist": 10}


def test_a_backtest_that_is_continued_asks_no_role_again(tmp_path, stub):
    with open_daily(tmp_path / "home", **settings_of("model", stub)) as daily:
        folders = [tmp_path / name for name in ("whole", "torn")]
        for folder in folders:
            folder.mkdir()
        whole = backtested(daily, folders[0])
        stub.responder.asked.clear()
        torn = [decision for day in DAYS for decision in backtested(daily, folders[1], days=[day])]
    assert [each.thesis.conviction for each in torn] == [each.thesis.conviction for each in whole]
    assert stub.responder.asked == {"news": 2, "strategist": 10}


def test_a_changed_prompt_asks_its_role_again_and_no_other(tmp_path, stub):
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    with open_daily(tmp_path / "home", **settings_of("model", stub)) as daily:
        session(daily, DAYS[2])
        text = (BUILT_IN / "strategist.md").read_text(encoding="utf-8")
        (prompts / "strategist.md").write_text(f"{text}\nBe brief.\n", encoding="utf-8")
        changed = replace(daily, settings=daily.settings.model_copy(update={"prompts": prompts}))
        (decision,) = session(changed, DAYS[3])
    assert [each.role for each in decision.kept] == ["news"]
    assert stub.responder.asked == {"news": 1, "strategist": 10}


def decided(observer, day, stub, **more):
    given = settings_of("model", stub)
    del given["rules"], given["cash"]
    service = DecisionService(load_settings({**given, **more}), observer)
    try:
        return service.decide("CALDR", str(day)).decision
    finally:
        service.close()


@pytest.fixture
def account(home):
    with closing(open_ledger(load_settings({}))) as ledger:
        ledger.create("paper", RULES)
        with ledger.transaction("paper") as broker:
            broker.deposit("opening", CASH)


def test_decide_asks_once_a_month_for_an_account_and_each_time_without(home, observer, account, stub):
    first, second = (decided(observer, day, stub, account="paper") for day in DAYS[2:4])
    assert stub.responder.asked == {"news": 1, "strategist": 5}
    assert (first.kept, len(second.kept)) == ((), 2)
    assert first.thesis.conviction == second.thesis.conviction
    alone = [decided(observer, day, stub) for day in DAYS[2:4]]
    assert stub.responder.asked == {"news": 3, "strategist": 15}
    assert [each.kept for each in alone] == [(), ()]


def test_a_recorded_run_is_replayed_with_what_it_had_kept(home, observer, account, stub):
    decided(observer, DAYS[2], stub, account="paper")
    second = decided(observer, DAYS[3], stub, account="paper", recording="record")
    asked = Counter(stub.responder.asked)
    replayed = replay_run(load_settings({}), second.run_id)
    assert (replayed.decision.kept, replayed.calls) == (second.kept, 0)
    file = home.parent / "run.recording"
    recordings.export_run(load_settings({}), second.run_id, file)
    elsewhere = load_settings({"home": home.parent / "other"})
    recordings.import_runs(elsewhere, file)
    assert replay_run(elsewhere, second.run_id).decision.kept == second.kept
    assert stub.responder.asked == asked
