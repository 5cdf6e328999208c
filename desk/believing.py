"""Beliefs: how far each analyst can be trusted on a ticker, from all lessons so far; a new one replaces the old."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from ..agents.rules.beliefs import Experience, Trust, trust
from ..agents.rules.thesis import TRUST, usual_weights
from ..domain.ids import Symbol
from ..memory.port import MemoryView
from ..memory.record import Aspect, Change, Event, Record, Source
from .memory import DeskMemory
from .noting import HORIZON, SCORE

OUTCOME = "outcome"
DAYS_A_SESSION = 7 / 5
MATTERS = Decimal("0.01")
"""A belief that moved by less than this goes on standing."""
DIGITS = Decimal("0.0001")


def beliefs(
    memory: DeskMemory, past: MemoryView, symbol: Symbol, analysts: Mapping[str, Aspect]
) -> tuple[list[Record], list[Event]]:
    """Return the beliefs on `analysts` that have changed, and the events that end those they replace.

    `analysts` maps names to the aspect that each works with: a belief goes only to who shares it.
    """
    lessons = _once(past.records(symbol, sources=(Source.TRADE_REFLECTION,)))
    if not lessons:
        return [], []
    usual, lived = usual_weights(tuple(analysts)), _experience(lessons)
    learned, standing = trust(usual, lived), _standing(past.records(symbol, sources=(Source.BELIEF,)))
    records, events = list[Record](), list[Event]()
    for name, aspect in analysts.items():
        weight, old = _rounded(learned[name].weight), standing.get(name)
        if old is not None and abs(weight - (old.fact(f"{TRUST}{name}") or 0)) < MATTERS:
            continue
        told = _Telling(symbol, name, usual[name], learned[name], len(lessons))
        fresh = _record(memory, past, lessons, aspect, told)
        records.append(fresh)
        if old is not None:
            events.append(Event(old.id, Change.SUPERSEDED, past.as_of, fresh.id, namespace=memory.namespace))
    return records, events


@dataclass(frozen=True, slots=True)
class _Telling:
    """A belief in words."""

    symbol: Symbol
    analyst: str
    usual: float
    learned: Trust
    outcomes: int

    def __str__(self) -> str:
        weight, usual = self.learned.weight, self.usual
        return (
            f"{self.symbol}, {self.outcomes} outcomes: a full score of {self.analyst} is worth a conviction of "
            f"{weight:+.2f} (+- {self.learned.deviation:.2f}); usually {usual:+.2f}."
        )


def _record(memory: DeskMemory, past: MemoryView, lessons: Sequence[Record], aspect: Aspect, told: _Telling) -> Record:
    known_at = max(lesson.available_at for lesson in lessons)
    return Record(
        namespace=memory.namespace,
        symbol=told.symbol,
        source=Source.BELIEF,
        aspect=aspect,
        text=str(told),
        event_at=known_at,
        available_at=known_at,
        learned_at=past.as_of,
        outcome_at=known_at,
        sources=tuple(lesson.id for lesson in lessons),
        facts=((f"{TRUST}{told.analyst}", _rounded(told.learned.weight)), ("outcomes", Decimal(told.outcomes))),
    )


def _once(lessons: Iterable[Record]) -> list[Record]:
    """Return one lesson for each thesis, the first that was learned, in the order of the theses."""
    return list({lesson.sources: lesson for lesson in reversed(tuple(lessons))}.values())[::-1]


def _standing(records: Iterable[Record]) -> dict[str, Record]:
    return {
        name.removeprefix(TRUST): record for record in records for name, _ in record.facts if name.startswith(TRUST)
    }


def _experience(lessons: Sequence[Record]) -> list[Experience]:
    """Return the outcomes; one whose horizon overlaps with that of the lesson before counts for what is new in it."""
    ends = [lesson.event_at for lesson in lessons]
    fresh = [None, *((later - earlier).days for earlier, later in pairwise(ends))]
    return [_lived(lesson, days) for lesson, days in zip(lessons, fresh, strict=True)]


def _lived(lesson: Record, days: int | None) -> Experience:
    horizon = float(lesson.fact(HORIZON) or 1) * DAYS_A_SESSION
    return Experience(
        scores={name.removeprefix(SCORE): float(value) for name, value in lesson.facts if name.startswith(SCORE)},
        outcome=float(lesson.fact(OUTCOME) or 0),
        weight=1.0 if days is None else min(1.0, max(0, days) / horizon),
    )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(DIGITS)
