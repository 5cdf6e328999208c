"""The memory during one decision. Its failures become warnings in the record and do not end the decision."""

from collections.abc import Mapping, Sequence
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
from ...domain.ids import Symbol
from ...graph.desk_config import DeskConfig
from ...graph.desk_sections import WarmUp
from ...graph.learning_section import ContestLearning, LessonsLearning, MarketLearning
from ...graph.runtime import Budgets, Rewards, equal_budgets, no_rewards
from ...graph.team import Team
from ...market.view import MarketView
from .decision_facts import decision_facts
from .learned_state import contest_rewards, market_budgets
from .memory import ONE_MICROSECOND, DeskMemory
from .outcomes import evaluate_outcomes
from .recording import has_labels, record_memories
from .role_thesis import as_seen_by


@dataclass(frozen=True, slots=True)
class MemorySession:
    """The work of `memory`, if there is one, in one decision of the desk `file`.

    `warnings` lists what failed, as sentences.
    """

    memory: DeskMemory | None
    view: MarketView
    file: DeskConfig
    warnings: list[str] = field(default_factory=list)

    @property
    def seen(self) -> str:
        """Return the version of the memory before the session, empty without one.

        What decisions on other symbols learn at the same moment is not counted: it depends on which of them is first.
        """
        return self.memory.version(self.view.as_of - ONE_MICROSECOND) if self.memory else ""

    async def evaluate_outcomes(self, team: Team, brief: Brief) -> None:
        """Write lessons about outcomes known since; raises StoreLocked while another process writes to the memory."""
        try:
            for memory in self.memories().values():
                await evaluate_outcomes(memory, team, self.view, brief)
        except OpenOutcryError as error:
            if is_bug(error) or isinstance(error, ConfigError | ConflictError):
                raise
            self.warnings.append(f"no outcome was evaluated: {error}")

    def recall(self, brief: Brief) -> RecallFunction:
        """Return the recall function that all agents share; it does not block the event loop."""
        if self.memory is None or self.file.memory.per_role:
            return no_memories
        return self.memory.recall(self.view.as_of, brief.symbol, self.warnings).without_blocking

    def recall_by_role(self, brief: Brief) -> Mapping[str, RecallFunction]:
        """Return the recall functions of roles with memories of their own, or that are shown lessons."""
        memories = self.memories()
        if self.file.memory.per_role:
            own = memories
        else:
            own = {role: memory for memory in memories.values() for role in self._shown_lessons()}
        lessons = self._shown_lessons()
        return {
            role: memory.recall(self.view.as_of, brief.symbol, self.warnings, lessons=role in lessons).without_blocking
            for role, memory in own.items()
        }

    def budgets(self, symbol: Symbol) -> Budgets:
        """Return the function of the budgets of a prediction market; equal budgets if the memory fails."""
        memory, learning = self.memory, self.file.learning
        if memory is None or not isinstance(learning, MarketLearning):
            return equal_budgets

        def learned(forecasters: Sequence[str]) -> Mapping[str, float]:
            try:
                return market_budgets(learning, memory.at(self.view.as_of), symbol, forecasters)
            except OpenOutcryError as error:
                self._warn(error, "the budgets are equal")
                return equal_budgets(forecasters)

        return learned

    def rewards(self, symbol: Symbol) -> Rewards:
        """Return the function of the past rewards of a contest; none if the memory fails."""
        memory = self.memory
        if memory is None or not isinstance(self.file.learning, ContestLearning):
            return no_rewards

        def learned() -> Mapping[str, Sequence[float]]:
            try:
                return contest_rewards(memory.at(self.view.as_of), self.view, symbol)
            except OpenOutcryError as error:
                self._warn(error, "no past rewards are known")
                return {}

        return learned

    def check_warm_up(self, symbol: Symbol) -> None:
        """Warn if the desk file asks for a labelled warm-up, and no label on `symbol` is visible."""
        if self.file.memory.warmup is not WarmUp.LABELLED:
            return
        missing = f"desk {self.file.name} asks for a labelled warm-up of its memory, and "
        if self.memory is None:
            self.warnings.append(f"{missing}it decides without a memory")
            return
        try:
            if not any(has_labels(memory.at(self.view.as_of), symbol) for memory in self.memories().values()):
                remedy = "`openoutcry memory warm-up`, or `backtest --warm-up-from`, writes them"
                self.warnings.append(f"{missing}no label on {symbol} is known; {remedy}")
        except OpenOutcryError as error:
            self._warn(error, "the warm-up of the memory is not known")

    async def record(self, context: AgentContext, whole: AgentContext | None = None) -> None:
        """Record the news, statements and thesis of the context; `whole` is that of a book that it is a part of."""
        facts = decision_facts(self.file.learning, whole or context, context.brief.symbol, self.file.decider)
        try:
            for role, memory in self.memories().items():
                await record_memories(memory, self.view, as_seen_by(role, context) if role else context, facts)
        except OpenOutcryError as error:
            self._warn(error, "nothing was recorded", "; decide again as of the same moment to record it")

    def _warn(self, error: OpenOutcryError, what: str, remedy: str = "") -> None:
        if is_bug(error):
            raise error
        self.warnings.append(f"{what}: {error}{remedy}")

    def memories(self) -> Mapping[str, DeskMemory]:
        """Return the memories that the decision writes to: one of each role, or one for all under an empty name."""
        if self.memory is None:
            return {}
        if self.file.memory.per_role:
            return {role: self.memory.of_role(role) for role in self.file.roster.names()}
        return {"": self.memory}

    def _shown_lessons(self) -> tuple[str, ...]:
        learning = self.file.learning
        if not isinstance(learning, LessonsLearning):
            return ()
        chair = self.file.risk.chair
        return learning.roles or (self.file.decider, *([str(chair)] if chair else []))
