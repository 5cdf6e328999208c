"""A desk with a model that reads its instructions: it stays out of a falling share only if they require it."""

import asyncio
from dataclasses import replace
from datetime import date

from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.decision import Desk
from openoutcry.desk.learning.desk_learning import DeskLearning
from openoutcry.desk.learning.instructions.learning import steps_until
from openoutcry.desk.learning.learned_store import InMemoryLearnedStore, LearningSpace
from openoutcry.desk.rule_desk import order_policy
from openoutcry.desk.strategies.desk_strategy import desk_strategy
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.decision_outputs import Direction, DirectionDecision
from openoutcry.domain.ids import Symbol
from openoutcry.domain.learning_outputs import PromptProposal, WeeklyReflection
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.demo_experiment import TradingCosts, margin_account
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

FALLING = Symbol("HALDM")
FIRST, LAST = date(2025, 2, 5), date(2025, 2, 24)
SESSIONS = trading_calendar("XNYS").between(FIRST, LAST)
SHORT, LONG, POLITE = "Sell what falls.", "Buy more of what falls.", "Be polite."
DESK = """
name: taught
roles:
  - {role: single_agent, name: trader, tools: [bars, indicators]}
deliberation: {kind: single_agent}
decision: {kind: direction}
sizing: {kind: all_in}
learning: LEARNING
"""
TRAINED = """
name: trained
roles:
  - {role: analyst, name: technical, tools: [bars, indicators], call_tools: false}
deliberation: {kind: panel, decider: manager}
decision: {kind: direction}
sizing: {kind: all_in}
learning: LEARNING
"""
PROMPTS = load_prompts()


def block():
    return PROMPTS.get("decision").instructions


def with_sentence(sentence):
    return f"{block()}\n\n{sentence}"


def evidence(request):
    return request.user.split("<evidence>", 1)[1].split("</evidence>", 1)[0]


def decided(request):
    """Return the direction that the instructions ask for; without, the desk stays flat."""
    side = Direction.FLAT
    if SHORT in request.user:
        side = Direction.SHORT
    elif LONG in request.user:
        side = Direction.LONG
    first = evidence(request).split("[", 1)[1].split("]", 1)[0]
    return DirectionDecision(
        direction=side, confidence=0.7, reward_to_risk=None, stop=None, horizon_sessions=5, summary="As instructed.",
        invalidation="Other instructions.", evidence=(first,),
    )  # fmt: skip


def proposal(text):
    return PromptProposal(diagnosis="Why.", revised_instructions=text, changes=("One.",), expected_effect="More.")


def written(tmp_path, learning):
    path = tmp_path / "desk.yaml"
    path.write_text(DESK.replace("LEARNING", learning))
    return str(path)


def taught(source, tmp_path, learning="{kind: opro, every: 3}", *, store=None, texts=(), **lines):
    """Return a desk and its model; `texts` are the proposals in order."""
    file = load_desk(written(tmp_path, learning))
    script = {
        "trader": decided,
        "prompt_optimizer": [proposal(text) for text in texts],
        "weekly_reflector": [WeeklyReflection(reflection=text) for text in texts],
    }
    model = ScriptedModel(script | lines)
    team = build_team(file, PROMPTS, model, order_policy(Limits()), seed=1)
    info = ModelInfo("scripted", "scripted", "scripted")
    desk = Desk(file, team, build(file), source, Limits(), info, InMemoryCallLog(), {}, 1, "0", lambda: 0.0)
    kept = DeskLearning(store or InMemoryLearnedStore(), LearningSpace("demo", "test", "taught"), PROMPTS)
    return replace(desk, learned=kept), model


def traded(desk, first=FIRST, last=LAST, symbol=FALLING):
    """Run a backtest of the desk and return its result."""
    account = InMemoryAccount.open("test", margin_account(TradingCosts()), 10_000_000, desk.source)
    return asyncio.run(run_backtest(account, desk_strategy(desk), [symbol], first, last, every=Every.DAY))


def steps_of(desk, until=LAST):
    return steps_until(desk.learned, trading_calendar("XNYS").close(until))


def asked(model, role):
    return [request for request in model.asked if request.role == role]
