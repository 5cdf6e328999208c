"""Roles that act once a week or month: they decide as of the first session of the period, at every decision in it.

The result of such a role depends on the first session only. It is computed again by every decision, unless the desk
keeps results between its decisions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from ..agents.agent import Agent, AgentResult, AgentTask
from ..agents.context import MEMORY_ID_PREFIX
from ..domain.abstention import Abstention
from ..domain.ids import EvidenceId, Symbol
from ..domain.trading_calendar import TradingCalendar
from .roles import Cadence

CITING_KEYS = frozenset({"evidence", "source"})
"""Keys of outputs whose values are evidence ids."""


@dataclass(frozen=True, slots=True)
class PeriodResults:
    """The results of slow roles, kept between the decisions of one process. An abstention is not kept."""

    _kept: dict[tuple[str, Symbol, datetime], AgentResult] = field(default_factory=dict)

    def get(self, role: str, symbol: Symbol, as_of: datetime) -> AgentResult | None:
        """Return the result of a role as of the start of a period, if it is kept."""
        return self._kept.get((role, symbol, as_of))

    def keep(self, role: str, symbol: Symbol, as_of: datetime, result: AgentResult) -> None:
        """Keep the result of a role."""
        if not isinstance(result.outcome, Abstention):
            self._kept[role, symbol, as_of] = result


def first_session(calendar: TradingCalendar, session: date, cadence: Cadence) -> date:
    """Return the first session of the calendar week or month that `session` belongs to."""
    while _period((before := calendar.previous(session)), cadence) == _period(session, cadence):
        session = before
    return session


def _period(session: date, cadence: Cadence) -> tuple[int, ...]:
    if cadence is Cadence.MONTH:
        return session.year, session.month
    if cadence is Cadence.WEEK:
        return session.isocalendar()[:2]
    return session.year, session.month, session.day


async def act_in_period(agent: Agent, task: AgentTask, cadence: Cadence, results: PeriodResults | None) -> AgentResult:
    """Return the result of a role as of the close of the first session of its period.

    If the decision is later than that close, `@YYYY-MM-DD` is appended to the ids of the evidence that the role read.
    The context of the task must be the same at every decision in the period, but for these marks.
    """
    brief = task.context.brief
    calendar = task.view.calendar(brief.symbol)
    first = first_session(calendar, brief.session, cadence)
    view = task.view.narrow(calendar.close(first))
    kept = results.get(agent.role.name, brief.symbol, view.as_of) if results is not None else None
    if kept is None:
        then = replace(brief, as_of=view.as_of, session=first, next_session=calendar.next(first))
        kept = await agent.act(replace(task, view=view, context=replace(task.context, brief=then)))
        if results is not None:
            results.keep(agent.role.name, brief.symbol, view.as_of, kept)
    return dated(kept, first, marked=view.as_of < task.view.as_of)


def dated(result: AgentResult, session: date, *, marked: bool) -> AgentResult:
    """Return the result with `@YYYY-MM-DD` at the ids of its own evidence and of what it cites, or without.

    Ids of memories, and of evidence of other symbols or times, stay as they are.
    """
    mark = f"@{session}"

    def name(written: EvidenceId) -> EvidenceId:
        bare = written.removesuffix(mark)
        if "@" in bare or bare.startswith(MEMORY_ID_PREFIX):
            return written
        return EvidenceId(f"{bare}{mark}" if marked else bare)

    evidence = tuple(replace(item, id=name(item.id)) for item in result.evidence)
    if isinstance(result.outcome, Abstention):
        return replace(result, evidence=evidence)
    outcome = tuple(type(output).model_validate(_renamed(output, name)) for output in result.outcome)
    return replace(result, evidence=evidence, outcome=outcome)


def _renamed(value: Any, name: Callable[[EvidenceId], EvidenceId]) -> Any:
    """Return the content of an output with the ids in citing keys replaced."""
    if isinstance(value, BaseModel):
        return {
            key: _cited(getattr(value, key), name) if key in CITING_KEYS else _renamed(getattr(value, key), name)
            for key in type(value).model_fields
        }
    return [_renamed(each, name) for each in value] if isinstance(value, tuple) else value


def _cited(cited: Any, name: Callable[[EvidenceId], EvidenceId]) -> Any:
    return tuple(map(name, cited)) if isinstance(cited, tuple) else name(cited)
