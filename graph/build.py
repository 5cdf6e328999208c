"""Build the LangGraph graph of a desk configuration, and run it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from langgraph.graph import StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Send

from ..agents.context import AgentContext
from ..domain.decision import RecalledMemory
from ..domain.portfolio_outputs import AnalystPick
from .checkpoints import Checkpointer
from .committee import wire_committee
from .desk_config import DeskConfig
from .flow import END, Branch, Flow, FlowPlan, StatePart, Step
from .interpreter import GraphPlan
from .nodes import agent_node, computation_node
from .roles import RoleKind
from .runtime import RunContext
from .serializer import StateSerializer
from .state import GraphResult, State, context_from_state
from .topologies.debate import MOST_ROUNDS

Graph = CompiledStateGraph[State, RunContext, State, State]
BOOK = "book"
"""Computation that begins a run over a book."""
STEPS_PER_TURN = 4
"""Generous upper bound of the steps of LangGraph for each turn of an agent."""


def build(desk: DeskConfig, checkpointer: Checkpointer | None = None) -> Graph:
    """Return the compiled graph of `desk`. Its nodes take the agents from the RunContext of each run."""
    plan = flow_of(desk)
    builder: StateGraph[State, RunContext, State, State] = StateGraph(State, context_schema=RunContext)
    for name, turns in plan.agents.items():
        builder.add_node(name, agent_node(name, turns))
    for name, function in plan.computations.items():
        builder.add_node(name, computation_node(function))
    for before, after in plan.edges:
        builder.add_edge(before, after)
    for branch in plan.branches:
        builder.add_conditional_edges(branch.before, _path(branch), [*branch.targets, END])
    return builder.compile(checkpointer=checkpointer, name=desk.name)


def _path(branch: Branch) -> Callable[[State], Awaitable[list[str | Send]]]:
    """Return the route of a branch; a coroutine, because LangGraph runs other functions on a thread."""

    async def path(state: State) -> list[str | Send]:
        return [Send(each.node, each.state) if isinstance(each, StatePart) else each for each in branch.route(state)]

    path.__name__ = f"to_{'_'.join(branch.targets)}"  # LangGraph stores the branches of a node by name
    return path


def flow_of(desk: DeskConfig) -> FlowPlan:
    """Return the flow of a desk: its intake, its topology and its risk committee."""
    flow, listed = Flow(desk.roster.roles), desk.listed
    analysts = listed.names(RoleKind.ANALYST)
    reports = _wire_reports(flow, desk, analysts)
    decided = desk.deliberation.wire(flow, reports, listed)
    flow.end(wire_committee(flow, decided, desk.risk))
    return flow.plan


def _wire_reports(flow: Flow, desk: DeskConfig, analysts: Sequence[str]) -> Step:
    """Wire the analysts: all of them, or those that the planner picks."""
    planner = desk.listed.names(RoleKind.PLANNER)
    if desk.over_book:
        begun = flow.compute(flow.start, BOOK, _begin_book)
        if planner:
            return flow.map_symbols(flow.map_symbols(begun, planner), analysts, picked_analysts)
        return flow.map_symbols(begun, analysts)
    if planner:
        return flow.choose(flow.then(flow.start, planner[0]), analysts, picked_analysts)
    return flow.in_order(desk.intake.order, flow.start, analysts)


def picked_analysts(state: State) -> Sequence[str]:
    """Return the analysts that the planner has picked; none if it has abstained."""
    picks = [made.output for made in state.get("contributions", ()) if isinstance(made.output, AnalystPick)]
    return picks[-1].analysts if picks else ()


def _begin_book(_: State, __: RunContext) -> State:
    return State(counters={BOOK: 1})


def build_without_checkpoints(desk: DeskConfig) -> Graph:
    """Return the compiled graph of `desk` without checkpoints; equal desks share one, since it holds no state."""
    return _shared_graph(_SharedDesk(desk.model_dump_json(), desk))


def build_with_checkpoints(desk: DeskConfig, checkpointer: Checkpointer) -> Graph:
    """Return the compiled graph of `desk` with checkpoints; it shares its nodes with all graphs of equal desks."""
    return build_without_checkpoints(desk).copy(update={"checkpointer": checkpointer})


@dataclass(frozen=True, slots=True)
class _SharedDesk:
    """A desk that is equal to another one if their contents are."""

    content: str
    desk: DeskConfig = field(compare=False)


@cache
def _shared_graph(shared: _SharedDesk) -> Graph:
    return build(shared.desk)


async def run_graph(
    graph: Graph, run_context: RunContext, *, thread: str, resume: bool = False, plan: GraphPlan | None = None
) -> GraphResult:
    """Run the graph and return its result. With `resume`, continue from the last checkpoint of `thread`, if any.

    `plan`, the plan of the same graph, runs it by the interpreter: without checkpoints, and one node at a time.
    """
    limit = 20 + STEPS_PER_TURN * len(run_context.team.agents) * (1 + MOST_ROUNDS)
    start = State(counters={})
    if run_context.book:
        start["symbols"] = tuple(brief.symbol for brief in run_context.book)
    if plan is not None:
        return _result(await plan.run(run_context, start, recursion_limit=limit), run_context)
    config: Any = {"configurable": {"thread_id": thread}, "recursion_limit": limit}
    interrupted = resume and graph.checkpointer is not None and (await graph.aget_state(config)).created_at is not None
    durability: Any = {"durability": "async"} if graph.checkpointer else {}
    return _result(
        await graph.ainvoke(None if interrupted else start, config, context=run_context, **durability), run_context
    )


def _result(state: State, run_context: RunContext) -> GraphResult:
    recalled = _by_role(state.get("recalled", ()), run_context)
    return GraphResult(_in_order(context_from_state(state, run_context.brief, run_context.book), run_context), recalled)


async def delete_checkpoints(graph: Graph, thread: str) -> None:
    """Delete the checkpoints of a finished run, whose decision record is stored."""
    if isinstance(graph.checkpointer, Checkpointer):
        await graph.checkpointer.adelete_thread(thread)
        if isinstance(graph.checkpointer.serde, StateSerializer):
            graph.checkpointer.serde.forget()


def _by_role(recalled: Iterable[RecalledMemory], run_context: RunContext) -> tuple[RecalledMemory, ...]:
    """Return the recalled memories and their roles in an order that does not depend on which node finished first."""
    roles = {role.name: place for place, role in enumerate(run_context.team.roles)}
    shown = [replace(r, roles=tuple(sorted(set(r.roles), key=lambda role: roles.get(role, 0)))) for r in recalled]
    return tuple(sorted(shown, key=lambda r: (-r.score, r.memory_id)))


def _in_order(context: AgentContext, run_context: RunContext) -> AgentContext:
    """Return the context with the contributions in the order of rounds and roles, whichever finished first."""
    roles = {role.name: place for place, role in enumerate(run_context.team.roles)}
    made = sorted(context.contributions, key=lambda each: (each.round, roles.get(each.author, 0), each.symbol or ""))
    return replace(context, contributions=tuple(made))
