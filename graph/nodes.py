"""The nodes of the graph: one for agents, one for computations.

A failure of the data source or of the model becomes an abstention of the role. Every other error ends the run.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from langgraph.runtime import Runtime

from ..agents.agent import AgentResult, AgentTask
from ..agents.book import in_book, scoped
from ..agents.context import Contribution
from ..agents.recall import no_memories
from ..domain.abstention import Abstention, cause_for_error
from ..domain.ballot_outputs import AnswerBallot, AnswerBallots
from ..domain.errors import DataError, ModelError
from ..domain.ids import Symbol
from ..llm.counted_votes import Counts, counted_votes
from .cadence import PeriodKeeper, act_in_period
from .flow import Computation, Turns
from .recalled import record_memories
from .roles import Cadence, Topic
from .runtime import Progress, RunContext, Stage
from .state import State, context_from_state
from .visibility import visible


class Node(Protocol):
    """A node as LangGraph calls it."""

    async def __call__(self, state: State, runtime: Runtime[RunContext]) -> State: ...


def agent_node(name: str, turns: Turns) -> Node:
    """Return the node of the role `name`, which notifies the observer and calls the agent.

    DataError and ModelError become an abstention of the role. Every other error is raised after the nodes that run at
    the same time have finished.
    """

    async def node(state: State, runtime: Runtime[RunContext]) -> State:
        run_context, scope = runtime.context, state.get("scope")
        shown = name if scope is None else f"{name} {scope}"
        run_context.observer(Progress(shown, Stage.STARTED))
        try:
            async with run_context.running.count():
                with counted_votes() as votes:
                    result = await _act(name, turns, state, run_context)
                result = _with_ballots(result, votes)
        except (DataError, ModelError) as error:
            result = AgentResult(Abstention(name, cause_for_error(error), str(error)))
        except Exception:
            await run_context.running.wait_for_others()
            raise
        delta = _delta(name, turns.round(state), result, scope)
        run_context.observer(Progress(shown, Stage.FINISHED, _last(delta)))
        return delta

    return node


def computation_node(function: Computation) -> Node:
    """Return the node of a computation, which asks no model and is not observed."""

    async def node(state: State, runtime: Runtime[RunContext]) -> State:
        return function(state, runtime.context)

    return node


async def _act(name: str, turns: Turns, state: State, run_context: RunContext) -> AgentResult:
    scope = state.get("scope")
    context = context_from_state(state, run_context.brief, run_context.book)
    recall = run_context.recall_by_role.get(name, run_context.recall)
    if scope is not None:
        own, context = run_context.recall_by_role_of.get(scope, {}), scoped(context, scope)
        recall = own.get(name, run_context.recall_of.get(scope, no_memories))
    if Topic.MEMORIES in turns.blind_to:
        recall = no_memories
    task = AgentTask(visible(context, turns.blind_to), run_context.view, recall, turns.round(state))
    agent = run_context.team.agent(name, context.brief)
    if turns.cadence is not Cadence.SESSION:
        task = replace(task, context=task.context.work_of(turns.steady))
        return await act_in_period(agent, task, turns.cadence, _keeper(run_context, scope))
    return await agent.act(task)


def _keeper(run_context: RunContext, scope: Symbol | None) -> PeriodKeeper | None:
    """Return what keeps the results of slow roles; None if the desk keeps none."""
    if run_context.results is None or run_context.run_id is None:
        return None
    book = ",".join(brief.symbol for brief in run_context.book)
    return PeriodKeeper(run_context.results, run_context.run_id, scope or book or run_context.brief.symbol)


def _with_ballots(result: AgentResult, votes: Sequence[Counts]) -> AgentResult:
    """Return the result of an agent with the ballots of its answers before its outputs; an abstention is unchanged."""
    if isinstance(result.outcome, Abstention):
        return result
    ballots = (
        AnswerBallots(ballots=tuple(AnswerBallot(option=option, count=count) for option, count in counts))
        for counts in votes
    )
    return replace(result, outcome=(*ballots, *result.outcome))


def _delta(name: str, number: int, result: AgentResult, scope: Symbol | None) -> State:
    """Return the change of the state; what a node found out about one symbol of a book is marked with it."""
    recorded = record_memories(result.memories, name)
    evidence, missing = (*result.evidence, *recorded["evidence"]), result.missing
    if scope is not None:
        evidence, missing = in_book(evidence, scope), tuple(replace(each, symbol=scope) for each in missing)
    shown = State(evidence=evidence, missing=missing, recalled=recorded["recalled"])
    if isinstance(result.outcome, Abstention):
        abstention = result.outcome if scope is None else replace(result.outcome, symbol=scope)
        return State(**shown, abstentions=(abstention,))
    made = tuple(Contribution(name, output, number, scope, result.made_at) for output in result.outcome)
    return State(**shown, contributions=made)


def _last(delta: State) -> Abstention | Contribution | None:
    for abstention in delta.get("abstentions", ()):
        return abstention
    return next(reversed(delta.get("contributions", ())), None)
