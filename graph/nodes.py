"""The nodes: each reads a slice of the state, calls one member of the bench, and returns what it said.

Nothing that a member does can end the graph: whatever goes wrong becomes that member's abstention.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from langgraph.runtime import Runtime

from ..agents.context import MissingEvidence
from ..agents.recall import (
    MOST_PARTS,
    QUARTER,
    TRADE_ASPECT,
    WHOLE,
)
from ..agents.single_agent import split_output
from ..domain.abstention import Abstention, AbstentionCause, cause_for_error
from ..domain.errors import OpenOutcryError, is_bug
from ..domain.evidence import Evidence
from ..memory.port import RecalledRecord
from .recalled import record_memories, with_memories
from .runtime import Progress, RunContext, Stage
from .state import State

Step = Callable[[State, RunContext], Awaitable[State]]


class Node(Protocol):
    """What LangGraph calls."""

    async def __call__(self, state: State, runtime: Runtime[RunContext]) -> State: ...


def node_for(role: str, step: Step) -> Node:
    """Return the node for `role`: it notifies the observer, does the work, and turns an error into an abstention.

    A defect of the program (`is_bug`) is raised, after the nodes that run beside this one have finished.
    """

    async def node(state: State, runtime: Runtime[RunContext]) -> State:
        run_context = runtime.context
        run_context.observer(Progress(role, Stage.STARTED))
        try:
            async with run_context.running.count():
                delta = await step(state, run_context)
        except Exception as error:
            if not isinstance(error, OpenOutcryError) or is_bug(error):
                await run_context.running.wait_for_others()
                raise
            delta = State(absences=(_abstention(role, error),))
        run_context.observer(Progress(role, Stage.FINISHED, _said(delta)))
        return delta

    return node


def analyst(place: int) -> Step:
    """Let the analyst at `place` report."""

    async def work(_: State, bench: RunContext) -> State:
        agent = bench.team.analysts[place]
        filed = await agent.report(bench.brief, bench.view, bench.recall)
        seen = _seen(filed.evidence, filed.missing, filed.memories, agent.role.name)
        if isinstance(filed.outcome, Abstention):
            return State(**seen, absences=(filed.outcome,))
        return State(**seen, reports=(filed.outcome,))

    return work


def researcher(place: int) -> Step:
    """Let the researcher at `place` open, or answer."""

    async def work(state: State, bench: RunContext) -> State:
        agent = bench.team.researchers[place]
        context, seen = with_memories(state, bench, agent.role.name, MOST_PARTS)
        turn = await agent.argue(context, state.get("rounds_heard", 1) - 1)
        return State(**seen, absences=(turn,)) if isinstance(turn, Abstention) else State(**seen, turns=(turn,))

    return work


async def next_round(state: State) -> State:
    """Call the next round of the debate."""
    return State(rounds_heard=state.get("rounds_heard", 0) + 1)


async def manager(state: State, run_context: RunContext) -> State:
    """Let the research manager write the thesis."""
    if run_context.team.manager is None:
        return State(absences=(Abstention("research_manager", AbstentionCause.BENCH, "the role is not configured"),))
    context, seen = with_memories(state, run_context, "research_manager", WHOLE)
    thesis = await run_context.team.manager.judge(context)
    return State(**seen, absences=(thesis,)) if isinstance(thesis, Abstention) else State(**seen, thesis=thesis)


async def trader(state: State, run_context: RunContext) -> State:
    """Let the trader write the orders for the thesis."""
    context, seen = with_memories(state, run_context, "trader", WHOLE)
    if run_context.team.trader is None or context.thesis is None:
        return State(
            absences=(Abstention("trader", AbstentionCause.BENCH, "the role is not configured, or there is no thesis"),)
        )
    plan = await run_context.team.trader.plan(context, context.thesis)
    return State(**seen, absences=(plan,)) if isinstance(plan, Abstention) else State(**seen, plan=plan)


async def single_agent(_: State, run_context: RunContext) -> State:
    """Let the one agent of a one-agent desk decide."""
    if run_context.team.single_agent is None:
        return State(absences=(Abstention("single_agent", AbstentionCause.BENCH, "the role is not configured"),))
    context = run_context.team.single_agent.open(run_context.brief, run_context.view, run_context.recall)
    answer = await run_context.team.single_agent.decide(context)
    seen = _seen(context.evidence, context.missing, context.memories, run_context.team.single_agent.role.name)
    if isinstance(answer, Abstention):
        return State(**seen, absences=(answer,))
    thesis, plan = split_output(answer)
    return State(**seen, thesis=thesis, plan=plan)


def risk_analyst(place: int) -> Step:
    """Let the voice at `place` speak on the plan."""

    async def work(state: State, bench: RunContext) -> State:
        agent = bench.team.risk_analysts[place]
        context, seen = with_memories(state, bench, agent.role.name, QUARTER, TRADE_ASPECT)
        if context.thesis is None or context.plan is None:
            return State(absences=(Abstention(agent.role.name, AbstentionCause.BENCH, "there is no plan"),))
        opinion = await agent.assess(context, context.thesis, context.plan)
        if isinstance(opinion, Abstention):
            return State(**seen, absences=(opinion,))
        return State(**seen, opinions=(opinion,))

    return work


async def risk_manager(state: State, run_context: RunContext) -> State:
    """Let the risk manager have the last word on the plan."""
    context, seen = with_memories(state, run_context, "risk_manager", QUARTER, TRADE_ASPECT)
    if run_context.team.risk_manager is None or context.thesis is None or context.plan is None:
        reason = "the role is not configured, or there is no plan"
        return State(absences=(Abstention("risk_manager", AbstentionCause.BENCH, reason),))
    review = await run_context.team.risk_manager.review(context, context.thesis, context.plan)
    return State(**seen, absences=(review,)) if isinstance(review, Abstention) else State(**seen, review=review)


def _seen(
    evidence: tuple[Evidence, ...],
    missing: tuple[MissingEvidence, ...],
    memories: tuple[RecalledRecord, ...],
    role: str,
) -> State:
    noted = record_memories(memories, role)
    return State(evidence=(*evidence, *noted["evidence"]), missing=missing, recalled=noted["recalled"])


def _abstention(role: str, error: OpenOutcryError) -> Abstention:
    return Abstention(role, cause_for_error(error), str(error))


def _said(delta: State) -> object | None:
    for name in ("absences", "reports", "turns", "opinions"):
        if items := delta.get(name):
            return items[0]  # type: ignore[index, no-any-return]
    return delta.get("review") or delta.get("plan") or delta.get("thesis")
