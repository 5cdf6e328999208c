"""What comes to a member's mind: the desk's standing beliefs, and what today's situation resembles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..domain.evidence import EvidenceKind
from ..memory.port import MemoryView, Query, Recall
from ..memory.record import Aspect, Layer, MemoryId, Source
from .case import Case

EVERYTHING = frozenset(Aspect)
CHARACTERS_A_TOKEN = 4
MOST = 6
ANALOGIES = 3
"""Lessons of other tickers, for those who have few of this one."""

ASPECT_OF_TOOL: Mapping[str, Aspect] = {
    **dict.fromkeys(("bars", "indicators", "actions"), Aspect.PRICE),
    **dict.fromkeys(("news", "sentiment"), Aspect.NEWS),
    **dict.fromkeys(("macro", "calendar"), Aspect.MACRO),
}
"""Every other tool is about the company itself."""

FROM_OUTSIDE = frozenset({Source.NEWS, Source.QUARTERLY, Source.ANNUAL})

HORIZONS: tuple[frozenset[EvidenceKind], ...] = (
    frozenset({EvidenceKind.PRICE, EvidenceKind.INDICATOR, EvidenceKind.NEWS, EvidenceKind.SENTIMENT}),
    frozenset({EvidenceKind.STATEMENT, EvidenceKind.RATIO, EvidenceKind.CORPORATE_ACTION}),
    frozenset({EvidenceKind.MACRO, EvidenceKind.CALENDAR}),
)
"""What changes by the day, by the quarter, and with the economy: today's situation is told for each."""


WHOLE, HALF, QUARTER = 1.0, 0.5, 0.25
"""Shares of the budget: for who finds out or decides, for who argues, for who only checks."""
Remind = Callable[[Case, frozenset[Aspect], float], tuple[Recall, ...]]
"""Returns what comes to mind of some aspects when a member looks at a case, within a share of the budget."""


def nothing_to_mind(_: Case, __: frozenset[Aspect], ___: float) -> tuple[Recall, ...]:
    """Remember nothing."""
    return ()


def aspects_of(tools: Iterable[str]) -> frozenset[Aspect]:
    """Return the aspects that the evidence of `tools` is about."""
    return frozenset(map(aspect_of, tools))


def aspect_of(tool: str) -> Aspect:
    """Return the aspect that the evidence of `tool` is about."""
    return ASPECT_OF_TOOL.get(tool, Aspect.FUNDAMENTALS)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Asks one point-in-time memory, within a budget of `tokens` (characters / 4) for each member.

    Beliefs of the member's aspects always come to mind; the rest is what the situation resembles. With `analogies`,
    what was learned about other tickers fills up what little there is of this one.
    """

    memory: MemoryView
    tokens: int
    analogies: bool = False

    def __call__(self, case: Case, aspects: frozenset[Aspect], share: float) -> tuple[Recall, ...]:
        """Return the standing beliefs, oldest first, then what the situation brings to mind, best first."""
        symbol = case.brief.symbol
        beliefs = tuple(
            Recall(record, Layer.REFLECTION, 1.0, {})
            for record in self.memory.records(symbol, sources=(Source.BELIEF,))
            if record.aspect in aspects
        )
        left = int(self.tokens * share) - _tokens(beliefs)
        told = situation(case)
        if not told or left <= 0:
            return beliefs
        known = {belief.record.id for belief in beliefs}
        found = self._asked(Query(told, symbol, aspects, left, MOST + len(known)), known, case)
        if self.analogies and len(found) < ANALOGIES and (left := left - _tokens(found)) > 0:
            known |= {recall.record.id for recall in found}
            elsewhere = Query(told, None, frozenset({Aspect.TRADE}), left, ANALOGIES + len(known))
            found += self._asked(elsewhere, known, case)[:ANALOGIES]
        return beliefs + found[:MOST]

    def _asked(self, query: Query, known: set[MemoryId], case: Case) -> tuple[Recall, ...]:
        """Return what is found, less what is known and what lies before the member as today's evidence anyway."""
        today = {item.known_at for item in case.evidence}
        return tuple(
            recall
            for recall in self.memory.recall(query)
            if recall.record.id not in known
            and not (recall.record.source in FROM_OUTSIDE and recall.record.available_at in today)
        )


def situation(case: Case) -> tuple[str, ...]:
    """Return today's situation in words, once for each horizon that there is evidence of."""
    told = (" ".join(e.text for e in case.evidence if e.kind in kinds) for kinds in HORIZONS)
    return tuple(f"{case.brief.symbol} {words}" for words in told if words)


def _tokens(recalls: Iterable[Recall]) -> int:
    return sum(len(recall.excerpt or recall.record.text) for recall in recalls) // CHARACTERS_A_TOKEN
