"""Desks for trainings: their models trade a falling share, and read beliefs and lessons."""

from dataclasses import replace
from datetime import date

from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.decision import Desk
from openoutcry.desk.learning.desk_learning import DeskLearning
from openoutcry.desk.learning.learned_store import InMemoryLearnedStore, LearningSpace
from openoutcry.desk.rule_desk import order_policy
from openoutcry.desk.warm_up import WarmUpWindow
from openoutcry.domain.decision import ModelInfo
from openoutcry.domain.decision_outputs import Direction, DirectionDecision
from openoutcry.domain.ids import Symbol
from openoutcry.domain.outputs import Report, Stance
from openoutcry.evals.demo_experiment import TradingCosts, margin_account
from openoutcry.graph.build import build
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

FALLING = Symbol("HALDM")
WINDOW = WarmUpWindow(date(2025, 2, 10), date(2025, 2, 20), date(2025, 2, 24))
"""Closes: 10 179.08, 11 177.44, 12 176.44, 13 177.34, 14 178.04, 18 174.82, 19 171.60, 20 169.64, 21 169.19."""
LAST_KNOWN = date(2025, 2, 21)


def cited(request):
    return request.user.split("<evidence>", 1)[1].split("[", 1)[1].split("]", 1)[0]


def report(stance):
    return lambda request: Report(summary="Seen.", stance=stance, confidence=0.6, evidence=(cited(request),))


def side(direction, request, summary="As instructed."):
    return DirectionDecision(
        direction=direction, confidence=0.7, reward_to_risk=None, stop=None, horizon_sessions=5, summary=summary,
        invalidation="Other facts.", evidence=(cited(request),),
    )  # fmt: skip


BEARISH, BULLISH = report(Stance.BEARISH), report(Stance.BULLISH)
LONG, FLAT, SHORT = Direction.LONG, Direction.FLAT, Direction.SHORT


def desk_of(source, path, text, *, store=None, **lines):
    """Return a desk with the text of its file, and its model."""
    path.mkdir(exist_ok=True)
    (path / "desk.yaml").write_text(text)
    file, model = load_desk(str(path / "desk.yaml")), ScriptedModel(lines)
    team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
    info = ModelInfo("scripted", "scripted", "scripted")
    desk = Desk(file, team, build(file), source, Limits(), info, InMemoryCallLog(), {}, 1, "0", lambda: 0.0)
    kept = DeskLearning(store or InMemoryLearnedStore(), LearningSpace("demo", "test", "trained"), load_prompts())
    return replace(desk, learned=kept), model


def account_of(source):
    """Return a function that opens the account of an episode."""
    return lambda name: InMemoryAccount.open(name, margin_account(TradingCosts()), 10_000_000, source)


def asked(model, role):
    return [request for request in model.asked if request.role == role]
