"""Memory recall for one agent, within its token budget: analyst weights, and memories that fit today's situation."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..domain.evidence import EvidenceKind
from ..domain.memory_queries import HorizonQueries
from ..memory.port import MemoryView, Query, RecalledRecord
from ..memory.record import (
    Aspect,
    Layer,
    Record,
    Source,
)
from .context import AgentContext
from .formatting import format_memories

ALL_ASPECTS, TRADE_ASPECT = frozenset(Aspect), frozenset({Aspect.TRADE})
CHARACTERS_A_TOKEN = 4
MAX_RECALLED = 6
TOP_BY_HORIZON = 3
"""Number of memories for each query that an analyst has written."""
ANALOGIES = 3
"""Minimum number of memories; if there are fewer, lessons about other tickers are added."""

ASPECT_OF_TOOL: Mapping[str, Aspect] = {
    **dict.fromkeys(("bars", "indicators", "actions"), Aspect.PRICE),
    **dict.fromkeys(("news", "sentiment"), Aspect.NEWS),
    **dict.fromkeys(("macro", "calendar"), Aspect.MACRO),
}
"""Every other tool has the aspect FUNDAMENTALS."""

LESSONS = frozenset({Source.TRADE_REFLECTION, Source.PRICE_REFLECTION})
NO_BELIEFS = frozenset(Source) - {Source.BELIEF}

HORIZONS: tuple[frozenset[EvidenceKind], ...] = (
    frozenset({EvidenceKind.PRICE, EvidenceKind.INDICATOR, EvidenceKind.NEWS, EvidenceKind.SENTIMENT}),
    frozenset(
        {
            EvidenceKind.STATEMENT,
            EvidenceKind.RATIO,
            EvidenceKind.FILING,
            EvidenceKind.CORPORATE_ACTION,
            EvidenceKind.INSIDER,
        }
    ),
    frozenset({EvidenceKind.MACRO, EvidenceKind.CALENDAR}),
)
"""Kinds of evidence that change daily, quarterly, and with the economy. Each group makes one recall query."""


WHOLE, MOST_PARTS, QUARTER = 1.0, 0.75, 0.25
"""Shares of the token budget: for analysts, manager and trader; for researchers; for the risk committee."""
RecallFunction = Callable[[AgentContext, frozenset[Aspect], float], Awaitable[tuple[RecalledRecord, ...]]]
"""Returns the memories of the given aspects that fit an agent's context, within a share of the token budget.

Other agents proceed while it waits for an endpoint.
"""


async def no_memories(_: AgentContext, __: frozenset[Aspect], ___: float) -> tuple[RecalledRecord, ...]:
    """Return no memories."""
    return ()


def aspects_of(tools: Iterable[str]) -> frozenset[Aspect]:
    """Return the aspects that the evidence of `tools` is about."""
    return frozenset(map(aspect_of, tools))


def aspect_of(tool: str) -> Aspect:
    """Return the aspect that the evidence of `tool` is about."""
    return ASPECT_OF_TOOL.get(tool, Aspect.FUNDAMENTALS)


@dataclass(frozen=True, slots=True)
class MemoryRecall:
    """Recalls from one point-in-time memory, within a budget of `tokens` (characters / 4) for each agent.

    Analyst weights of the agent's aspects come first, then the memories that fit the situation: by the queries that an
    analyst has written, `TOP_BY_HORIZON` for each, else by the evidence of the context. With `analogies`, lessons about
    other tickers are added if there are few about this one. `analogies` is the memory just before `as_of`, so that the
    order in which tickers are decided at one moment has no effect.
    """

    memory: MemoryView
    beliefs: tuple[Record, ...]
    tokens: int
    analogies: MemoryView | None = None

    def __call__(self, context: AgentContext, aspects: frozenset[Aspect], share: float) -> tuple[RecalledRecord, ...]:
        """Return the current analyst weights, oldest first, then the memories that fit the situation, best first."""
        recalls = self._weights(aspects, share)
        queries = self._queries(context, aspects, share)
        if not queries:
            return recalls
        found = _merged(self.memory.recall(query) for query in queries)
        most = sum(query.limit for query in queries)
        if self.analogies is not None and len(found) < ANALOGIES:
            texts = tuple(text for query in queries for text in query.texts)
            limit = ANALOGIES + len(found)
            other_symbols = replace(queries[0], texts=texts, symbol=None, sources=LESSONS, limit=limit)
            found = _merged([found, self.analogies.recall(other_symbols)])
        return _within((*recalls, *found[:most]), int(self.tokens * share))

    async def prepare(self, context: AgentContext, aspects: frozenset[Aspect], share: float) -> None:
        """Obtain what a call with these arguments needs of an endpoint; raises ModelError as the embedder does."""
        for query in self._queries(context, aspects, share):
            await self.memory.prepare(query)

    def _weights(self, aspects: frozenset[Aspect], share: float) -> tuple[RecalledRecord, ...]:
        weights = (
            RecalledRecord(belief, Layer.REFLECTION, 1.0, {}) for belief in self.beliefs if belief.aspect in aspects
        )
        return _within(weights, int(self.tokens * share))

    def _queries(self, context: AgentContext, aspects: frozenset[Aspect], share: float) -> tuple[Query, ...]:
        """Return the queries for the budget that the analyst weights leave; none without evidence or budget."""
        left = int(self.tokens * share) - _tokens(self._weights(aspects, share))
        if left <= 0:
            return ()
        written, shown = context.latest(HorizonQueries), context.evidence
        asked: list[tuple[str, ...]]
        if written is not None:
            asked, limit = [(each.search_text,) for each in written.queries], TOP_BY_HORIZON
            shown = tuple(item for item in shown if item.kind is not EvidenceKind.MEMORY)  # what others have recalled
        else:
            situation = situation_queries(context)
            asked, limit = [situation] if situation else [], MAX_RECALLED
        times = frozenset(item.known_at for item in shown)
        return tuple(Query(texts, context.brief.symbol, aspects, left, limit, NO_BELIEFS, times) for texts in asked)


def _merged(found: Iterable[Sequence[RecalledRecord]]) -> tuple[RecalledRecord, ...]:
    """Return the results of several queries, each memory once, where it is found first."""
    by_id: dict[str, RecalledRecord] = {}
    for recall in (recall for results in found for recall in results):
        by_id.setdefault(recall.record.id, recall)
    return tuple(by_id.values())


def situation_queries(context: AgentContext) -> tuple[str, ...]:
    """Return the recall queries for today's situation: one for each group of HORIZONS with evidence."""
    texts = (" ".join(e.text for e in context.evidence if e.kind in kinds) for kinds in HORIZONS)
    return tuple(f"{context.brief.symbol} {text}" for text in texts if text)


def _within(recalls: Iterable[RecalledRecord], budget: int) -> tuple[RecalledRecord, ...]:
    """Return the recalls that fit into `budget` tokens together; one that exceeds the remaining budget is skipped."""
    kept = list[RecalledRecord]()
    for recall in recalls:
        if _tokens([*kept, recall]) <= budget:
            kept.append(recall)
    return tuple(kept)


def _tokens(recalls: Sequence[RecalledRecord]) -> int:
    """Return the tokens of the formatted recalls, including their labels."""
    return len(format_memories(recalls)) // CHARACTERS_A_TOKEN if recalls else 0
