"""The memory section of a report: layer counts over time, and the history of each recalled memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..domain.decision import Decision
from ..domain.errors import OpenOutcryError, is_bug
from ..graph.desk_config import load_desk
from ..memory.inspection import RecordHistory, list_status, record_history
from ..memory.record import (
    Change,
    Layer,
    MemoryId,
    Namespace,
)
from ..memory.store import FileMemoryStore
from ..memory.timestamps import from_micros
from ..reports.memory_section import LayerCounts, MemoryOutcome, MemorySection
from .factories import open_memory
from .settings import Settings

DATES = 40
SPAN = timedelta(days=365)


def load_memory_section(settings: Settings, decision: Decision, now: datetime) -> MemorySection | None:
    """Return the memory section of a report; None if nothing was recalled or the store has none of these memories.

    It is also None if the store cannot be opened, so that the report can still be written.
    """
    if not decision.recalled:
        return None
    try:
        with open_memory(settings, preset=load_desk(settings.desk).memory.preset) as memory:
            return memory_section_of(memory, decision, now)
    except OpenOutcryError as error:
        if is_bug(error):
            raise
        return None


def memory_section_of(memory: FileMemoryStore, decision: Decision, now: datetime) -> MemorySection | None:
    """Return the memory section with outcomes up to `now`; None if the store has none of the recalled memories."""
    ids = [MemoryId(recalled.memory_id) for recalled in decision.recalled]
    known = memory.journal.known(ids)
    if not known:
        return None
    spaces = {memory.journal.namespace(each.space) for each in known.values()}
    lives = {one: record_history(memory, one, max(now, decision.as_of)) for one in ids if one in known}
    return MemorySection(
        filled=tuple(_layer_counts(memory, sorted(spaces, key=str), decision)),
        worth={one: _outcome(memory, life, decision.as_of) for one, life in lives.items()},
    )


def _layer_counts(memory: FileMemoryStore, spaces: Sequence[Namespace], decision: Decision) -> list[LayerCounts]:
    first = decision.as_of - SPAN
    moments = [first + SPAN * step / (DATES - 1) for step in range(DATES)]
    counts = [LayerCounts(at, _count(memory, spaces, decision, at)) for at in moments]
    start = next((place for place, each in enumerate(counts) if any(each.by_layer.values())), 0)
    return counts[max(start - 1, 0) :]


def _count(
    memory: FileMemoryStore, spaces: Sequence[Namespace], decision: Decision, at: datetime
) -> Mapping[Layer, int]:
    views = (memory.at(at, space) for space in spaces)
    recallable = (each for view in views for each in list_status(memory, view, decision.ticker) if each.recallable)
    found = Counter({each.record.id: each.layer for each in recallable}.values())
    return {layer: found[layer] for layer in Layer}


def _outcome(memory: FileMemoryStore, life: RecordHistory, as_of: datetime) -> MemoryOutcome:
    gains = [(from_micros(event.effective_at), event.gain) for event in life.events if event.change == Change.FEEDBACK]
    return MemoryOutcome(
        curve=record_history(memory, life.record.id, as_of).curve if life.record.learned_at <= as_of else (),
        before=sum(gain for at, gain in gains if at <= as_of),
        since=sum(gain for at, gain in gains if at > as_of),
        decisions=len(life.cited_by),
    )
