"""Analyst weights as memory records: learned on one symbol from all lessons so far; a new record replaces the old."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ...agents.rules.analyst_weights import AnalystWeight, OutcomeObservation, posterior_weights
from ...agents.rules.research_manager import WEIGHT_FACT_PREFIX, prior_weights
from ...domain.ids import Symbol
from ...memory.port import MemoryView
from ...memory.record import (
    Aspect,
    Change,
    Event,
    Record,
    Source,
)
from .lessons import OUTCOME, START
from .memory import DeskMemory
from .overlap import non_overlapping_share
from .recording import SCORE

MIN_CHANGE = Decimal("0.01")
"""A weight that changed by less than this is not recorded again."""
DIGITS = Decimal("0.0001")


def updated_weights(
    memory: DeskMemory, memory_view: MemoryView, symbol: Symbol, analysts: Mapping[str, Aspect]
) -> tuple[list[Record], list[Event]]:
    """Return the records of changed analyst weights, and the events that end the records they replace.

    `analysts` maps names to the aspect of each; a record is recalled only by agents with its aspect.
    """
    lessons = _first_lessons(memory_view.records(symbol, sources=(Source.TRADE_REFLECTION,)))
    if not lessons:
        return [], []
    usual, lived = prior_weights(tuple(analysts)), _experience(lessons)
    learned, standing = posterior_weights(usual, lived), _current(memory_view.records(symbol, sources=(Source.BELIEF,)))
    records, events = list[Record](), list[Event]()
    counted = sum(each.weight for each in lived)
    for name, aspect in analysts.items():
        weight, old = _rounded(learned[name].weight), standing.get(name, [])
        if len(old) == 1 and abs(weight - (old[0].fact(f"{WEIGHT_FACT_PREFIX}{name}") or 0)) < MIN_CHANGE:
            continue
        fresh = _record(
            memory, memory_view, lessons, aspect, _WeightStatement(symbol, name, usual[name], learned[name], counted)
        )
        records.append(fresh)
        for each in old:
            events.append(Event(each.id, Change.SUPERSEDED, memory_view.as_of, fresh.id, namespace=memory.namespace))
    return records, events


@dataclass(frozen=True, slots=True)
class _WeightStatement:
    """The text of an analyst-weight record."""

    symbol: Symbol
    analyst: str
    usual: float
    learned: AnalystWeight
    outcomes: float

    def __str__(self) -> str:
        weight, usual = self.learned.weight, self.usual
        return (
            f"{self.symbol}, {self.outcomes:.1f} outcomes apart: a full score of {self.analyst} is worth a conviction "
            f"of {weight:+.2f} (+- {self.learned.deviation:.2f}); usually {usual:+.2f}."
        )


def _record(
    memory: DeskMemory, memory_view: MemoryView, lessons: Sequence[Record], aspect: Aspect, told: _WeightStatement
) -> Record:
    known_at = max(lesson.available_at for lesson in lessons)
    return Record(
        namespace=memory.namespace,
        symbol=told.symbol,
        source=Source.BELIEF,
        aspect=aspect,
        text=str(told),
        event_at=known_at,
        available_at=known_at,
        learned_at=memory_view.as_of,
        outcome_at=known_at,
        sources=tuple(lesson.id for lesson in lessons),
        facts=(
            (f"{WEIGHT_FACT_PREFIX}{told.analyst}", _rounded(told.learned.weight)),
            ("outcomes", _rounded(told.outcomes)),
        ),
    )


def new_share(lessons: Sequence[Record]) -> list[float]:
    """Return the share of each lesson's horizon that no earlier lesson covers, in the order given."""
    return non_overlapping_share(
        (datetime.fromtimestamp(int(each.fact(START) or 0), UTC), each.event_at) for each in lessons
    )


def _first_lessons(lessons: Iterable[Record]) -> list[Record]:
    """Return the lessons with an outcome, the first one learned for each thesis, oldest outcome first."""
    told = [lesson for lesson in lessons if lesson.fact(OUTCOME) is not None]
    first = {
        lesson.sources: lesson for lesson in sorted(told, key=lambda each: (each.learned_at, each.id), reverse=True)
    }
    return sorted(first.values(), key=lambda each: (each.event_at, each.learned_at, each.id))


def _current(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Return the weight records of each analyst, the last one learned at the end."""
    standing: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda each: (each.learned_at, each.id)):
        for name, _ in record.facts:
            if name.startswith(WEIGHT_FACT_PREFIX):
                standing.setdefault(name.removeprefix(WEIGHT_FACT_PREFIX), []).append(record)
    return standing


def _experience(lessons: Sequence[Record]) -> list[OutcomeObservation]:
    """Return the outcomes, each weighted by the share of its time that earlier outcomes do not cover."""
    return [_observation(lesson, fresh) for lesson, fresh in zip(lessons, new_share(lessons), strict=True)]


def _observation(lesson: Record, fresh: float) -> OutcomeObservation:
    return OutcomeObservation(
        scores={name.removeprefix(SCORE): float(value) for name, value in lesson.facts if name.startswith(SCORE)},
        outcome=float(lesson.fact(OUTCOME) or 0),
        weight=fresh,
    )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(DIGITS)
