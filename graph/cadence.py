"""Roles that act once a week or month: they decide as of the first session of the period, at every decision in it.

The market data of such a role are those of the first session. Every decision asks it again, unless the desk keeps
results between its decisions: then the first decision in the period asks, and later ones use its result. An abstention
is not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from pydantic import BaseModel

from ..agents.agent import Agent, AgentResult, AgentTask
from ..agents.context import MEMORY_ID_PREFIX
from ..domain.abstention import Abstention
from ..domain.ids import EvidenceId, RunId
from ..domain.trading_calendar import TradingCalendar
from .period_results import KeptResult, PeriodResults, PeriodTurn
from .roles import Cadence

CITING_KEYS = frozenset({"evidence", "source"})
"""Keys of outputs whose values are evidence ids."""


@dataclass(frozen=True, slots=True)
class PeriodKeeper:
    """The results that a run may use again, and the run that keeps further ones.

    Attributes:
        subject: see `PeriodTurn`.
    """

    results: PeriodResults
    run_id: RunId
    subject: str


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


async def act_in_period(agent: Agent, task: AgentTask, cadence: Cadence, keeper: PeriodKeeper | None) -> AgentResult:
    """Return the result of a role as of the close of the first session of its period.

    A result that a decision before this one has kept is returned with the time of that decision as `made_at`. If the
    decision is later than the close, `@YYYY-MM-DD` is appended to the ids of the evidence that the role read. Without
    a kept result, the context of the task must be the same at every decision in the period, but for these marks.
    """
    brief = task.context.brief
    calendar = task.view.calendar(brief.symbol)
    first = first_session(calendar, brief.session, cadence)
    view = task.view.narrow(calendar.close(first))
    marked = view.as_of < task.view.as_of
    turn = PeriodTurn(agent.role.name, keeper.subject if keeper else "", task.round, view.as_of)
    kept = keeper.results.last(turn, task.view.as_of) if keeper else None
    if keeper and kept:
        made_at = None if kept.run_id == keeper.run_id else kept.made_at
        return replace(dated(kept.result, first, marked=marked), made_at=made_at)
    then = partial(replace, as_of=view.as_of, session=first, next_session=calendar.next(first))
    context = replace(task.context, brief=then(brief), book=tuple(map(then, task.context.book)))
    result = await agent.act(replace(task, view=view, context=context))
    if keeper and not isinstance(result.outcome, Abstention):
        keeper.results.keep(turn, KeptResult(result, task.view.as_of, keeper.run_id))
    return dated(result, first, marked=marked)


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
