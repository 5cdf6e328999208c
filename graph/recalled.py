"""Recalled memories in the state of a run: as evidence that may be cited, and with the roles that received them."""

from collections.abc import Iterable
from decimal import Decimal

from ..agents.context import memory_evidence_id, memory_source
from ..agents.formatting import format_memory
from ..domain.decision import RecalledMemory
from ..domain.evidence import Evidence, EvidenceKind
from ..memory.port import RecalledRecord
from .state import State

DIGITS = Decimal("0.0001")
NOTHING = State(evidence=(), recalled=())


def record_memories(memories: Iterable[RecalledRecord], role: str) -> State:
    """Return the change of the state that records the memories shown to `role`."""
    memories = tuple(memories)
    if not memories:
        return NOTHING
    return State(evidence=as_evidence(memories), recalled=tuple(_recalled(recall, role) for recall in memories))


def as_evidence(memories: Iterable[RecalledRecord]) -> tuple[Evidence, ...]:
    """Return memories as evidence that may be cited."""
    return tuple(
        Evidence(
            id=memory_evidence_id(recall.record),
            kind=EvidenceKind.MEMORY,
            source=memory_source(recall.record.source),
            known_at=recall.record.available_at,
            text=format_memory(recall),
        )
        for recall in memories
    )


def _recalled(recall: RecalledRecord, role: str) -> RecalledMemory:
    record = recall.record
    return RecalledMemory(
        memory_id=record.id,
        layer=str(recall.layer),
        score=_rounded(recall.score),
        parts={name: _rounded(part) for name, part in recall.parts.items()},
        text=format_memory(recall),
        source=str(record.source),
        known_at=record.available_at,
        roles=(role,),
    )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(DIGITS)
