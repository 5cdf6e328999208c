"""Results of slow roles outlive the process, as of the decision that asked for them, and only for the same role."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from openoutcry.agents.agent import AgentResult
from openoutcry.agents.context import MissingEvidence
from openoutcry.desk.records.backtest_store import BacktestStore
from openoutcry.desk.records.run_store import RunStore
from openoutcry.desk.records.stored_results import ResultsOwner
from openoutcry.domain.decision_outputs import DirectionDecision
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import EvidenceId, RunId, Symbol
from openoutcry.domain.outputs import Report
from openoutcry.graph.period_results import KeptResult, PeriodTurn, ProcessPeriodResults
from openoutcry.memory.port import RecalledRecord
from openoutcry.memory.record import Aspect, Layer, Namespace, Record, Source

PERIOD = datetime(2025, 3, 3, 21, tzinfo=UTC)
TURN = PeriodTurn("strategist", "CALDR", 0, PERIOD)
OWNER = ResultsOwner("demo-1", "mine", "lm_guided")
SETUP = {"strategist": "aaaa", "news": "bbbb"}
DAY = timedelta(days=1)


def report(words, evidence="px.close"):
    return Report(stance="bullish", confidence=0.6, summary=words, evidence=(EvidenceId(evidence),))


def result(words="Up."):
    return AgentResult((report(words),))


def kept(words, made_at, run="first"):
    return KeptResult(result(words), made_at, RunId(run))


@pytest.fixture(params=["process", "runs", "backtests"])
def results(request, tmp_path):
    if request.param == "process":
        yield ProcessPeriodResults()
        return
    store = RunStore(tmp_path / "runs.db") if request.param == "runs" else BacktestStore(tmp_path)
    with closing(store):
        yield store.period_results(OWNER, SETUP)


def test_the_last_result_that_was_made_by_then_is_returned(results):
    late, early = kept("Late.", PERIOD + 9 * DAY), kept("Early.", PERIOD + DAY, "second")
    results.keep(TURN, late)
    results.keep(TURN, early)
    assert results.last(TURN, PERIOD) is None
    assert results.last(TURN, PERIOD + DAY) == early
    assert results.last(TURN, PERIOD + 9 * DAY - timedelta(microseconds=1)) == early
    assert results.last(TURN, PERIOD + 30 * DAY) == late


def test_the_first_result_of_one_time_stays(results):
    results.keep(TURN, kept("First.", PERIOD))
    results.keep(TURN, kept("Second.", PERIOD, "second"))
    assert results.last(TURN, PERIOD) == kept("First.", PERIOD)


@pytest.mark.parametrize(
    "other",
    [{"role": "news"}, {"subject": "CALDR,GRUND"}, {"round": 1}, {"period": PERIOD + 29 * DAY}],
    ids=["role", "book", "round", "period"],
)
def test_other_turns_are_kept_apart(results, other):
    results.keep(TURN, kept("Up.", PERIOD))
    assert results.last(replace(TURN, **other), PERIOD + 90 * DAY) is None


@pytest.mark.parametrize(
    ("owner", "setup"),
    [
        (replace(OWNER, account="yours"), SETUP),
        (replace(OWNER, desk="other"), SETUP),
        (replace(OWNER, market="demo-2"), SETUP),
        (OWNER, {"strategist": "cccc"}),
    ],
    ids=["account", "desk", "market", "configuration"],
)
def test_results_of_other_owners_and_configurations_are_not_used(tmp_path, owner, setup):
    with closing(RunStore(tmp_path / "runs.db")) as store:
        store.period_results(OWNER, SETUP).keep(TURN, kept("Up.", PERIOD))
        assert store.period_results(owner, setup).last(TURN, PERIOD) is None
        assert store.period_results(OWNER, SETUP).last(TURN, PERIOD) == kept("Up.", PERIOD)


def test_the_whole_result_outlives_the_process(tmp_path):
    space, at = Namespace("demo", "mine"), PERIOD - DAY
    facts = (("return", Decimal("0.10")),)
    record = Record(space, Symbol("CALDR"), Source.NEWS, Aspect.NEWS, "Zürich", at, at, at, surprise=1 / 3, facts=facts)
    view = DirectionDecision(
        horizon_sessions=21, invalidation="Below.", summary="Zürich.", evidence=(EvidenceId("px.close"),),
        direction="long", confidence=0.7, reward_to_risk=None, stop=None,
    )  # fmt: skip
    shown = Evidence(EvidenceId("px.close"), next(iter(EvidenceKind)), "demo", PERIOD, "Close.", Decimal("10.10"))
    missing = MissingEvidence("news", "none", failed=True, symbol=Symbol("CALDR"))
    memories = (RecalledRecord(record, Layer.SHORT, 0.1 + 0.2, {"recency": 1 / 3}, "x"),)
    whole = AgentResult((report("Up."), view), (shown,), (missing,), memories)
    with closing(RunStore(tmp_path / "runs.db")) as store:
        store.period_results(OWNER, SETUP).keep(TURN, KeptResult(whole, PERIOD, RunId("first")))
    with closing(RunStore(tmp_path / "runs.db")) as store:
        assert store.period_results(OWNER, SETUP).last(TURN, PERIOD) == KeptResult(whole, PERIOD, RunId("first"))


def test_deleting_a_run_leaves_the_last_result_of_a_role(tmp_path):
    later = replace(TURN, period=PERIOD + 29 * DAY)
    with closing(RunStore(tmp_path / "runs.db")) as store:
        results = store.period_results(OWNER, SETUP)
        results.keep(TURN, kept("March.", PERIOD))
        store.delete([RunId("first")])
        assert results.last(TURN, PERIOD) is not None
        results.keep(later, kept("April.", later.period, "second"))
        store.delete([RunId("first"), RunId("second")])
        assert results.last(TURN, PERIOD) is None
        assert results.last(later, later.period) is not None


OLD_TABLES = {
    "runs.db": """
