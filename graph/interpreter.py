"""A direct interpreter of a compiled graph, for desks that are answered by rules.

LangGraph schedules, checkpoints and streams every node; for nodes that compute in microseconds, this takes longer than
the nodes. The interpreter takes nodes, edges and conditions from the same compiled graph and gives the same result:

- Nodes of one step read the state before the step. Their changes are applied in the order of the nodes' names, by the
  reducers of the state.
- A node that several nodes lead to runs once in the next step.
- A condition reads the state with the changes of its own node, without those of others in the same step. A condition
  may also send a part of the state to a node, which then runs once for each part.

Nodes of one step run one after the other, so a node that waits for something delays the others.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, cast, get_type_hints

from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from .runtime import RunContext
from .state import State

Reducer = Callable[[Any, Any], Any]
NodeFunction = Callable[..., Awaitable[State]]
Values = dict[str, Any]
StepObserver = Callable[[Sequence[str], frozenset[str]], None]
"""Receives the nodes of a step before they run, and those of them that get a part of the state."""


def ignore_step(_: Sequence[str], __: frozenset[str]) -> None:
    """Ignore a step."""


@dataclass(frozen=True, slots=True)
class _PlannedNode:
    """A node as the interpreter calls it: whether it takes a runtime, its edges, and its conditions."""

    call: NodeFunction
    takes_runtime: bool
    edges: tuple[str, ...]
    conditions: tuple[tuple[Callable[[State], Awaitable[object]], Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class GraphPlan:
    """The nodes of a graph by name, and the names of those that start it.

    Attributes:
        reducers: channels whose values are merged; the others keep the last one.
        on_step: observer of the steps.
    """

    nodes: Mapping[str, _PlannedNode]
    start: tuple[str, ...]
    reducers: Mapping[str, Reducer]
    on_step: StepObserver = ignore_step

    async def run(self, run_context: RunContext, start: State, *, recursion_limit: int) -> State:
        """Run the graph from `start` and return its final state; raises GraphRecursionError beyond the limit."""
        runtime = Runtime(context=run_context)
        values: Values = dict.fromkeys(self.reducers, ())
        self._apply(values, start)
        active: Sequence[str | Send] = self.start
        for _ in range(recursion_limit):
            if not active:
                return cast(State, values)
            self.on_step(*_named(active))
            active = await self._step(values, active, runtime)
        raise GraphRecursionError(f"the graph has not ended after {recursion_limit} steps")

    async def _step(
        self, values: Values, active: Sequence[str | Send], runtime: Runtime[RunContext]
    ) -> Sequence[str | Send]:
        following, sent = set[str](), list[Send]()
        changes = list[State]()
        for each in active:
            name, seen = (each.node, each.arg) if isinstance(each, Send) else (each, cast(State, dict(values)))
            node = self.nodes[name]
            change = await (node.call(seen, runtime) if node.takes_runtime else node.call(seen))
            changes.append(change)
            following.update(node.edges)
            for chosen in await self._chosen(node, values, change):
                if isinstance(chosen, Send):
                    sent.append(chosen)
                else:
                    following.add(chosen)
        for change in changes:
            self._apply(values, change)
        return [*sent, *sorted(following - {END})]

    async def _chosen(self, node: _PlannedNode, values: Values, change: State) -> Sequence[str | Send]:
        """Return the nodes that the conditions of a node lead to."""
        if not node.conditions:
            return ()
        seen, found = dict(values), list[str | Send]()
        self._apply(seen, change)
        for condition, ends in node.conditions:
            answer = await condition(cast(State, seen))
            chosen = answer if isinstance(answer, list) else [answer]
            found += (each if isinstance(each, Send) else ends[cast(str, each)] for each in chosen)
        return found

    def _apply(self, values: Values, change: State) -> None:
        for name, value in change.items():
            reducer = self.reducers.get(name)
            values[name] = value if reducer is None else reducer(values[name], value)


def _named(active: Sequence[str | Send]) -> tuple[tuple[str, ...], frozenset[str]]:
    names = tuple(each.node if isinstance(each, Send) else each for each in active)
    return names, frozenset(each.node for each in active if isinstance(each, Send))


def plan_of(graph: CompiledStateGraph[State, RunContext, State, State]) -> GraphPlan:
    """Return the plan of a compiled graph, which must not have joint edges or deferred nodes."""
    builder: Any = graph.builder
    if builder.waiting_edges or any(spec.defer for spec in builder.nodes.values()):
        raise ValueError("the interpreter knows neither joint edges nor deferred nodes")
    edges: defaultdict[str, list[str]] = defaultdict(list)
    for before, after in sorted(builder.edges):
        edges[before].append(after)
    nodes = {name: _planned(name, spec, edges[name], builder.branches) for name, spec in builder.nodes.items()}
    return GraphPlan(nodes, tuple(edges[START]), _reducers())


def _planned(name: str, spec: Any, edges: Iterable[str], branches: Mapping[str, Any]) -> _PlannedNode:
    call = spec.runnable.afunc
    conditions = tuple((branch.path.afunc, branch.ends) for branch in branches.get(name, {}).values())
    return _PlannedNode(call, "runtime" in signature(call).parameters, tuple(edges), conditions)


def _reducers() -> dict[str, Reducer]:
    """Return the reducer of each channel of the state that has one."""
    hints = get_type_hints(State, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")}
