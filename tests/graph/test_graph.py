"""The graph: who is asked in which order, and what happens when a member has no view."""

from dataclasses import replace
from decimal import Decimal

import pytest
from every_desk import slots
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import ChainBroken, LookAheadError, SourceUnavailable
from openoutcry.domain.orders import OrderClass, OrderType
from openoutcry.domain.outputs import (
    Argument,
    OrderPlan,
    OrderPlanWithLots,
    PlannedOrderWithLots,
    Report,
    SingleAgentOutput,
    Stance,
)
from openoutcry.graph.build import build, delete_checkpoints, run_graph
from openoutcry.graph.checkpoints import open_checkpoints
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.runtime import Stage
from scripted_answers import ORDER, THESIS

ANALYSTS = ["technical", "news", "fundamentals", "macro"]
VOICES = ["aggressive", "neutral", "conservative"]


async def run(bench, desk="debate"):
    return await run_graph(build(load_desk(desk) if isinstance(desk, str) else desk), bench, thread="t")


def silent(role):
    return {role: Abstention(role, AbstentionCause.MODEL, "gone")}


async def test_the_default_desk_takes_seven_steps_and_fourteen_questions(bench_of):
    events = []
    bench, model = bench_of(observer=events.append)
    work = await run(bench)
    assert slots(events) == [
        sorted(ANALYSTS),
        ["bear", "bull"],
        ["bear", "bull"],
        ["research_manager"],
        ["trader"],
        sorted(VOICES),
        ["risk_manager"],
    ]
    assert len(model.asked) == 14
    assert work.review is not None


async def test_reports_turns_and_opinions_come_in_the_order_of_the_seats(bench_of):
    bench, _ = bench_of()
    case = (await run(bench)).context
    assert [r.role for r in case.reports] == ANALYSTS
    assert [(t.speaker, t.round) for t in case.turns] == [("bull", 0), ("bear", 0), ("bull", 1), ("bear", 1)]
    assert [o.speaker for o in case.opinions] == VOICES


@pytest.mark.parametrize("rounds", [0, 1, 3])
async def test_each_round_is_one_answer_of_each_side(bench_of, rounds):
    floor = load_desk("debate")
    desk = floor.model_copy(update={"deliberation": floor.deliberation.model_copy(update={"rounds": rounds})})
    bench, model = bench_of(desk)
    case = (await run(bench, desk)).context
    assert [t.round for t in case.turns] == sorted([*range(rounds + 1)] * 2)
    assert len(model.asked) == 12 + 2 * rounds


async def test_an_answer_is_written_with_the_other_sides_last_words_in_view(bench_of):
    bench, model = bench_of()
    await run(bench)
    opening, answer = (q.user for q in model.asked if q.role == "bull")
    assert "A claim." not in opening
    assert "bear, round 0: A claim." in answer


async def test_an_absent_analyst_is_reported_and_the_manager_is_told(bench_of):
    bench, model = bench_of(**silent("news"))
    work = await run(bench)
    assert [a.role for a in work.context.abstentions] == ["news"]
    assert work.context.thesis is not None
    manager = next(q for q in model.asked if q.role == "research_manager")
    assert "news abstains (gone)" in manager.user


async def test_without_any_report_nobody_else_is_asked(bench_of):
    lines = {role: Abstention(role, AbstentionCause.MODEL, "gone") for role in ANALYSTS}
    bench, model = bench_of(**lines)
    work = await run(bench)
    assert work.context.thesis is None
    assert {q.role for q in model.asked} == set(ANALYSTS)


@pytest.mark.parametrize(("role", "lost"), [("research_manager", "thesis"), ("trader", "plan")])
async def test_without_thesis_or_plan_the_graph_ends_without_one(bench_of, role, lost):
    bench, model = bench_of(**silent(role))
    work = await run(bench)
    assert getattr(work.context, lost) is None
    assert model.asked[-1].role == role
    assert work.context.abstentions[-1].role == role


async def test_a_plan_without_orders_needs_no_committee(bench_of):
    bench, model = bench_of(trader=OrderPlan(orders=(), rationale="Nothing stands out."))
    work = await run(bench)
    assert work.context.plan.orders == ()
    assert model.asked[-1].role == "trader"


async def test_a_silent_voice_is_told_to_the_chair(bench_of):
    bench, model = bench_of(**silent("neutral"))
    work = await run(bench)
    assert [o.speaker for o in work.context.opinions] == ["aggressive", "conservative"]
    assert "neutral abstains (gone)" in model.asked[-1].user
    assert work.review is not None


async def test_a_source_that_is_down_costs_only_the_view_of_who_asked_it(bench_of):
    def fail(_):
        raise SourceUnavailable("the wire is down")

    bench, _ = bench_of(macro=fail)
    work = await run(bench)
    assert [r.role for r in work.context.reports] == ["technical", "news", "fundamentals"]
    assert work.context.abstentions[0].cause is AbstentionCause.DATA
    assert "the wire is down" in work.context.abstentions[0].reason