CREATE TABLE runs (
    run_id TEXT NOT NULL PRIMARY KEY, started_at TEXT NOT NULL, ticker TEXT NOT NULL, as_of TEXT NOT NULL,
    desk TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT, request TEXT NOT NULL, config_hash TEXT NOT NULL,
    decision TEXT
);
CREATE TABLE calls (
    run_id TEXT NOT NULL, key TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, reply TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    wall_s REAL NOT NULL, estimated INTEGER NOT NULL, request TEXT, PRIMARY KEY (run_id, key)
);
INSERT INTO runs VALUES ('r', '2025-03-03T21:00:00Z', 'CALDR', '2025-03-03T21:00:00Z', 'debate', 'done', 'hold', '{}',
    'hash', NULL);
PRAGMA user_version=2;
""",
    "backtests.db": """
CREATE TABLE backtests (
    backtest_id TEXT NOT NULL PRIMARY KEY, started_at TEXT NOT NULL, finished_at TEXT, request TEXT NOT NULL,
    config_hash TEXT NOT NULL
);
CREATE TABLE decisions (
    backtest_id TEXT NOT NULL, run_id TEXT NOT NULL, decision BLOB NOT NULL, PRIMARY KEY (run_id)
);
CREATE TABLE calls (
    run_id TEXT NOT NULL, key TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, reply TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    wall_s REAL NOT NULL, estimated INTEGER NOT NULL, request TEXT, PRIMARY KEY (run_id, key)
);
INSERT INTO backtests VALUES ('bt', '2025-03-03T21:00:00+00:00', NULL, '{}', 'hash');
PRAGMA user_version=1;
""",
}


@pytest.mark.parametrize("name", OLD_TABLES)
def test_a_file_of_the_former_version_keeps_its_rows_and_takes_results(tmp_path, name):
    with closing(sqlite3.connect(tmp_path / name)) as connection:
        connection.executescript(OLD_TABLES[name])
    store = RunStore(tmp_path / name) if name == "runs.db" else BacktestStore(tmp_path)
    with closing(store):
        results = store.period_results(OWNER, SETUP)
        results.keep(TURN, kept("Up.", PERIOD))
        assert results.last(TURN, PERIOD) == kept("Up.", PERIOD)
        assert store.find("r" if name == "runs.db" else "bt") is not None
