"""The newest lessons as memories of some roles, before the memories that a search finds."""

from collections.abc import Sequence

from ...domain.ids import Symbol
from ...graph.learning_section import LessonsLearning
from ...memory.port import MemoryView, RecalledRecord
from ...memory.recall.recent_lessons import RecentLesson, recent_lessons
from ...memory.record import Layer


def newest_lessons(
    spec: LessonsLearning, now: MemoryView, before: MemoryView, symbol: Symbol
) -> tuple[RecalledRecord, ...]:
    """Return the lessons that `spec` shows: on `symbol` from `now`, on others from `before`.

    `before` is the memory just before the decision, so that the order in which symbols are decided has no effect.
    """
    same = recent_lessons(now, symbol, same=spec.same, cross=0)
    cross = recent_lessons(before, symbol, same=0, cross=spec.cross)
    return _as_recalled((*same, *cross))


def _as_recalled(lessons: Sequence[RecentLesson]) -> tuple[RecalledRecord, ...]:
    return tuple(
        RecalledRecord(each.record, Layer.REFLECTION, 1.0, {}, excerpt=each.text, whole=True) for each in lessons
    )


def beside(lessons: Sequence[RecalledRecord], found: Sequence[RecalledRecord]) -> tuple[RecalledRecord, ...]:
    """Return `lessons`, and then what was found beside them."""
    shown = {each.record.id for each in lessons}
    return (*lessons, *(each for each in found if each.record.id not in shown))
