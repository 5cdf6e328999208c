"""The nodes of the graph. A node reads part of the state, calls one agent and returns the change of the state.

A failure of the data source or of the model becomes an abstention of the role. Every other error ends the run.
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
from ..domain.errors import DataError, ModelError
from ..domain.evidence import Evidence
from ..memory.port import RecalledRecord
from .quorum import DebateQuorum
from .recalled import record_memories, with_memories
from .runtime import Progress, RunContext, Stage
from .state import State

Step = Callable[[State, RunContext], Awaitable[State]]


class Node(Protocol):
    """A node as LangGraph calls it."""

    async def __call__(self, state: State, runtime: Runtime[RunContext]) -> State: ...


class RoundNode(Protocol):
    """A node that needs the state only."""

    async def __call__(self, state: State) -> State: ...


def node_for(role: str, step: Step) -> Node:
    """Return the node for `role`, which notifies the observer and runs `step`.

    DataError and ModelError become an abstention of the role. Every other error is raised after the nodes that run at
    the same time have finished.
    """

    async def node(state: State, runtime: Runtime[RunContext]) -> State:
        run_context = runtime.context
        run_context.observer(Progress(role, Stage.STARTED))
        try:
            async with run_context.running.count():
                delta = await step(state, run_context)
        except (DataError, ModelError) as error:
            delta = State(abstentions=(Abstention(role, cause_for_error(error), str(error)),))
        except Exception:
            await run_context.running.wait_for_others()
            raise
        run_context.observer(Progress(role, Stage.FINISHED, _output(delta)))
        return delta

    return node


def analyst(place: int) -> Step:
    """Return the step of the analyst at index `place` of the team."""

    async def work(_: State, run_context: RunContext) -> State:
        agent = run_context.team.analysts[place]
        result = await agent.report(run_context.brief, run_context.view, run_context.recall)
        shown = _shown(result.evidence, result.missing, result.memories, agent.role.name)
        if isinstance(result.outcome, Abstention):
            return State(**shown, abstentions=(result.outcome,))
        return State(**shown, reports=(result.outcome,))

    return work


def researcher(place: int) -> Step:
    """Return the step of the researcher at index `place`: the opening argument, or the answer of a later round."""

    async def work(state: State, run_context: RunContext) -> State:
        agent = run_context.team.researchers[place]
        context, shown = with_memories(state, run_context, agent.role.name, MOST_PARTS)
        turn = await agent.argue(context, state.get("round", 1) - 1)
        return State(**shown, abstentions=(turn,)) if isinstance(turn, Abstention) else State(**shown, turns=(turn,))

    return work


def next_round(role: str, quorum: DebateQuorum) -> RoundNode:
    """Return the node that starts the next round of the debate, or abstains as `role` if its quorum is out of reach."""

    async def node(state: State) -> State:
        finished = state.get("round", 0)
        lost = quorum.abstention(role, state.get("turns", ()), state.get("abstentions", ()), finished)
        if lost is None:
            return State(round=finished + 1)
        return State(round=finished + 1, abstentions=(lost,))

    return node


async def research_manager(state: State, run_context: RunContext) -> State:
    """Run the research manager, which writes the thesis."""
    agent = run_context.team.research_manager
    if agent is None:
        return _incomplete("research_manager", "the role is not configured")
    context, shown = with_memories(state, run_context, "research_manager", WHOLE)
    thesis = await agent.judge(context)
    return State(**shown, abstentions=(thesis,)) if isinstance(thesis, Abstention) else State(**shown, thesis=thesis)


async def trader(state: State, run_context: RunContext) -> State:
    """Run the trader, which plans the orders for the thesis."""
    context, shown = with_memories(state, run_context, "trader", WHOLE)
    agent = run_context.team.trader
    if agent is None or context.thesis is None:
        return _incomplete("trader", "the role is not configured, or there is no thesis")
    plan = await agent.plan(context, context.thesis)
    return State(**shown, abstentions=(plan,)) if isinstance(plan, Abstention) else State(**shown, plan=plan)


async def single_agent(_: State, run_context: RunContext) -> State:
    """Run the agent of a single-agent desk, which writes thesis and orders in one answer."""
    agent = run_context.team.single_agent
    if agent is None:
        return _incomplete("single_agent", "the role is not configured")
    context = agent.open(run_context.brief, run_context.view, run_context.recall)
    answer = await agent.decide(context)
    shown = _shown(context.evidence, context.missing, context.memories, agent.role.name)
    if isinstance(answer, Abstention):
        return State(**shown, abstentions=(answer,))
    thesis, plan = split_output(answer)
    return State(**shown, thesis=thesis, plan=plan)


def risk_analyst(place: int) -> Step:
    """Return the step of the risk analyst at index `place`, which assesses the plan."""

    async def work(state: State, run_context: RunContext) -> State:
        agent = run_context.team.risk_analysts[place]
        context, shown = with_memories(state, run_context, agent.role.name, QUARTER, TRADE_ASPECT)
        if context.thesis is None or context.plan is None:
            return _incomplete(agent.role.name, "there is no plan")
        opinion = await agent.assess(context, context.thesis, context.plan)
        if isinstance(opinion, Abstention):
            return State(**shown, abstentions=(opinion,))
        return State(**shown, opinions=(opinion,))

    return work


async def risk_manager(state: State, run_context: RunContext) -> State:
    """Run the risk manager, which reviews the plan."""
    context, shown = with_memories(state, run_context, "risk_manager", QUARTER, TRADE_ASPECT)
    agent = run_context.team.risk_manager
    if agent is None or context.thesis is None or context.plan is None:
        return _incomplete("risk_manager", "the role is not configured, or there is no plan")
    review = await agent.review(context, context.thesis, context.plan)
    return State(**shown, abstentions=(review,)) if isinstance(review, Abstention) else State(**shown, review=review)


def _incomplete(role: str, reason: str) -> State:
    return State(abstentions=(Abstention(role, AbstentionCause.INCOMPLETE, reason),))


def _shown(
    evidence: tuple[Evidence, ...],
    missing: tuple[MissingEvidence, ...],
    memories: tuple[RecalledRecord, ...],
    role: str,
) -> State:
    recorded = record_memories(memories, role)
    return State(evidence=(*evidence, *recorded["evidence"]), missing=missing, recalled=recorded["recalled"])


def _output(delta: State) -> object | None:
    for name in ("abstentions", "reports", "turns", "opinions"):
        if items := delta.get(name):
            return items[0]  # type: ignore[index, no-any-return]
    return delta.get("review") or delta.get("plan") or delta.get("thesis")
