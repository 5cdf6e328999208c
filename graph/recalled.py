"""Recalled memories in the state of a run: as evidence that may be cited, and with the roles that received them."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ..agents.context import AgentContext, memory_evidence_id, memory_source
from ..agents.formatting import format_memory
from ..agents.recall import ALL_ASPECTS
from ..domain.decision import RecalledMemory
from ..domain.evidence import Evidence, EvidenceKind
from ..memory.port import RecalledRecord
from ..memory.record import Aspect
from .runtime import RunContext
from .state import State, context_from_state

DIGITS = Decimal("0.0001")


def with_memories(
    state: State, run_context: RunContext, role: str, share: float, aspects: frozenset[Aspect] = ALL_ASPECTS
) -> tuple[AgentContext, State]:
    """Return the context of `role` with its recalled memories, and the change of the state that records them.

    The memories are about `aspects`. `share` is the role's share (0 to 1) of the desk's token budget for memories.
    """
    context = context_from_state(state, run_context.brief)
    context = replace(context, memories=run_context.recall(context, aspects, share))
    return context, record_memories(context.memories, role)


def record_memories(memories: Iterable[RecalledRecord], role: str) -> State:
    """Return the change of the state that records the memories shown to `role`."""
    memories = tuple(memories)
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
