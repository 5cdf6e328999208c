"""Beliefs and lessons of a training as memories of the roles that read them."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ....agents.context import AgentContext
from ....agents.recall import RecallFunction
from ....domain.ids import Symbol
from ....graph.learning_section import RetryLearning
from ....graph.team import Team
from ....memory.port import RecalledRecord
from ....memory.record import Aspect, Layer, Namespace, Record, Source
from ..desk_learning import DeskLearning
from ..shown_lessons import beside
from .entries import EPISODE, RETRY, EpisodeUpdate, RetryLesson

Shown = Mapping[str, tuple[RecalledRecord, ...]]


def book_subject(symbols: Iterable[Symbol]) -> Symbol:
    """Return what a lesson about a book is on: its symbols in order, joined by commas."""
    return Symbol(",".join(sorted(symbols)))


def shown_beliefs(learning: DeskLearning, team: Team, decider: str, as_of: datetime) -> Shown:
    """Return the beliefs of each role: all of them for the role that decides, and for an analyst that about itself."""
    beliefs, known_at = _beliefs(learning, as_of)
    aspects = team.analyst_aspects
    records = {
        name: _recalled(
            learning, f"About {name}: {text}", Source.BELIEF, aspects.get(name, Aspect.TRADE), None, known_at
        )
        for name, text in beliefs.items()
    }
    own = {name: (record,) for name, record in records.items() if name in team.agents}
    return own | ({decider: tuple(records.values())} if records else {})


def _beliefs(learning: DeskLearning, as_of: datetime) -> tuple[Mapping[str, str], datetime]:
    """Return the beliefs, and since when they are known; those of a training since the decision."""
    if learning.training is not None and learning.training.beliefs is not None:
        return learning.training.beliefs, as_of
    updates = learning.read(EPISODE, EpisodeUpdate, as_of)
    return (
        ({each.source: each.text for each in updates[-1].beliefs}, updates[-1].learned_at) if updates else ({}, as_of)
    )


def shown_retries(learning: DeskLearning, spec: RetryLearning, decider: str, symbol: Symbol, as_of: datetime) -> Shown:
    """Return the newest lessons for the role that reads them, those on the symbol first.

    Reflections on earlier tries of the same decision come before all others.
    """
    known = learning.read(RETRY, RetryLesson, as_of)
    ordered = sorted(known, key=lambda each: (each.symbol == symbol, each.learned_at, each.symbol, each.session))
    chosen = list(reversed(ordered))[: spec.shown]
    own = learning.training.reflections if learning.training is not None else ()
    records = [
        *(_recalled(learning, f"On an earlier try: {text}", Source.TRADE_REFLECTION, Aspect.TRADE, symbol, as_of)
          for text in own),
        *(_recalled(learning, each.text, Source.TRADE_REFLECTION, Aspect.TRADE, each.symbol, each.learned_at)
          for each in chosen),
    ]  # fmt: skip
    return {spec.role or decider: tuple(records)} if records else {}


def _recalled(
    learning: DeskLearning, text: str, source: Source, aspect: Aspect, symbol: Symbol | None, known_at: datetime
) -> RecalledRecord:
    space = learning.space
    namespace = Namespace(space.workspace, space.account, agent=space.desk)
    outcome = known_at if source is Source.TRADE_REFLECTION else None
    record = Record(namespace, symbol, source, aspect, text, known_at, known_at, known_at, outcome_at=outcome)
    return RecalledRecord(record, Layer.REFLECTION, 1.0, {}, excerpt=text, whole=True)


def with_shown(
    shown: Shown, by_role: Mapping[str, RecallFunction], default: RecallFunction
) -> Mapping[str, RecallFunction]:
    """Return recall functions that add what is shown before the memories that each role recalls anyway."""
    return {**by_role, **{role: _before(first, by_role.get(role, default)) for role, first in shown.items()}}


def _before(first: tuple[RecalledRecord, ...], recall: RecallFunction) -> RecallFunction:
    async def recalled(context: AgentContext, aspects: frozenset[Aspect], share: float) -> tuple[RecalledRecord, ...]:
        return beside(first, await recall(context, aspects, share))

    return recalled
