"""The table: facts labelled favourable or adverse, and an agent that decides on the table alone."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ...agents.context import AgentContext
from ...domain.abstention import Abstention, AbstentionCause
from ...domain.deliberation_outputs import FactSide, FactTable
from ...llm.port import Tier
from ..flow import Flow, Step
from ..roles import RoleKind, RoleSpec, Roster, Topic
from ..runtime import RunContext
from ..state import State, context_from_state
from .topology import ONE_SYMBOL, Topology

CHECK = "table"
EVERYTHING_ELSE = (Topic.REPORTS, Topic.DEBATE, Topic.OPINIONS, Topic.EVIDENCE, Topic.MEMORIES)


class Table(Topology):
    """Facts with a side and a strength before one agent that sees nothing else.

    Attributes:
        sides: the sides of a fact; those of `FactSide`.
        strength: the strongest fact; 3.
        head: name of the agent that decides.
        prompt: id of its prompt.
    """

    kind: Literal["table"] = "table"
    sides: tuple[Literal[FactSide.FAVOURABLE], Literal[FactSide.ADVERSE]] = (FactSide.FAVOURABLE, FactSide.ADVERSE)
    strength: Literal[3] = 3
    head: Annotated[str, Field(alias="decider", pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "trader"
    prompt: str | None = None
    reads: ClassVar[frozenset[RoleKind]] = frozenset({RoleKind.FACTS})

    def roles(self, roster: Roster) -> tuple[RoleSpec, ...]:
        """Return the agent that decides."""
        return (
            RoleSpec(
                role=RoleKind.DECIDER,
                name=self.head,
                prompt=self.prompt,
                model=Tier.DEEP,
                blind_to=EVERYTHING_ELSE,
            ),
        )

    def computations(self) -> tuple[str, ...]:
        """Return the check that the table holds a fact."""
        return (CHECK,)

    def check(self, roster: Roster) -> None:
        """Raise ValueError unless all roles write facts about one symbol."""
        if roster.over_book:
            raise ValueError(ONE_SYMBOL)
        if len(roster.of(RoleKind.FACTS)) != len(roster.roles):
            raise ValueError("a table needs roles of kind facts, and has no other roles beside them")

    def decider(self, roster: Roster) -> str:
        """Return the agent that decides."""
        return self.head

    def wire(self, flow: Flow, after: Step, roster: Roster) -> Step:
        """Wire the facts, the check, and the decision on the table."""

        def check(state: State, run_context: RunContext) -> State:
            return _checked(context_from_state(state, run_context.brief))

        facts = flow.parallel(after, roster.names(RoleKind.FACTS))
        return flow.then(flow.compute(facts, CHECK, check).when(_has_facts), self.head)


def _checked(context: AgentContext) -> State:
    """Abstain if the table has no facts, or if there is no table."""
    tables = [table for _, table in context.outputs(FactTable)]
    if any(table.facts for table in tables):
        return State(counters={})
    if not tables:
        return State(counters={})
    return State(abstentions=(Abstention(CHECK, AbstentionCause.DATA, "the sources hold no fact that counts"),))


def _has_facts(state: State) -> bool:
    outputs = (made.output for made in state.get("contributions", ()))
    return any(isinstance(output, FactTable) and output.facts for output in outputs)
