"""Learning from known outcomes: lessons, feedback to the memories a thesis cited, and analyst weights."""

from asyncio import gather
from collections.abc import Awaitable, Sequence
from datetime import date
from math import copysign, inf
from typing import TypeVar

from ...domain.brief import Brief
from ...domain.ids import Symbol
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
from .lessons import OUTCOME, Lessons, news_to_settle
from .memory import DeskMemory
from .recording import CONVICTION
from .returns import ReturnCalculator

T = TypeVar("T")
MAX_LESSONS = 3
"""Maximum number of theses evaluated in one decision, oldest first; the others follow in the next decision.

A desk that learns every n sessions evaluates up to n.
"""


async def evaluate_outcomes(memory: DeskMemory, team: Team, view: MarketView, brief: Brief) -> None:
    """Write lessons about outcomes known since the last decision on the symbol; repeating it changes nothing.

    Raises NoData if the symbol has no current bars, and StoreLocked while another process writes to the memory; both
    before any model call.
    """
    if not memory.learns or team.reflector is None:
        return
    memory_view, every = memory.at(view.as_of), memory.learning.every
    if _sessions_since_last_step(memory_view, view, brief.symbol, brief.session) < every:
        return
    due = _due_theses(memory, memory_view, brief.symbol)
    lessons = Lessons(memory, team.reflector, view, brief, ReturnCalculator.read(view, brief.symbol))
    if due:
        memory.keeper.write(())  # raises StoreLocked before a model is called
    about_news, about_theses = await _all(lessons.for_news(memory_view), _all(*map(lessons.for_thesis, due)))
    learned = [*about_theses, *about_news]
    await memory.keeper.prepare(learned)
    _write(memory, view, due, learned)
    if memory.updates_weights:
        records, events = updated_weights(memory, memory.at(view.as_of), brief.symbol, team.analyst_aspects)
        if records:
            memory.keeper.write(records, events)


def most_lessons(memory: DeskMemory, view: MarketView, symbol: Symbol) -> int:
    """Return how many lessons on a symbol are asked for at most before a decision now; nothing is written."""
    memory_view, session = memory.at(view.as_of), view.calendar(symbol).last_completed(view.as_of)
    if memory.learning.frozen_at_test:
        return 0
    if _sessions_since_last_step(memory_view, view, symbol, session) < memory.learning.every:
        return 0
    return len(_due_theses(memory, memory_view, symbol)) + bool(news_to_settle(memory_view, symbol, view.as_of))


def _due_theses(memory: DeskMemory, memory_view: MemoryView, symbol: Symbol) -> Sequence[Record]:
    due = sorted(memory_view.due_theses(symbol), key=lambda thesis: (thesis.event_at, thesis.id))
    return due[: max(MAX_LESSONS, memory.learning.every)]


def _sessions_since_last_step(memory_view: MemoryView, view: MarketView, symbol: Symbol, session: date) -> float:
    """Return the sessions since the last lesson on the symbol; a step of the same session does not count.

    A step that is repeated after an interruption therefore goes on.
    """
    days = view.calendar(symbol)
    lessons = memory_view.records(symbol, sources=(Source.TRADE_REFLECTION,))
    steps = {days.last_completed(each.learned_at) for each in lessons} - {session}
    return len(days.between(max(steps), session)) - 1 if steps else inf


async def _all(*calls: Awaitable[T]) -> list[T]:
    """Return all results. One that fails lets the others finish before its exception is raised."""
    results = await gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


def _write(memory: DeskMemory, view: MarketView, theses: Sequence[Record], lessons: Sequence[Record]) -> None:
    """Write the lessons that no other process has written in between, with their feedback."""
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
    """Return the ids of the records that existing lessons cover."""
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
    """Return the feedback to each memory that a thesis cited, for the share of its outcome that is new."""
    conviction, deviations = (float(lesson.fact(name) or 0) for name in (CONVICTION, OUTCOME))
    if not conviction:
        return []
    right = copysign(deviations, conviction * deviations)
    gain = fresh * feedback_gain(
        right, 1.0, 1, len(thesis.cites)
    )  # a return in deviations is one of a day of volatility 1
    return [Event(one, Change.FEEDBACK, view.as_of, thesis.id, gain, lesson.namespace) for one in thesis.cites]
