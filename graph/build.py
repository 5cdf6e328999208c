"""Build the LangGraph graph of a desk configuration, and run it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from ..agents.context import AgentContext
from ..domain.decision import RecalledMemory
from . import nodes
from .checkpoints import Checkpointer
from .desk_config import (
    MANAGER,
    ROUND,
    TRADER,
    DeskConfig,
)
from .interpreter import GraphPlan
from .runtime import RunContext
from .state import GraphResult, State, context_from_state

Graph = CompiledStateGraph[State, RunContext, State, State]
RISK_MANAGER, SINGLE_AGENT = "risk_manager", "single_agent"


def build(desk: DeskConfig, checkpointer: Checkpointer | None = None) -> Graph:
    """Return the compiled graph of `desk`. Its nodes take the agents from the RunContext of each run."""
    graph: StateGraph[State, RunContext, State, State] = StateGraph(State, context_schema=RunContext)
    if desk.single_agent is None:
        _add_research(graph, desk)
    else:
        graph.add_node(SINGLE_AGENT, nodes.node_for(SINGLE_AGENT, nodes.single_agent))
        graph.add_edge(START, SINGLE_AGENT)
    _add_committee(graph, desk, after=TRADER if desk.single_agent is None else SINGLE_AGENT)
    return graph.compile(checkpointer=checkpointer, name=desk.name)


def build_without_checkpoints(desk: DeskConfig) -> Graph:
    """Return the compiled graph of `desk` without checkpoints; equal desks share one, since it holds no state."""
    return _shared_graph(desk.model_dump_json())


def build_with_checkpoints(desk: DeskConfig, checkpointer: Checkpointer) -> Graph:
    """Return the compiled graph of `desk` with checkpoints; it shares its nodes with all graphs of equal desks."""
    return _shared_graph(desk.model_dump_json()).copy(update={"checkpointer": checkpointer})


@cache
def _shared_graph(desk: str) -> Graph:
    return build(DeskConfig.model_validate_json(desk))


def _add_research(graph: StateGraph[State, RunContext, State, State], desk: DeskConfig) -> None:
    analysts = [spec.name for spec in desk.analysts]
    sides = [str(side) for side in desk.deliberation.sides]
    for place, name in enumerate(analysts):
        graph.add_node(name, nodes.node_for(name, nodes.analyst(place)))
        graph.add_edge(START, name)
    graph.add_node(ROUND, nodes.next_round(ROUND, desk.deliberation.debate_quorum))
    _join(graph, analysts, ROUND)
    for place, name in enumerate(sides):
        graph.add_node(name, nodes.node_for(name, nodes.researcher(place)))
    _join(graph, sides, ROUND)
    graph.add_conditional_edges(ROUND, _after_round(desk), [*sides, MANAGER, END])
    graph.add_node(MANAGER, nodes.node_for(MANAGER, nodes.research_manager))
    graph.add_conditional_edges(MANAGER, lambda state: TRADER if state.get("thesis") else END, [TRADER, END])
    graph.add_node(TRADER, nodes.node_for(TRADER, nodes.trader))


def _add_committee(graph: StateGraph[State, RunContext, State, State], desk: DeskConfig, *, after: str) -> None:
    risk_analysts = [str(appetite) for appetite in desk.risk.committee]
    if not risk_analysts:
        graph.add_edge(after, END)
        return
    for place, name in enumerate(risk_analysts):
        graph.add_node(name, nodes.node_for(name, nodes.risk_analyst(place)))
    graph.add_node(RISK_MANAGER, nodes.node_for(RISK_MANAGER, nodes.risk_manager))
    _join(graph, risk_analysts, RISK_MANAGER)
    graph.add_edge(RISK_MANAGER, END)

    def after_plan(state: State) -> list[str]:
        plan = state.get("plan")
        return risk_analysts if plan is not None and plan.orders else [END]

    graph.add_conditional_edges(after, after_plan, [*risk_analysts, END])


def _join(graph: StateGraph[State, RunContext, State, State], together: Iterable[str], following: str) -> None:
    """Add an edge from each of the parallel nodes `together` to `following`.

    Parallel nodes are one step of LangGraph, so `following` runs once, after the last of them. LangGraph's joint edge
    is not used: it counts finished nodes in a set that changes while an asynchronous checkpoint is written, and a run
    that was killed at that point could not be resumed.
    """
    for name in together:
        graph.add_edge(name, following)


def _after_round(desk: DeskConfig) -> Callable[[State], list[str]]:
    sides = [str(side) for side in desk.deliberation.sides]

    def route(state: State) -> list[str]:
        without_quorum = any(abstention.role == ROUND for abstention in state.get("abstentions", ()))
        if not state.get("reports") or without_quorum:
            return [END]
        return sides if state.get("round", 0) <= 1 + desk.deliberation.rounds else [MANAGER]

    return route


async def run_graph(
    graph: Graph, run_context: RunContext, *, thread: str, resume: bool = False, plan: GraphPlan | None = None
) -> GraphResult:
    """Run the graph and return its result. With `resume`, continue from the last checkpoint of `thread`, if any.

    `plan`, the plan of the same graph, runs it by the interpreter: without checkpoints, and one node at a time.
    """
    limit = 20 + 4 * run_context.team.rounds
    if plan is not None:
        return _result(await plan.run(run_context, State(round=0), recursion_limit=limit), run_context)
    config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": limit}
    interrupted = resume and graph.checkpointer is not None and (await graph.aget_state(config)).created_at is not None
    start = None if interrupted else State(round=0)
    durability: Any = {"durability": "async"} if graph.checkpointer else {}
    return _result(await graph.ainvoke(start, config, context=run_context, **durability), run_context)


def _result(state: State, run_context: RunContext) -> GraphResult:
    recalled = _by_role(state.get("recalled", ()), run_context)
    return GraphResult(
        _in_order(context_from_state(state, run_context.brief), run_context), state.get("review"), recalled
    )


async def delete_checkpoints(graph: Graph, thread: str) -> None:
    """Delete the checkpoints of a finished run, whose decision record is stored."""
    if isinstance(graph.checkpointer, Checkpointer):
        await graph.checkpointer.adelete_thread(thread)


def _by_role(recalled: Iterable[RecalledMemory], run_context: RunContext) -> tuple[RecalledMemory, ...]:
    """Return the recalled memories and their roles in an order that does not depend on which node finished first."""
    roles = {role.name: place for place, role in enumerate(run_context.team.roles)}
    shown = [replace(r, roles=tuple(sorted(set(r.roles), key=lambda role: roles.get(role, 0)))) for r in recalled]
    return tuple(sorted(shown, key=lambda r: (-r.score, r.memory_id)))


def _in_order(context: AgentContext, run_context: RunContext) -> AgentContext:
    """Return the context with reports and turns in the order of the roles, whichever finished first."""
    roles = {role.name: place for place, role in enumerate(run_context.team.roles)}
    return replace(
        context,
        reports=tuple(sorted(context.reports, key=lambda r: roles.get(r.role, 0))),
        turns=tuple(sorted(context.turns, key=lambda t: (t.round, roles.get(t.speaker, 0)))),
        opinions=tuple(sorted(context.opinions, key=lambda o: roles.get(o.speaker, 0))),
    )
