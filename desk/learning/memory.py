"""The memory of a desk during one decision: namespace, recall and settings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from ...agents.context import AgentContext
from ...agents.recall import MemoryRecall, RecallFunction
from ...domain.errors import OpenOutcryError, is_bug
from ...domain.ids import Symbol
from ...memory.port import MemoryStore, MemoryView, RecalledRecord
from ...memory.record import Aspect, Namespace, Source

ONE_MICROSECOND = timedelta(microseconds=1)
"""Records of a decision are learned this much after `as_of`, so that repeating the decision recalls the same."""


@dataclass(frozen=True, slots=True)
class DeskMemory:
    """Memory as one desk uses it.

    Attributes:
        base: a memory that is only read, such as that of a training period.
        tokens: the recall budget of each agent, in characters / 4.
        analogies: whether lessons about other symbols are added if there are few about one.
        learns: whether outcomes become beliefs.
        writes: whether records are written; a dry run only reads.
    """

    keeper: MemoryStore
    namespace: Namespace
    base: Namespace | None = None
    tokens: int = 300
    analogies: bool = False
    updates_weights: bool = True
    writes: bool = True

    def at(self, as_of: datetime) -> MemoryView:
        """Return the view of the memory at `as_of`."""
        return self.keeper.at(as_of, self.namespace, base=self.base)

    def recall_function(self, as_of: datetime, symbol: Symbol, warnings: list[str]) -> RecallFunction:
        """Return the recall function of the agents at `as_of`; a failure is added to `warnings` and recalls nothing.

        After one failure nothing is recalled for the other agents, so that an endpoint that hangs is asked once.
        LookAheadError and other bugs are raised.
        """

        @cache
        def reminder() -> MemoryRecall:
            now = self.at(as_of)
            beliefs = now.records(symbol, sources=(Source.BELIEF,))
            return MemoryRecall(now, beliefs, self.tokens, self.at(as_of - ONE_MICROSECOND) if self.analogies else None)

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
