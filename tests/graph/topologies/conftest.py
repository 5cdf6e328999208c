"""Runs of a desk file with scripted answers, on the demo market."""

import asyncio
from decimal import Decimal

import pytest
from every_desk import Everybody
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.ids import RunId
from openoutcry.graph.build import build, run_graph
from openoutcry.graph.desk_config import BUILT_IN, load_desk
from openoutcry.graph.runtime import RunContext
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.view import MarketView
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF, TICKER

MODEL = ModelInfo("scripted", "scripted", "scripted")


@pytest.fixture
def desk_of(tmp_path):
    """Return a function that loads a built-in desk, or one whose text is changed."""

    def load(name, *changes, text=None):
        written = text or (BUILT_IN / f"{name}.yaml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in written, old
            written = written.replace(old, new)
        path = tmp_path / "desk.yaml"
        path.write_text(written, encoding="utf-8")
        return load_desk(str(path))

    return load


@pytest.fixture
def context_of(demo, brief):
    """Return a function that runs the graph of a desk with a script, and returns the context and the model."""

    def run(file, budgets=None, **lines):
        model = ScriptedModel(Everybody(**lines))
        team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
        run_context = RunContext(brief, MarketView(demo, AS_OF), team)
        if budgets is not None:
            run_context = RunContext(brief, MarketView(demo, AS_OF), team, budgets=lambda _: budgets)
        return asyncio.run(run_graph(build(file), run_context, thread="t")).context, model

    return run


@pytest.fixture
def decision_of(demo):
    """Return a function that takes a whole decision of a desk with a script."""

    def take(file, source=None, as_of=AS_OF, **lines):
        model = ScriptedModel(Everybody(**lines))
        team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
        log = InMemoryCallLog()
        desk = Desk(file, team, build(file), source or demo, Limits(), MODEL, log, {}, 1, "0", lambda: 0.0)
        account = Account("test", Decimal(100_000), margin=True)
        return asyncio.run(decide(desk, DecisionRequest(RunId("run"), TICKER, as_of, account)))

    return take
