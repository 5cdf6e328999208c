"""The nodes of the graph: one for agents, one for computations.

A failure of the data source or of the model becomes an abstention of the role. Every other error ends the run.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from langgraph.runtime import Runtime

from ..agents.agent import AgentResult, AgentTask
from ..agents.context import Contribution
from ..agents.recall import no_memories
from ..domain.abstention import Abstention, cause_for_error
from ..domain.errors import DataError, ModelError
from .recalled import record_memories
from .roles import Topic
from .runtime import Progress, RunContext, Stage
from .state import State, context_from_state
from .visibility import visible

Computation = Callable[[State, RunContext], State]


class Node(Protocol):
    """A node as LangGraph calls it."""

    async def __call__(self, state: State, runtime: Runtime[RunContext]) -> State: ...


@dataclass(frozen=True, slots=True)
class Turns:
    """How a role takes its turns.

    Attributes:
        counter: name of the computation that counts the rounds of the role's stage; None for a single turn.
        blind_to: what the role does not see.
    """

    counter: str | None = None
    blind_to: Collection[Topic] = ()

    def round(self, state: State) -> int:
        """Return the number of rounds that are finished."""
        return 0 if self.counter is None else max(state.get("counters", {}).get(self.counter, 1) - 1, 0)


def agent_node(name: str, turns: Turns) -> Node:
    """Return the node of the role `name`, which notifies the observer and calls the agent.

    DataError and ModelError become an abstention of the role. Every other error is raised after the nodes that run at
    the same time have finished.
    """

    async def node(state: State, runtime: Runtime[RunContext]) -> State:
        run_context = runtime.context
        run_context.observer(Progress(name, Stage.STARTED))
        try:
            async with run_context.running.count():
                delta = await _act(name, turns, state, run_context)
        except (DataError, ModelError) as error:
            delta = State(abstentions=(Abstention(name, cause_for_error(error), str(error)),))
        except Exception:
            await run_context.running.wait_for_others()
            raise
        run_context.observer(Progress(name, Stage.FINISHED, _last(delta)))
        return delta

    return node


def computation_node(function: Computation) -> Node:
    """Return the node of a computation, which asks no model and is not observed."""

    async def node(state: State, runtime: Runtime[RunContext]) -> State:
        return function(state, runtime.context)

    return node


async def _act(name: str, turns: Turns, state: State, run_context: RunContext) -> State:
    context = visible(context_from_state(state, run_context.brief), turns.blind_to)
    recall = no_memories if Topic.MEMORIES in turns.blind_to else run_context.recall
    number = turns.round(state)
    result = await run_context.team.agent(name).act(AgentTask(context, run_context.view, recall, number))
    return _delta(name, number, result)


def _delta(name: str, number: int, result: AgentResult) -> State:
    recorded = record_memories(result.memories, name)
    shown = State(
        evidence=(*result.evidence, *recorded["evidence"]), missing=result.missing, recalled=recorded["recalled"]
    )
    if isinstance(result.outcome, Abstention):
        return State(**shown, abstentions=(result.outcome,))
    return State(**shown, contributions=tuple(Contribution(name, output, number) for output in result.outcome))


def _last(delta: State) -> Abstention | Contribution | None:
    for abstention in delta.get("abstentions", ()):
        return abstention
    return next(reversed(delta.get("contributions", ())), None)
