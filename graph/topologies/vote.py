"""The vote: agents that decide independently, and the decision of their majority or mean."""

from typing import Annotated, Literal

from pydantic import Field

from ...agents.context import Contribution
from ...agents.decisions.ballots import VOTED_KINDS, count_ballots
from ...domain.abstention import Abstention, AbstentionCause, joint_cause
from ...domain.decision_outputs import JudgedView
from ..flow import Flow, Step
from ..roles import RoleKind, Roster
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import Topology

COUNT, VOTING_ROUND = "vote", "voting_round"


class VoteTopology(Topology):
    """Agents that read the evidence themselves, each with its own tools, persona and memories.

    Attributes:
        rounds: further rounds, in which each agent sees the decisions of the round before and decides again.
    """

    kind: Literal["vote"] = "vote"
    rounds: Annotated[int, Field(ge=0, le=5)] = 0

    def computations(self) -> tuple[str, ...]:
        """Return the computations that count rounds and ballots."""
        return (VOTING_ROUND, COUNT)

    def check(self, roster: Roster) -> None:
        """Raise ValueError without at least two agents, and for a kind of decision that cannot be counted."""
        voters = roster.of(RoleKind.SINGLE_AGENT)
        if len(voters) != len(roster.roles) or len(voters) < 2:
            raise ValueError("a vote needs two or more roles of kind single_agent, and no others")
        if roster.decision not in VOTED_KINDS:
            raise ValueError(f"a vote cannot decide on {roster.decision}; use one of: {', '.join(sorted(VOTED_KINDS))}")

    def decider(self, roster: Roster) -> str:
        """Return the count of the ballots."""
        return COUNT

    def turns(self, roster: Roster) -> int:
        """Return one turn of every agent in each round."""
        return len(roster.roles) * (1 + self.rounds)

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the rounds, and the count of the last decision of each agent."""
        voters = roster.names()
        talk = flow.repeat(
            after, VOTING_ROUND, _next_round, lambda head: flow.parallel(head, voters), again=self._goes_on
        )
        return flow.compute(talk, COUNT, _count)

    def _goes_on(self, state: State) -> bool:
        return state.get("counters", {}).get(VOTING_ROUND, 0) <= 1 + self.rounds


def _next_round(state: State, _: RunContext) -> State:
    return State(counters={VOTING_ROUND: state.get("counters", {}).get(VOTING_ROUND, 0) + 1})


def _count(state: State, run_context: RunContext) -> State:
    """Contribute the counted decision, or abstain if no agent has decided or the ballots are tied."""
    context = context_from_state(state, run_context.brief)
    ballots = dict(context.outputs(JudgedView))
    if not ballots:
        cause = joint_cause(context.abstentions)
        return State(abstentions=(Abstention(COUNT, cause, "no agent has decided"),))
    counted = count_ballots(tuple(ballots.values()))
    if counted is None:
        reason = f"the ballots of {', '.join(ballots)} are tied"
        return State(abstentions=(Abstention(COUNT, AbstentionCause.INCOMPLETE, reason),))
    return State(contributions=tuple(Contribution(COUNT, output) for output in counted))
