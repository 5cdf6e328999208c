"""The flow of a desk: which roles and computations follow which, as data.

A topology calls the methods of Flow with the step that must be finished before, and receives the step to go on from.
`build.py` turns a flow into a graph of LangGraph.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .roles import Cadence, RoleSpec, Topic
from .runtime import RunContext
from .state import State, part_of

START, END = "__start__", "__end__"
"""Names of the start and of the end, which are those of LangGraph."""

Condition = Callable[[State], bool]
Computation = Callable[[State, RunContext], State]


@dataclass(frozen=True, slots=True)
class Turns:
    """How a role takes its turns.

    Attributes:
        counter: name of the computation that counts the rounds of the role's stage; None for a single turn.
        blind_to: what the role does not see.
        cadence: how often the role acts.
        steady: the roles that act as rarely as this one or more rarely; a role of a longer period sees the
            work of no others, because it changes within the period.
    """

    counter: str | None = None
    blind_to: Collection[Topic] = ()
    cadence: Cadence = Cadence.SESSION
    steady: Collection[str] = ()

    def round(self, state: State) -> int:
        """Return the number of rounds that are finished."""
        return 0 if self.counter is None else max(state.get("counters", {}).get(self.counter, 1) - 1, 0)


@dataclass(frozen=True, slots=True)
class StatePart:
    """A part of the state that a node gets instead of the whole."""

    node: str
    state: State


@dataclass(frozen=True, slots=True)
class Branch:
    """A choice after a node: `route` returns the nodes of `targets` that follow, or parts of the state for them."""

    before: str
    route: Callable[[State], Sequence[str | StatePart]]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """A finished flow.

    Attributes:
        agents, computations: the nodes by name.
        edges: pairs of nodes; a node that several lead to runs once, after the last of them.
        branches: the choices.
    """

    agents: Mapping[str, Turns]
    computations: Mapping[str, Computation]
    edges: tuple[tuple[str, str], ...]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A finished part of the flow.

    Attributes:
        ends: the nodes that the part ends with; they run at the same time.
        condition: what must hold to go on; otherwise the run ends here. None to go on always.
        counter: name of the computation that counts the rounds, inside of `repeat`.
        mapped: whether the ends run once for every symbol of a book.
    """

    ends: tuple[str, ...]
    condition: Condition | None = None
    counter: str | None = None
    mapped: bool = False

    def when(self, condition: Condition) -> "Step":
        """Return the step with a further condition."""
        before = self.condition
        return replace(self, condition=condition if before is None else lambda s: before(s) and condition(s))


