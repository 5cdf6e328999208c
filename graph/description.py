"""What a desk is at run time: the shape of its graph, and the calls and serial slots of one run.

Both come from the flow that the graph is built from. The shape is its nodes and edges. Calls and slots are counted
while the interpreter runs the graph with rules: a step in which roles are asked is a slot, and every prompt is at least
one call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..agents.agent import Agent
from ..prompts.library import RenderedPrompt
from .call_policy import SINGLE_CALL, CallSpec
from .flow import END, START, FlowPlan


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """An edge of a desk's graph; `conditional` if the run may end or go elsewhere instead."""

    before: str
    after: str
    conditional: bool


@dataclass(frozen=True, slots=True)
class GraphShape:
    """The nodes and edges of a desk's graph.

    Attributes:
        agents: the nodes that are roles, in the order of the graph.
        computations: the other nodes, which ask no model.
        edges: without those that only end the run. The name of the node before the first ones is `start`.
    """

    agents: tuple[str, ...]
    computations: tuple[str, ...]
    edges: tuple[GraphEdge, ...]


BEGIN = "start"


def shape_of(plan: FlowPlan) -> GraphShape:
    """Return the shape of the flow that a desk's graph is built from."""
    fixed = [GraphEdge(before, after, conditional=False) for before, after in plan.edges]
    chosen = [GraphEdge(each.before, after, conditional=True) for each in plan.branches for after in each.targets]
    named = (replace(edge, before=BEGIN) if edge.before == START else edge for edge in (*fixed, *chosen))
    edges = dict.fromkeys(edge for edge in named if edge.after != END)
    return GraphShape(tuple(plan.agents), tuple(plan.computations), tuple(edges))


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step of a run: the nodes at work, those that work on one symbol, and the prompts of the step."""

    nodes: tuple[str, ...]
    scoped: frozenset[str]
    prompts: list[tuple[str, RenderedPrompt]] = field(default_factory=list)


@dataclass(slots=True)
class RunRecorder:
    """Records the steps of one run by the interpreter: `step` and `prompt` are its observers."""

    steps: list[RecordedStep] = field(default_factory=list)

    def step(self, nodes: Sequence[str], scoped: frozenset[str]) -> None:
        """Record that nodes begin to work at the same time; the `scoped` ones work on one symbol each."""
        self.steps.append(RecordedStep(tuple(nodes), scoped))

    def prompt(self, role: str, rendered: RenderedPrompt) -> None:
        """Record a prompt of a role; prompts before the first step, such as those of lessons, are not of the run."""
        if self.steps:
            self.steps[-1].prompts.append((role, rendered))

    @property
    def prompts(self) -> tuple[tuple[str, RenderedPrompt], ...]:
        """Return all prompts with their roles, in the order of the calls."""
        return tuple(prompt for step in self.steps for prompt in step.prompts)

    @property
    def scoped(self) -> frozenset[str]:
        """Return the roles that work once for every symbol."""
        return frozenset(name for step in self.steps for name in step.scoped)


@dataclass(frozen=True, slots=True)
class CallCount:
    """The model calls of one run.

    Attributes:
        calls: all calls, with the samples and judges of `calls:` in the desk file.
        per_symbol: those of the calls that are repeated for every symbol of a book; 0 for a desk of one symbol.
        slots: calls that follow one another, if all that can run at the same time do.
    """

    calls: int
    per_symbol: int
    slots: int


def count_calls(recorder: RunRecorder, policies: Mapping[str, CallSpec], symbols: int = 1) -> CallCount:
    """Return the calls of a recorded run over `symbols` symbols."""
    scoped = recorder.scoped
    each = [(role, _calls(policies.get(role, SINGLE_CALL))) for role, _ in recorder.prompts]
    slots = sum(
        max((policies.get(role, SINGLE_CALL).slots for role, _ in step.prompts), default=0) for step in recorder.steps
    )
    repeated = sum(calls for role, calls in each if role in scoped)
    return CallCount(sum(calls for _, calls in each), repeated // symbols, slots)


def _calls(policy: CallSpec) -> int:
    return policy.answers + policy.grades


def rule_name(agent: Agent) -> str:
    """Return the module and the name of the rule that answers for an agent without a model: `news.news`."""
    rule: Callable[..., object] | None = getattr(agent, "rule", None)
    rule = getattr(rule, "func", rule)  # a partial function
    if rule is None:
        return type(agent).__name__
    named = getattr(rule, "__qualname__", type(rule).__qualname__).split(".<locals>")[0]
    return f"{rule.__module__.rsplit('.', 1)[-1]}.{named}"