@pytest.mark.parametrize("error", [ValueError("a slip"), LookAheadError("tomorrow's news"), ChainBroken("row 2")])
async def test_a_defect_is_raised_after_the_roles_beside_it_have_finished(bench_of, error):
    """A defect is never an abstention, and the calls of the other analysts are not lost to a resume."""

    def fail(_):
        raise error

    bench, model = bench_of(technical=fail)
    progress = []
    bench = replace(bench, observer=progress.append)
    with pytest.raises(type(error), match=str(error)):
        await run(bench)
    finished = {each.role for each in progress if each.stage is Stage.FINISHED}
    assert finished == {"news", "fundamentals", "macro"}
    assert {q.role for q in model.asked} == set(ANALYSTS)


async def test_a_citation_that_is_not_in_the_case_is_refused(bench_of):
    bench, _ = bench_of(bull=Argument(claim="Trust me.", evidence=("news.forged",)))
    work = await run(bench)
    assert {t.speaker for t in work.context.turns} == {"bear"}
    assert {a.cause for a in work.context.abstentions if a.role == "bull"} == {AbstentionCause.CITATION}


async def test_an_order_that_makes_no_sense_is_refused_before_any_limit(bench_of):
    stop = ORDER.model_copy(update={"type": OrderType.STOP, "stop_price": Decimal(1)})
    bench, _ = bench_of(trader=OrderPlan(orders=(stop,), rationale="A stop on the wrong side."))
    work = await run(bench)
    assert work.context.plan is None
    assert work.context.abstentions[0].cause is AbstentionCause.ANSWER
    assert "above the last close" in work.context.abstentions[0].reason


async def test_the_one_agent_desk_asks_once_and_has_no_committee(bench_of):
    answer = SingleAgentOutput(**THESIS.model_dump(), orders=(ORDER,), rationale="Alone.")
    bench, model = bench_of("single_agent", single_agent=answer)
    work = await run(bench, "single_agent")
    assert [q.role for q in model.asked] == ["single_agent"]
    assert (work.context.thesis, work.context.plan.orders, work.review) == (THESIS, (ORDER,), None)


async def test_what_a_model_looked_up_becomes_evidence_that_it_may_cite(bench_of):
    def look(question):
        told = question.tools.call("bars", '{"symbol": null, "as_of": "2024-06-03"}')
        seen = told.split("[", 1)[1].split("]", 1)[0]
        return Report(summary="Then and now.", stance=Stance.NEUTRAL, confidence=0.5, evidence=(seen,))

    bench, _ = bench_of(technical=look)
    case = (await run(bench)).context
    cited = case.reports[0].report.evidence[0]
    assert cited.endswith("@2024-06-03")
    assert cited in {e.id for e in case.evidence}


async def test_a_killed_run_goes_on_behind_its_last_finished_step(bench_of, tmp_path):
    class Killed(BaseException):
        pass

    def die(_):
        raise Killed

    with open_checkpoints(tmp_path / "c.db") as saver:
        graph = build(load_desk("debate"), saver)
        bench, first = bench_of(trader=die)
        with pytest.raises(Killed):
            await run_graph(graph, bench, thread="t")
        bench, second = bench_of()
        work = await run_graph(graph, bench, thread="t", resume=True)
        fresh = await run_graph(graph, bench_of()[0], thread="other")
    assert first.asked[-1].role == "trader"
    assert [q.role for q in second.asked[:1]] == ["trader"]
    assert len(second.asked) == 5
    assert work == fresh


async def test_a_plan_that_picks_lots_outlives_a_killed_run(bench_of, tmp_path):
    class Killed(BaseException):
        pass

    def die(_):
        raise Killed

    stop = {"order_class": OrderClass.OTO, "stop_loss_stop": Decimal(20), "stop_loss_trail": Decimal("2.5")}
    picked = ORDER.model_copy(update={**stop, "lots": ("a", "b")})
    plan = OrderPlanWithLots(orders=(PlannedOrderWithLots(**picked.model_dump()),), rationale="Some of it.")
    with open_checkpoints(tmp_path / "c.db") as saver:
        graph = build(load_desk("debate"), saver)
        with pytest.raises(Killed):
            await run_graph(graph, bench_of(trader=plan, risk_manager=die)[0], thread="t")
        bench, model = bench_of()
        work = await run_graph(graph, bench, thread="t", resume=True)
    assert "trader" not in [question.role for question in model.asked]
    assert work.context.plan == plan


async def test_a_finished_run_leaves_nothing_in_the_checkpoints(bench_of, tmp_path):
    with open_checkpoints(tmp_path / "c.db") as saver:
        graph = build(load_desk("debate"), saver)
        await run_graph(graph, bench_of()[0], thread="t")
        assert [c async for c in saver.alist(None)]
        await delete_checkpoints(graph, "t")
        assert not [c async for c in saver.alist(None)]


async def test_rules_answer_for_every_seat(bench_of):
    bench, _ = bench_of(rules=True)
    work = await run(bench)
    assert [r.role for r in work.context.reports] == ANALYSTS
    assert work.context.thesis is not None
    known = {e.id for e in work.context.evidence}
    assert {i for r in work.context.reports for i in r.report.evidence} <= known
