"""The desk's memory through one question: whatever goes wrong with it is said in the record, and costs no decision."""

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
    """What `memory`, where there is one, has to do with one question; `troubles` says in words what it could not do."""

    memory: DeskMemory | None
    view: MarketView
    warnings: list[str] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """Name what could be read; empty without a memory, or where it could not be."""
        return self.memory.version(self.view.as_of) if self.memory else ""

    async def evaluate_outcomes(self, team: Team, brief: Brief) -> None:
        """Learn from what has become known; raises StoreLocked while another process writes to the memory."""
        try:
            if self.memory is not None:
                await evaluate_outcomes(self.memory, team, self.view, brief)
        except OpenOutcryError as error:
            if is_bug(error) or isinstance(error, ConfigError | ConflictError):
                raise
            self.warnings.append(f"no outcome was evaluated: {error}")

    def recall(self, brief: Brief) -> RecallFunction:
        """Return what reminds the members."""
        if self.memory is None:
            return no_memories
        return self.memory.recall_function(self.view.as_of, brief.symbol, self.warnings)

    def record(self, context: AgentContext) -> None:
        """Note down what the case holds."""
        try:
            if self.memory is not None:
                record_memories(self.memory, self.view, context)
        except OpenOutcryError as error:
            if is_bug(error):
                raise
            self.warnings.append(f"nothing was noted down: {error}; decide again as of the same moment to note it")
