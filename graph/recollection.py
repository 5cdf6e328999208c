"""From what came to a member's mind to what the run keeps of it: what may be cited, and what was shown to whom."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ..agents.case import Case, cited_as, memory_source
from ..agents.dossier import memory_text
from ..agents.reminder import EVERYTHING
from ..domain.decision import Recalled
from ..domain.evidence import Evidence, EvidenceKind
from ..memory.port import Recall
from ..memory.record import Aspect
from .bench import Bench
from .state import State, case_of

DIGITS = Decimal("0.0001")


def reminded(
    state: State, bench: Bench, role: str, share: float, aspects: frozenset[Aspect] = EVERYTHING
) -> tuple[Case, State]:
    """Return what lies before a member who works with `aspects`, and what the run keeps of its memories.

    `share` is that of the desk's budget for memories.
    """
    case = case_of(state, bench.brief)
    case = replace(case, memories=bench.remind(case, aspects, share))
    return case, kept(case.memories, role)


def kept(memories: Iterable[Recall], role: str) -> State:
    """Return the memories that came to the mind of `role`, as evidence and as a record of what was shown."""
    memories = tuple(memories)
    return State(evidence=as_evidence(memories), recalled=tuple(_recalled(recall, role) for recall in memories))


def as_evidence(memories: Iterable[Recall]) -> tuple[Evidence, ...]:
    """Return memories as facts that may be cited."""
    return tuple(
        Evidence(
            id=cited_as(recall.record),
            kind=EvidenceKind.MEMORY,
            source=memory_source(recall.record.source),
            known_at=recall.record.available_at,
            text=memory_text(recall),
        )
        for recall in memories
    )


def _recalled(recall: Recall, role: str) -> Recalled:
    record = recall.record
    return Recalled(
        memory_id=record.id,
        layer=str(recall.layer),
        score=_rounded(recall.score),
        parts={name: _rounded(part) for name, part in recall.parts.items()},
        text=memory_text(recall),
        source=str(record.source),
        known_at=record.available_at,
        roles=(role,),
    )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(DIGITS)