class Flow:
    """Collects nodes and edges. Every role and computation is used once."""

    def __init__(self, roles: Iterable[RoleSpec]) -> None:
        """Begin a flow of `roles`, each of which a step may name."""
        self._roles: Mapping[str, RoleSpec] = {role.name: role for role in roles}
        self._agents, self._computations = dict[str, Turns](), dict[str, Computation]()
        self._edges, self._branches = list[tuple[str, str]](), list[Branch]()

    @property
    def plan(self) -> FlowPlan:
        """Return what was collected."""
        return FlowPlan(self._agents, self._computations, tuple(self._edges), tuple(self._branches))

    @property
    def start(self) -> Step:
        """Return the step before everything."""
        return Step((START,))

    def parallel(self, after: Step, agents: Sequence[str]) -> Step:
        """Let agents act at the same time; none of them sees what the others contribute."""
        if not agents:
            return after
        self._add_agents(agents, after.counter)
        self._connect(after, agents)
        return Step(tuple(agents), counter=after.counter)

    def then(self, after: Step, agent: str) -> Step:
        """Let one agent act."""
        return self.parallel(after, [agent])

    def serial(self, after: Step, agents: Iterable[str]) -> Step:
        """Let agents act one after another; each sees what those before it contributed."""
        for name in agents:
            after = self.then(after, name)
        return after

    def in_order(self, order: str, after: Step, agents: Sequence[str]) -> Step:
        """Let agents act in the `order` of a desk file: `parallel` or `serial`."""
        return self.serial(after, agents) if order == "serial" else self.parallel(after, agents)

    def map_symbols(
        self, after: Step, agents: Sequence[str], chosen: Callable[[State], Collection[str]] | None = None
    ) -> Step:
        """Let each agent act once for every symbol of the book, all at the same time; each sees its symbol only.

        `chosen` returns the agents that act on the part of the state about one symbol; None for all.
        """
        if not agents:
            return after
        if len(after.ends) > 1 or after.mapped:
            after = self.compute(after, f"before_{agents[0]}", lambda _state, _context: State(counters={}))
        (before,) = after.ends
        self._add_agents(agents, after.counter)

        def for_all(state: State) -> Sequence[str | StatePart]:
            if after.condition is not None and not after.condition(state):
                return [END]
            parts = [part_of(state, symbol) for symbol in state["symbols"]]
            chosen_parts = ((name, p) for name in agents for p in parts if chosen is None or name in chosen(p))
            return [StatePart(name, part) for name, part in chosen_parts] or [END]

        self._branch(before, for_all, agents)
        return Step(tuple(agents), counter=after.counter, mapped=True)

    def compute(self, after: Step, name: str, function: Computation) -> Step:
        """Run a pure function of the state and the run's context; it returns the change of the state."""
        self._add(name)
        self._computations[name] = function
        self._connect(after, [name])
        return Step((name,), counter=after.counter)

    def repeat(
        self, after: Step, name: str, function: Computation, body: Callable[[Step], Step], again: Condition
    ) -> Step:
        """Repeat a part of the flow.

        `function` runs before each round as the computation `name` and counts the rounds in `counters[name]`. `body`
        wires one round; it runs while `again` holds. The returned step goes on when `again` does not hold.
        """
        self.compute(after, name, function)
        head = Step((name,), counter=name)
        self._connect(body(head.when(again)), [name])
        return Step((name,)).when(lambda state: not again(state))

    def choose(self, after: Step, agents: Sequence[str], choice: Callable[[State], Sequence[str]]) -> Step:
        """Let those agents act at the same time that `choice` names; the run ends if it names none."""
        (before,) = after.ends
        self._add_agents(agents, after.counter)

        def chosen(state: State) -> Sequence[str | StatePart]:
            names = choice(state) if after.condition is None or after.condition(state) else ()
            return [name for name in agents if name in names] or [END]

        self._branch(before, chosen, agents)
        return Step(tuple(agents), counter=after.counter)

    def end(self, after: Step) -> None:
        """End the run after a step."""
        if after.condition is None and after.ends != (START,):
            for name in after.ends:
                self._edges.append((name, END))

    def _add_agents(self, names: Iterable[str], counter: str | None) -> None:
        for name in names:
            self._add(name)
            role = self._roles[name]
            steady = frozenset(each.name for each in self._roles.values() if each.cadence.outlasts(role.cadence))
            self._agents[name] = Turns(counter, frozenset(role.blind_to), role.cadence, steady)

    def _add(self, name: str) -> None:
        if name in self._agents or name in self._computations:
            raise ValueError(f"{name} is wired twice")

    def _connect(self, after: Step, targets: Sequence[str]) -> None:
        """Add the edges from a step to its next nodes.

        Parallel nodes are one step of LangGraph, so a node after them runs once, after the last of them. LangGraph's
        joint edge is not used: it counts finished nodes in a set that changes while an asynchronous checkpoint is
        written, and a run that was killed at that point could not be resumed.
        """
        condition = after.condition
        if condition is None:
            for name in after.ends:
                for target in targets:
                    self._edges.append((name, target))
            return
        if len(after.ends) != 1:
            raise ValueError(f"a condition after parallel roles needs a computation between: {', '.join(after.ends)}")
        self._branch(after.ends[0], lambda state: list(targets) if condition(state) else [END], targets)

    def _branch(self, before: str, route: Callable[[State], Sequence[str | StatePart]], targets: Sequence[str]) -> None:
        self._branches.append(Branch(before, route, tuple(targets)))
