"""The memory of a desk during one decision: namespace, recall and settings."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from ...agents.context import AgentContext
from ...agents.recall import MemoryRecall
from ...domain.errors import OpenOutcryError, is_bug
from ...domain.ids import Symbol
from ...graph.learning_section import NOTHING_LEARNED, LearningSpec, LessonsLearning
from ...memory.port import MemoryStore, MemoryView, RecalledRecord
from ...memory.record import Aspect, Namespace, Source
from .shown_lessons import beside, newest_lessons

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

    def recall(self, as_of: datetime, symbol: Symbol, warnings: list[str], *, lessons: bool = False) -> "CarefulRecall":
        """Return the recall of the agents at `as_of`; failures are added to `warnings`.

        With `lessons`, the newest lessons come first if the desk learns by lessons.
        """
        return CarefulRecall(self, as_of, symbol, warnings, lessons=lessons)

    def version(self, as_of: datetime) -> str:
        """Return the version of the memory at `as_of`, for the record of a decision."""
        space = self.namespace
        return f"{space.workspace}/{space.run}/{space.branch}/{space.agent}@{self.at(as_of).seq}"


def _of_role(space: Namespace, role: str) -> Namespace:
    return replace(space, agent=f"{space.agent}:{role}")


class CarefulRecall:
    """Recall of the agents of one decision; a failure is added to `warnings` and recalls nothing.

    After one failure nothing is recalled for the other agents, so that an endpoint that hangs is asked once.
    LookAheadError and other bugs are raised.
    """

    def __init__(
        self, memory: DeskMemory, as_of: datetime, symbol: Symbol, warnings: list[str], *, lessons: bool
    ) -> None:
        self._memory, self._as_of, self._symbol, self._warnings = memory, as_of, symbol, warnings
        self._shows_lessons = lessons
        self._failed, self._turn = False, asyncio.Lock()

    def __call__(self, context: AgentContext, aspects: frozenset[Aspect], share: float) -> tuple[RecalledRecord, ...]:
        """Return the memories of `aspects` that fit the context; waits for the endpoint of the embedder."""
        if self._failed:
            return ()
        try:
            return beside(self._lessons, self._opened(context, aspects, share))
        except OpenOutcryError as error:
            self._fail(error)
            return ()

    async def without_blocking(
        self, context: AgentContext, aspects: frozenset[Aspect], share: float
    ) -> tuple[RecalledRecord, ...]:
        """Return the same memories; other agents proceed while the endpoint of the embedder answers.

        One agent prepares at a time, so that agents in the same situation share one request.
        """
        async with self._turn:
            if not self._failed:
                try:
                    await self._opened.prepare(context, aspects, share)
                except OpenOutcryError as error:
                    self._fail(error)
        return self(context, aspects, share)

    @cached_property
    def _opened(self) -> MemoryRecall:
        now = self._memory.at(self._as_of)
        beliefs = now.records(self._symbol, sources=(Source.BELIEF,))
        before = self._memory.at(self._as_of - ONE_MICROSECOND) if self._memory.analogies else None
        return MemoryRecall(now, beliefs, self._memory.tokens, before)

    @cached_property
    def _lessons(self) -> tuple[RecalledRecord, ...]:
        learning = self._memory.learning
        if not self._shows_lessons or not isinstance(learning, LessonsLearning):
            return ()
        now, before = self._memory.at(self._as_of), self._memory.at(self._as_of - ONE_MICROSECOND)
        return newest_lessons(learning, now, before, self._symbol)

    def _fail(self, error: OpenOutcryError) -> None:
        if is_bug(error):
            raise error
        self._failed = True
        self._warnings.append(f"nothing was recalled: {error}")
