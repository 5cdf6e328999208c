"""What comes to a member's mind: the desk's standing beliefs, and what today's situation resembles."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..domain.evidence import EvidenceKind
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
ANALOGIES = 3
"""Lessons of other tickers, for those who have few of this one."""

ASPECT_OF_TOOL: Mapping[str, Aspect] = {
    **dict.fromkeys(("bars", "indicators", "actions"), Aspect.PRICE),
    **dict.fromkeys(("news", "sentiment"), Aspect.NEWS),
    **dict.fromkeys(("macro", "calendar"), Aspect.MACRO),
}
"""Every other tool is about the company itself."""

LESSONS = frozenset({Source.TRADE_REFLECTION, Source.PRICE_REFLECTION})
NO_BELIEFS = frozenset(Source) - {Source.BELIEF}

HORIZONS: tuple[frozenset[EvidenceKind], ...] = (
    frozenset({EvidenceKind.PRICE, EvidenceKind.INDICATOR, EvidenceKind.NEWS, EvidenceKind.SENTIMENT}),
    frozenset({EvidenceKind.STATEMENT, EvidenceKind.RATIO, EvidenceKind.FILING, EvidenceKind.CORPORATE_ACTION}),
    frozenset({EvidenceKind.MACRO, EvidenceKind.CALENDAR}),
)
"""What changes by the day, by the quarter, and with the economy: today's situation is described for each."""


WHOLE, MOST_PARTS, QUARTER = 1.0, 0.75, 0.25
"""Shares of the budget: for who finds out or decides, for who argues, for who only checks."""
RecallFunction = Callable[[AgentContext, frozenset[Aspect], float], tuple[RecalledRecord, ...]]
"""Returns the memories of some aspects that fit an agent's context, within a share of the token budget."""


def no_memories(_: AgentContext, __: frozenset[Aspect], ___: float) -> tuple[RecalledRecord, ...]:
    """Remember nothing."""
    return ()


def aspects_of(tools: Iterable[str]) -> frozenset[Aspect]:
    """Return the aspects that the evidence of `tools` is about."""
    return frozenset(map(aspect_of, tools))


def aspect_of(tool: str) -> Aspect:
    """Return the aspect that the evidence of `tool` is about."""
    return ASPECT_OF_TOOL.get(tool, Aspect.FUNDAMENTALS)


@dataclass(frozen=True, slots=True)
class MemoryRecall:
    """Asks one point-in-time memory, within a budget of `tokens` (characters / 4) for each member.

    Analyst weights of the agent's aspects come first; the rest is what the situation resembles. With a memory for
    `analogies`, what was learned about other tickers fills up what little there is of this one: a memory of before, so
    that the order in which tickers are decided at one moment changes nothing.
    """

    memory: MemoryView
    beliefs: tuple[Record, ...]
    tokens: int
    analogies: MemoryView | None = None

    def __call__(self, context: AgentContext, aspects: frozenset[Aspect], share: float) -> tuple[RecalledRecord, ...]:
        """Return the current analyst weights, oldest first, then what the situation resembles, best first."""
        budget = int(self.tokens * share)
        held = (
            RecalledRecord(belief, Layer.REFLECTION, 1.0, {}) for belief in self.beliefs if belief.aspect in aspects
        )
        recalls = _within(held, budget)
        told = situation_queries(context)
        if not told or (left := budget - _tokens(recalls)) <= 0:
            return recalls
        on_table = frozenset(item.known_at for item in context.evidence)
        query = Query(told, context.brief.symbol, aspects, left, MAX_RECALLED, NO_BELIEFS, on_table)
        found = self.memory.recall(query)
        if self.analogies is not None and len(found) < ANALOGIES:
            elsewhere = replace(query, symbol=None, sources=LESSONS, limit=ANALOGIES + len(found))
            known = {recall.record.id for recall in found}
            found += tuple(recall for recall in self.analogies.recall(elsewhere) if recall.record.id not in known)
        return _within((*recalls, *found[:MAX_RECALLED]), budget)


def situation_queries(context: AgentContext) -> tuple[str, ...]:
    """Return today's situation in words, once for each horizon that there is evidence of."""
    told = (" ".join(e.text for e in context.evidence if e.kind in kinds) for kinds in HORIZONS)
    return tuple(f"{context.brief.symbol} {words}" for words in told if words)


def _within(recalls: Iterable[RecalledRecord], budget: int) -> tuple[RecalledRecord, ...]:
    """Return the first that fit into `budget` tokens together, leaving out whatever is too long for what is left."""
    kept = list[RecalledRecord]()
    for recall in recalls:
        if _tokens([*kept, recall]) <= budget:
            kept.append(recall)
    return tuple(kept)


def _tokens(recalls: Sequence[RecalledRecord]) -> int:
    """Return what recalls take of a prompt, their labels included."""
    return len(format_memories(recalls)) // CHARACTERS_A_TOKEN if recalls else 0
