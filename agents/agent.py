"""The agent: the port through which the graph calls every role."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ..domain.abstention import Abstention
from ..domain.evidence import Evidence
from ..domain.outputs import StructuredOutput
from ..market.view import MarketView
from ..memory.port import RecalledRecord
from ..memory.record import Aspect
from .context import AgentContext, MissingEvidence
from .recall import ALL_ASPECTS, WHOLE, RecallFunction, no_memories
from .role import Role


@dataclass(frozen=True, slots=True)
class AgentTask:
    """The inputs of one turn of an agent.

    Attributes:
        context: what the agent may see of the decision until now.
        view: the market as of the decision.
        recall: returns the memories for a context.
        round: the number of turns that the agent's stage has finished; 0 for the first.
    """

    context: AgentContext
    view: MarketView
    recall: RecallFunction = no_memories
    round: int = 0

    async def with_memories(
        self, context: AgentContext, aspects: frozenset[Aspect] = ALL_ASPECTS, share: float = WHOLE
    ) -> AgentContext:
        """Return `context` with the memories about `aspects`, within `share` (0 to 1) of the desk's token budget."""
        memories = await self.recall(context, aspects, share)
        return replace(context, memories=memories) if memories or context.memories else context


@dataclass(frozen=True, slots=True)
class AgentResult:
    """The result of one turn of an agent.

    Attributes:
        outcome: the outputs, in the order in which they were made, or an abstention.
        evidence: the evidence that the agent read, without its memories.
        missing: the evidence that the agent did not find.
        memories: the memories that the agent received.
        made_at: the time of the earlier decision that the result was made for; None if it was made for this one.
    """

    outcome: tuple[StructuredOutput, ...] | Abstention
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[MissingEvidence, ...] = ()
    memories: tuple[RecalledRecord, ...] = ()
    made_at: datetime | None = None


class Agent(Protocol):
    """Acts once per turn of its stage. It holds no state: everything it needs is in the task.

    `act` raises DataError and ModelError, which the graph turns into an abstention of the role. Every other error is a
    defect and ends the run.
    """

    @property
    def role(self) -> Role:
        """Return the role, whose name identifies the agent at its desk."""
        ...

    async def act(self, task: AgentTask) -> AgentResult:
        """Return the result of one turn."""
        ...


def single_output(answer: StructuredOutput | Abstention, context: AgentContext) -> AgentResult:
    """Return the result of an agent that gave one answer and read nothing but its context and memories."""
    outcome = answer if isinstance(answer, Abstention) else (answer,)
    return AgentResult(outcome, memories=context.memories)
