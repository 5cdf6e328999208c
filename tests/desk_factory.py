"""Desks that are open for business, answered by a script or by rules."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.rule_desk import order_policy, rule_desk
from openoutcry.domain.account import Account
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF, SCRIPT, TICKER


def rules(source, desk="debate", limits=Limits()):
    """Return a floor answered by rules."""
    return rule_desk(load_desk(desk), load_prompts(), source, limits, seed=1, version="0", timer=lambda: 0.0)


def scripted(source, limits=Limits(), desk="debate", **lines):
    """Return a floor answered by a script laid over the one that agrees on everything."""
    file, model = load_desk(desk), ScriptedModel(SCRIPT | lines)
    members = build_team(file, load_prompts(), model, order_policy(limits), seed=1)
    use = ModelInfo("scripted", "scripted", "scripted")
    return Desk(file, members, build(file), source, limits, use, InMemoryCallLog(), {}, 1, "0", lambda: 0.0)


def taken(floor, ticker=TICKER, as_of=AS_OF, account=Account("test", Decimal(100_000))):
    """Take one decision."""
    return asyncio.run(decide(floor, DecisionRequest(RunId("run"), Symbol(ticker), as_of, account)))


def close_of(year, month, day, hour=21):
    """Return a moment in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)
