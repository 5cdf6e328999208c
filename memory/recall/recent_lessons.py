"""The newest lessons on past decisions, without a query: whole for the same symbol, the reflection alone for others."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...domain.ids import Symbol
from ..port import MemoryView
from ..record import MemoryId, Record, Source

OUTCOME_FACT = "outcome"
FIGURES = (("return", "return {:+.1%}"), ("excess", "beyond the market {:+.1%}"), (OUTCOME_FACT, "{:+.1f} deviations"))
"""Facts of a lesson, and how each is shown."""


@dataclass(frozen=True, slots=True)
class RecentLesson:
    """A settled decision: the memory of its reflection, and the text to show."""

    record: Record
    text: str


def recent_lessons(view: MemoryView, symbol: Symbol, *, same: int = 5, cross: int = 3) -> tuple[RecentLesson, ...]:
    """Return the newest `same` lessons on `symbol`, then the newest `cross` lessons on other symbols, newest first.

    A lesson on `symbol` is shown with the decision and its outcome, one on another symbol by its reflection alone, as
    in TradingAgents (arXiv 2412.20138), where they are 5 and 3. Only decisions whose horizon has passed have a lesson;
    one whose outcome could not be measured is left out. Raises ValueError if a number is negative.
    """
    if min(same, cross) < 0:
        raise ValueError(f"the numbers of lessons must not be negative: {same} and {cross}")
    settled = [
        record
        for record in view.records(sources=(Source.TRADE_REFLECTION,))
        if record.symbol is not None and record.fact(OUTCOME_FACT) is not None
    ]
    newest = sorted(settled, key=lambda record: (record.event_at, record.learned_at, record.id), reverse=True)
    theses = {record.id: record for record in view.records(symbol, sources=(Source.THESIS,))}
    own = [RecentLesson(record, _whole(record, theses)) for record in newest if record.symbol == symbol]
    others = [RecentLesson(record, f"{record.symbol}: {record.text}") for record in newest if record.symbol != symbol]
    return (*own[:same], *others[:cross])


def _whole(lesson: Record, theses: Mapping[MemoryId, Record]) -> str:
    decided = " ".join(theses[source].text for source in lesson.sources if source in theses)
    known = [(wording, lesson.fact(name)) for name, wording in FIGURES]
    outcome = ", ".join(wording.format(float(value)) for wording, value in known if value is not None)
    return " ".join(filter(None, (decided, f"Outcome: {outcome}.", f"Lesson: {lesson.text}")))
