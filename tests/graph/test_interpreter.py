"""The interpreter of a graph gives the result of LangGraph for the same nodes."""

import asyncio
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

import pytest
from every_desk import OWN, desk_named
from langgraph.errors import GraphRecursionError
from openoutcry.desk.decision import DecisionRequest, decide
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.account import Account
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.proposal import DecisionKind
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.interpreter import GraphPlan, plan_of
from openoutcry.graph.state import State
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

DAYS = trading_calendar("XNYS").between(date(2025, 3, 3), date(2025, 3, 14))


def desk_of(config, source):
    return rule_desk(config, load_prompts(), source, Limits(), seed=7, version="", timer=lambda: 0.0)


def decisions(desk, symbols):
    async def run():
        account = Account("a", Decimal(100_000), margin=True)
        return [
            asdict(await decide(desk, DecisionRequest(RunId(f"{day}"), Symbol(symbol), close_of(day), account)))
            for day in DAYS[::3]
            for symbol in symbols
        ]

    return asyncio.run(run())


def close_of(day):
    return trading_calendar("XNYS").close(day)


@pytest.mark.parametrize("name", [*(name for name in built_in_desks() if not load_desk(name).over_book), *OWN])
def test_every_built_in_desk_and_topology_decides_as_with_langgraph(demo, tmp_path, name):
    desk = desk_of(desk_named(name, tmp_path), demo)
    symbols = [*sorted(demo.symbols())[::5], "NOWHERE"]
    slow, fast = decisions(desk, symbols), decisions(replace(desk, plan=plan_of(desk.graph)), symbols)
    assert slow == fast
    acted = "hold" if desk.file.decision.kind is DecisionKind.REPORT else "orders"
    assert {str(each["outcome"]) for each in fast} >= {acted, "abstain"}


@pytest.mark.parametrize("rounds", [0, 2, 3])
def test_rounds_of_a_debate_and_a_desk_without_a_committee(demo, rounds):
    config = load_desk("debate")
    debate = config.deliberation.model_copy(update={"rounds": rounds})
    risk = config.risk.model_copy(update={"committee": (), "chair": None}) if rounds == 2 else config.risk
    desk = desk_of(config.model_copy(update={"deliberation": debate, "risk": risk}), demo)
    fast = decisions(replace(desk, plan=plan_of(desk.graph)), ["CALDR", "GRUND"])
    assert fast == decisions(desk, ["CALDR", "GRUND"])
    assert {turn["round"] for each in fast for turn in each["debate"]} == set(range(rounds + 1))


def test_a_graph_that_does_not_end_is_stopped(demo):
    plan = plan_of(build(load_desk("debate")))
    with pytest.raises(GraphRecursionError):
        asyncio.run(GraphPlan(plan.nodes, ("debate",), plan.reducers).run(None, State(counters={}), recursion_limit=0))
