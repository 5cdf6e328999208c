"""The memory during one decision. Its failures become warnings in the record and do not end the decision."""

from dataclasses import dataclass, field

from ...agents.context import AgentContext
from ...agents.recall import RecallFunction, no_memories
from ...domain.brief import Brief
from ...domain.errors import (
    ConfigError,
    ConflictError,
    OpenOutcryError,
    is_bug,
)
from ...graph.team import Team
from ...market.view import MarketView
from .memory import DeskMemory
from .outcomes import evaluate_outcomes
from .recording import record_memories


@dataclass(frozen=True, slots=True)
class MemorySession:
    """The work of `memory`, if there is one, in one decision. `warnings` lists what failed, as sentences."""

    memory: DeskMemory | None
    view: MarketView
    warnings: list[str] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """Return the version of the memory that could be read; empty without a memory."""
        return self.memory.version(self.view.as_of) if self.memory else ""

    async def evaluate_outcomes(self, team: Team, brief: Brief) -> None:
        """Write lessons about outcomes known since; raises StoreLocked while another process writes to the memory."""
        try:
            if self.memory is not None:
                await evaluate_outcomes(self.memory, team, self.view, brief)
        except OpenOutcryError as error:
            if is_bug(error) or isinstance(error, ConfigError | ConflictError):
                raise
            self.warnings.append(f"no outcome was evaluated: {error}")

    def recall(self, brief: Brief) -> RecallFunction:
        """Return the recall function of the agents that does not block the event loop."""
        if self.memory is None:
            return no_memories
        return self.memory.recall(self.view.as_of, brief.symbol, self.warnings).without_blocking

    async def record(self, context: AgentContext) -> None:
        """Record the news, statements and thesis of the context."""
        try:
            if self.memory is not None:
                await record_memories(self.memory, self.view, context)
        except OpenOutcryError as error:
            if is_bug(error):
                raise
            self.warnings.append(f"nothing was recorded: {error}; decide again as of the same moment to record it")
