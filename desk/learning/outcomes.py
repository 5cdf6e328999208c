"""What the desk learns when an outcome is known: lessons, feedback to what a thesis rested on, and beliefs."""

from asyncio import gather
from collections.abc import Sequence
from math import copysign

from ...domain.brief import Brief
from ...graph.team import Team
from ...market.view import MarketView
from ...memory.decay.feedback import feedback_gain
from ...memory.port import MemoryView
from ...memory.record import (
    Change,
    Event,
    Record,
    Source,
)
from .analyst_weights import new_share, updated_weights
from .lessons import OUTCOME, Lessons
from .memory import DeskMemory
from .recording import CONVICTION
from .returns import ReturnCalculator

MAX_LESSONS = 3
"""Theses looked back on in one decision, the oldest first; after a long pause the others wait for the next one."""


async def evaluate_outcomes(memory: DeskMemory, team: Team, view: MarketView, brief: Brief) -> None:
    """Write down what has become known about the symbol since the last decision; doing it again changes nothing.

    Raises NoData when the symbol has no current bars, ConfigError while another process keeps the memory to itself:
    before a model is asked, where one is.
    """
    if not memory.writes or team.reflector is None:
        return
    memory_view = memory.at(view.as_of)
    due = sorted(memory_view.due_theses(brief.symbol), key=lambda thesis: (thesis.event_at, thesis.id))[:MAX_LESSONS]
    lessons = Lessons(memory, team.reflector, view, brief, ReturnCalculator.read(view, brief.symbol))
    if due:
        memory.keeper.write(())  # takes, and gives back, the right to write
    answered, learned = await gather(lessons.for_news(memory_view), gather(*map(lessons.for_thesis, due)))
    _write(memory, view, due, [*learned, *answered])
    if memory.updates_weights:
        records, events = updated_weights(memory, memory.at(view.as_of), brief.symbol, team.analyst_aspects)
        if records:
            memory.keeper.write(records, events)


def _write(memory: DeskMemory, view: MarketView, theses: Sequence[Record], lessons: Sequence[Record]) -> None:
    """Write the lessons that no other process has written meanwhile, with their feedback."""
    now = memory.at(view.as_of)
    told = _already_covered(now, lessons)
    fresh = [lesson for lesson in lessons if not set(lesson.sources) <= told]
    by_id = {thesis.id: thesis for thesis in theses}
    before = _outcomes(now, lessons)
    events = [
        event
        for lesson in fresh
        for source in lesson.sources
        if source in by_id and lesson.fact(OUTCOME) is not None
        for event in _feedback(by_id[source], lesson, view, new_share([*before, lesson])[-1])
    ]
    if fresh:
        memory.keeper.write(fresh, events)


def _already_covered(memory_view: MemoryView, lessons: Sequence[Record]) -> set[str]:
    """Return what lessons that are known already tell of."""
    symbols = {lesson.symbol for lesson in lessons}
    kinds = (Source.TRADE_REFLECTION, Source.PRICE_REFLECTION)
    return {
        link for symbol in symbols for record in memory_view.records(symbol, sources=kinds) for link in record.sources
    }


def _outcomes(memory_view: MemoryView, lessons: Sequence[Record]) -> list[Record]:
    symbols = {lesson.symbol for lesson in lessons}
    known = [r for symbol in symbols for r in memory_view.records(symbol, sources=(Source.TRADE_REFLECTION,))]
    return sorted(known, key=lambda record: (record.event_at, record.learned_at, record.id))


def _feedback(thesis: Record, lesson: Record, view: MarketView, fresh: float) -> list[Event]:
    """Return what each memory that a thesis rested on gains, or loses, by the part of its outcome that is new."""
    conviction, deviations = (float(lesson.fact(name) or 0) for name in (CONVICTION, OUTCOME))
    if not conviction:
        return []
    right = copysign(deviations, conviction * deviations)
    gain = fresh * feedback_gain(
        right, 1.0, 1, len(thesis.cites)
    )  # a return in deviations is one of a day of volatility 1
    return [Event(one, Change.FEEDBACK, view.as_of, thesis.id, gain, lesson.namespace) for one in thesis.cites]
