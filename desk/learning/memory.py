"""The desk's memory in one question: what it may see, what it learns from outcomes, and what it notes down."""

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
"""What is noted down after a decision is learned a moment later, so that the same decision again sees the same."""


@dataclass(frozen=True, slots=True)
class DeskMemory:
    """Memory as one desk uses it.

    Attributes:
        base: a memory that is only read, such as that of a training period.
        tokens: what each member may be reminded of, in characters / 4.
        analogies: whether lessons of other tickers may fill up what little there is of one.
        learns: whether outcomes become beliefs.
        writes: whether anything is noted down; a rehearsal only reads.
    """

    keeper: MemoryStore
    namespace: Namespace
    base: Namespace | None = None
    tokens: int = 300
    analogies: bool = False
    updates_weights: bool = True
    writes: bool = True

    def at(self, as_of: datetime) -> MemoryView:
        """Return what was known and learned at `as_of`."""
        return self.keeper.at(as_of, self.namespace, base=self.base)

    def recall_function(self, as_of: datetime, symbol: Symbol, warnings: list[str]) -> RecallFunction:
        """Return the recall function of the agents at `as_of`; a failure is added to `warnings` and recalls nothing.

        What failed once is not tried for the next member: an endpoint that hangs would hang for each of them. A memory
        that shows what was not known yet is no trouble but a breach: LookAheadError goes through.
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
        """Name what could be read at `as_of`, for the record of a decision."""
        space = self.namespace
        return f"{space.workspace}/{space.run}/{space.branch}/{space.agent}@{self.at(as_of).seq}"
