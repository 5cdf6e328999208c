"""From a desk file to a graph: the assembly reads like the org chart."""

from collections.abc import Callable, Iterable
from dataclasses import replace
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
from .runtime import RunContext
from .state import GraphResult, State, context_from_state

Graph = CompiledStateGraph[State, RunContext, State, State]
RISK_MANAGER, SINGLE_AGENT = "risk_manager", "single_agent"


def build(desk: DeskConfig, checkpointer: Checkpointer | None = None) -> Graph:
    """Return the graph of `desk`; its nodes find the members in the Bench that a run is given as context."""
    graph: StateGraph[State, RunContext, State, State] = StateGraph(State, context_schema=RunContext)
    if desk.single_agent is None:
        _add_research(graph, desk)
    else:
        graph.add_node(SINGLE_AGENT, nodes.node_for(SINGLE_AGENT, nodes.single_agent))
        graph.add_edge(START, SINGLE_AGENT)
    _add_committee(graph, desk, after=TRADER if desk.single_agent is None else SINGLE_AGENT)
    return graph.compile(checkpointer=checkpointer, name=desk.name)


def _add_research(graph: StateGraph[State, RunContext, State, State], desk: DeskConfig) -> None:
    analysts = [spec.name for spec in desk.analysts]
    sides = [str(side) for side in desk.deliberation.sides]
    for place, name in enumerate(analysts):
        graph.add_node(name, nodes.node_for(name, nodes.analyst(place)))
        graph.add_edge(START, name)
    graph.add_node(ROUND, nodes.next_round)
    _join(graph, analysts, ROUND)
    for place, name in enumerate(sides):
        graph.add_node(name, nodes.node_for(name, nodes.researcher(place)))
    _join(graph, sides, ROUND)
    graph.add_conditional_edges(ROUND, _after_round(desk), [*sides, MANAGER, END])
    graph.add_node(MANAGER, nodes.node_for(MANAGER, nodes.manager))
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
    """Let a node follow members who work at the same time: they are one step, so it comes once, after the last of them.

    LangGraph's own joint edge counts who is done in a set that goes on changing while a checkpoint waits to be written;
    a run that was killed then would find every node done and none to follow.
    """
    for name in together:
        graph.add_edge(name, following)


def _after_round(desk: DeskConfig) -> Callable[[State], list[str]]:
    sides = [str(side) for side in desk.deliberation.sides]

    def route(state: State) -> list[str]:
        if not state.get("reports"):
            return [END]
        return sides if state.get("rounds_heard", 0) <= 1 + desk.deliberation.rounds else [MANAGER]

    return route


async def run_graph(graph: Graph, run_context: RunContext, *, thread: str, resume: bool = False) -> GraphResult:
    """Run the graph to its value; with `resume`, go on from the last checkpoint of `thread` where there is one."""
    config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": 20 + 4 * run_context.team.rounds}
    interrupted = resume and graph.checkpointer is not None and (await graph.aget_state(config)).created_at is not None
    start = None if interrupted else State(rounds_heard=0)
    kept: Any = {"durability": "async"} if graph.checkpointer else {}
    state = await graph.ainvoke(start, config, context=run_context, **kept)
    recalled = _by_seat(state.get("recalled", ()), run_context)
    return GraphResult(
        _in_order(context_from_state(state, run_context.brief), run_context), state.get("review"), recalled
    )


async def delete_checkpoints(graph: Graph, thread: str) -> None:
    """Delete the checkpoints of a run that is finished; its record holds all that is worth keeping."""
    if isinstance(graph.checkpointer, Checkpointer):
        await graph.checkpointer.adelete_thread(thread)


def _by_seat(recalled: Iterable[RecalledMemory], run_context: RunContext) -> tuple[RecalledMemory, ...]:
    """Return what was recalled, and whom it was shown to, in an order that does not depend on who was first."""
    roles = {seat.name: place for place, seat in enumerate(run_context.team.roles)}
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
