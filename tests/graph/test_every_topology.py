"""Every topology: who sees what, and a run that is killed anywhere goes on without asking again."""

from collections import Counter

import pytest
from every_desk import DESKS, Everybody, desk_named, transcript
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.graph.build import build, run_graph
from openoutcry.graph.checkpoints import open_checkpoints
from openoutcry.graph.runtime import RunContext, Stage
from openoutcry.graph.team_builder import build_team
from openoutcry.graph.topologies.registry import TOPOLOGIES
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.view import MarketView
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from scripted_answers import AS_OF
from slow_disk import Slow


class Killed(BaseException):
    """The process ends."""


class Dying(ScriptedModel):
    """Answers a number of requests; then the process is killed."""

    def __init__(self, script, calls):
        super().__init__(script)
        self.calls = calls

    async def generate(self, request):
        if len(self.asked) >= self.calls:
            raise Killed
        return await super().generate(request)


@pytest.fixture
def run_of(demo, brief):
    """Return a function that opens a run of a desk with a model, and the list of its progress."""

    def open_run(file, model):
        events = []
        team = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
        return RunContext(brief, MarketView(demo, AS_OF), team, events.append), events

    return open_run


def finished(events):
    return Counter(event.role for event in events if event.stage is Stage.FINISHED)


def asked(model):
    return Counter(question.role for question in model.asked)


OVER_A_BOOK = {"contest", "filter", "portfolio"}
"""Topologies of books; `test_book_graph.py` runs every built-in desk over a book."""


def test_the_desks_are_of_every_topology(tmp_path):
    kinds = {desk_named(name, tmp_path).deliberation.kind for name in DESKS}
    all_kinds = {topology.model_fields["kind"].default for topology in TOPOLOGIES}
    assert kinds == all_kinds - OVER_A_BOOK


@pytest.mark.parametrize("name", DESKS)
async def test_who_was_asked_what_and_saw_what(run_of, tmp_path, snapshot, name):
    file, model = desk_named(name, tmp_path), ScriptedModel(Everybody())
    run, events = run_of(file, model)
    work = await run_graph(build(file), run, thread="t")
    assert work.context.thesis is not None, work.context.abstentions
    assert not work.context.abstentions
    assert transcript(run.team, model.asked, events) == snapshot


@pytest.mark.parametrize("name", DESKS)
async def test_a_run_that_is_killed_at_any_call_ends_the_same_and_asks_no_finished_role_again(run_of, tmp_path, name):
    file, model = desk_named(name, tmp_path), ScriptedModel(Everybody())
    run, events = run_of(file, model)
    whole = await run_graph(build(file), run, thread="t")
    turns = finished(events)
    for calls in range(len(model.asked)):
        with open_checkpoints(tmp_path / f"{calls}.db") as saver:
            graph = build(file, saver)
            first, before = run_of(file, Dying(Everybody(), calls))
            with pytest.raises(Killed):
                await run_graph(graph, first, thread="t")
            again = ScriptedModel(Everybody())
            second, _ = run_of(file, again)
            resumed = await run_graph(graph, second, thread="t", resume=True)
        assert resumed == whole
        each = {role: count // turns[role] for role, count in asked(model).items()}
        left = Counter({role: (turns[role] - finished(before)[role]) * each[role] for role in each})
        assert asked(again) == +left, calls


@pytest.mark.parametrize("name", DESKS)
async def test_a_run_goes_on_from_whatever_step_a_slow_disk_had_come_to(run_of, tmp_path, name):
    file, slow = desk_named(name, tmp_path), Slow()
    whole = await run_graph(build(file, slow), run_of(file, ScriptedModel(Everybody()))[0], thread="t")
    assert len(slow.steps) >= 3
    for step in range(len(slow.steps)):
        graph = build(file, slow.until(step))
        assert await run_graph(graph, run_of(file, ScriptedModel(Everybody()))[0], thread="t", resume=True) == whole, (
            step
        )


@pytest.mark.parametrize("name", DESKS)
async def test_a_desk_without_any_answer_abstains(run_of, tmp_path, name):
    def gone(question):
        return Abstention(question.role, AbstentionCause.MODEL, "gone")

    file = desk_named(name, tmp_path)
    run, _ = run_of(file, ScriptedModel(Everybody(**dict.fromkeys(file.roster.names(), gone))))
    context = (await run_graph(build(file), run, thread="t")).context
    if getattr(file.deliberation, "fallback", "") == "static":
        assert "static" in context.thesis.summary
    else:
        assert (context.thesis, context.plan) == (None, None)
    assert context.abstentions
