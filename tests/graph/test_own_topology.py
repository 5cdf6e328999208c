"""A topology of thirty lines runs like those of the package: checkpoints, resume, progress, rules and report."""

import inspect
from dataclasses import replace
from decimal import Decimal

import own_topology
import pytest
from every_desk import Everybody
from openoutcry.desk.decision import DecisionRequest, Desk, decide
from openoutcry.desk.records.document import to_document
from openoutcry.desk.rule_desk import order_policy, rule_desk
from openoutcry.domain.account import Account
from openoutcry.domain.decision import ModelInfo, Outcome
from openoutcry.domain.deliberation_outputs import PositionView
from openoutcry.domain.ids import RunId
from openoutcry.graph.build import build
from openoutcry.graph.checkpoints import open_checkpoints
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.interpreter import plan_of
from openoutcry.graph.runtime import Stage
from openoutcry.graph.team_builder import build_team
from openoutcry.graph.topologies.registry import TOPOLOGIES
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.prompts.library import load_prompts
from openoutcry.reports.render import html, markdown
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF, TICKER

FILE = """
name: own_median
roles:
  - {role: expert, name: price, tools: [bars, indicators]}
  - {role: expert, name: press, tools: [news, sentiment]}
  - {role: expert, name: books, tools: [statements, ratios]}
deliberation: {kind: median}
decision: {kind: exposure}
"""
MOST_LINES = 30
REQUEST = DecisionRequest(RunId("run"), TICKER, AS_OF, Account("test", Decimal(100_000)))


class Killed(BaseException):
    """The process ends."""


def killed(_):
    raise Killed


def view(position):
    def answer(question):
        cited = question.user.split("[", 1)[1].split("]", 1)[0]
        return PositionView(position=position, summary="Seen.", evidence=(cited,))

    return answer


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(FILE, encoding="utf-8")
    return load_desk(str(path), topologies=(*TOPOLOGIES, own_topology.Median))


def desk_of(file, source, saver, **lines):
    model = ScriptedModel(Everybody(**lines))
    team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
    info = ModelInfo("scripted", "scripted", "scripted")
    log = InMemoryCallLog()
    return Desk(file, team, build(file, saver), source, Limits(), info, log, {}, 1, "0", lambda: 0.0), model


def test_it_has_at_most_thirty_lines():
    assert len(inspect.getsource(own_topology).splitlines()) <= MOST_LINES


async def test_a_killed_run_is_resumed_reported_and_drawn(file, demo, tmp_path):
    positions = {"price": view(0.9), "press": view(0.2), "books": view(-0.4)}
    with open_checkpoints(tmp_path / "c.db") as saver:
        dying, _ = desk_of(file, demo, saver, **positions | {"books": killed})
        seen = []
        with pytest.raises(Killed):
            await decide(dying, REQUEST, observer=seen.append)
        again, model = desk_of(file, demo, saver, **positions)
        decision = await decide(again, REQUEST, resume=True, observer=seen.append)
    finished = [event.role for event in seen if event.stage is Stage.FINISHED]
    assert sorted(finished) == ["books", "press", "price"]
    assert "books" in {question.role for question in model.asked}
    assert decision.proposal.exposure == Decimal("0.2")
    assert decision.outcome is Outcome.ORDERS
    assert to_document(decision)["proposal"]["kind"] == "exposure"
    assert "Median." in markdown(decision, ())
    assert "Median." in html(decision, ())


async def test_rules_answer_it_with_and_without_langgraph(file, demo):
    desk = rule_desk(file, load_prompts(), demo, Limits(), seed=1, version="", timer=lambda: 0.0)
    slow = await decide(desk, REQUEST)
    assert slow == await decide(replace(desk, plan=plan_of(desk.graph)), REQUEST)
    assert slow.thesis.conviction
