"""The memory of a desk during one decision: namespace, recall and settings."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from ...agents.context import AgentContext
from ...agents.recall import MemoryRecall, RecallFunction
from ...domain.errors import OpenOutcryError, is_bug
from ...domain.ids import Symbol
from ...graph.learning_section import NOTHING_LEARNED, LearningSpec, LessonsLearning
from ...memory.port import MemoryStore, MemoryView, RecalledRecord
from ...memory.record import Aspect, Namespace, Source
from .shown_lessons import newest_lessons, with_lessons

ONE_MICROSECOND = timedelta(microseconds=1)
"""Records of a decision are learned this much after `as_of`, so that repeating the decision recalls the same."""


@dataclass(frozen=True, slots=True)
class DeskMemory:
    """Memory as one desk uses it.

    Attributes:
        base: a memory that is only read, such as that of a training period.
        tokens: the recall budget of each agent, in characters / 4.
        analogies: whether lessons about other symbols are added if there are few about one.
        updates_weights: whether outcomes become analyst weights.
        writes: whether records are written; a dry run only reads.
        learning: the section `learning:` of the desk file.
    """

    keeper: MemoryStore
    namespace: Namespace
    base: Namespace | None = None
    tokens: int = 300
    analogies: bool = False
    updates_weights: bool = True
    writes: bool = True
    learning: LearningSpec = NOTHING_LEARNED

    @property
    def horizon(self) -> int | None:
        """Return the sessions after which every decision is settled; None for the horizon of each thesis."""
        return self.learning.horizon if isinstance(self.learning, LessonsLearning) else None

    @property
    def learns(self) -> bool:
        """Return whether decisions add to what the desk has learned."""
        return self.writes and not self.learning.frozen_at_test

    def of_role(self, role: str) -> "DeskMemory":
        """Return the memory of one role of a desk whose roles have memories of their own."""
        base = None if self.base is None else _of_role(self.base, role)
        return replace(self, namespace=_of_role(self.namespace, role), base=base)

    def at(self, as_of: datetime) -> MemoryView:
        """Return the view of the memory at `as_of`."""
        return self.keeper.at(as_of, self.namespace, base=self.base)

    def recall_function(
        self, as_of: datetime, symbol: Symbol, warnings: list[str], *, lessons: bool = False
    ) -> RecallFunction:
        """Return the recall function of the agents at `as_of`; a failure is added to `warnings` and recalls nothing.

        With `lessons`, the newest lessons come first if the desk learns by lessons.

        After one failure nothing is recalled for the other agents, so that an endpoint that hangs is asked once.
        LookAheadError and other bugs are raised.
        """

        @cache
        def reminder() -> RecallFunction:
            now, before = self.at(as_of), self.at(as_of - ONE_MICROSECOND)
            beliefs = now.records(symbol, sources=(Source.BELIEF,))
            found = MemoryRecall(now, beliefs, self.tokens, before if self.analogies else None)
            if lessons and isinstance(self.learning, LessonsLearning):
                return with_lessons(newest_lessons(self.learning, now, before, symbol), found)
            return found

        failed = False

        def careful(case: AgentContext, aspects: frozenset[Aspect], share: float) -> tuple[RecalledRecord, ...]:
            nonlocal failed
            if failed:
                return ()
            try:
                return reminder()(case, aspects, share)
            except OpenOutcryError as error:
                if is_bug(error):
                    raise
                failed = True
                warnings.append(f"nothing was recalled: {error}")
                return ()

        return careful

    def version(self, as_of: datetime) -> str:
        """Return the version of the memory at `as_of`, for the record of a decision."""
        space = self.namespace
        return f"{space.workspace}/{space.run}/{space.branch}/{space.agent}@{self.at(as_of).seq}"


def _of_role(space: Namespace, role: str) -> Namespace:
    return replace(space, agent=f"{space.agent}:{role}")
