"""Roles that do not act at every decision: once a week or month, or after an event.

Such a role decides as of the close of the first session of the period, or as of the time at which the event became
known, at every decision until the next period begins. Every decision asks it again, unless the desk keeps results
between its decisions: then the first decision in the period asks, and later ones use its result. An abstention is not
kept.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from pydantic import BaseModel

from ..agents.agent import Agent, AgentResult, AgentTask
from ..agents.context import MEMORY_ID_PREFIX
from ..domain.abstention import Abstention
from ..domain.errors import NoData, SourceUnavailable
from ..domain.ids import EvidenceId, RunId, Symbol
from ..domain.trading_calendar import TradingCalendar
from ..market.view import MarketView
from .period_results import KeptResult, PeriodResults, PeriodTurn
from .roles import Cadence

EVENTS = frozenset({Cadence.EARNINGS, Cadence.FILING})
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
    """Return the first session of the calendar week or month that `session` belongs to; `session` for any other."""
    while _period((before := calendar.previous(session)), cadence) == _period(session, cadence):
        session = before
    return session


def _period(session: date, cadence: Cadence) -> tuple[int, ...]:
    if cadence is Cadence.MONTH:
        return session.year, session.month
    if cadence is Cadence.WEEK:
        return session.isocalendar()[:2]
    return session.year, session.month, session.day


def last_event(view: MarketView, symbols: Iterable[Symbol], cadence: Cadence) -> datetime | None:
    """Return when the last event of a cadence on any of the symbols became known; None if there is none.

    A source that fails to say is a source without events, so that the role acts at the decision.
    """
    known = list[datetime]()
    for symbol in symbols:
        with suppress(NoData, SourceUnavailable):
            known += (filing.known_at for filing in view.filings(symbol))
        if cadence is Cadence.FILING:
            with suppress(NoData, SourceUnavailable):
                known += (text.known_at for text in view.filing_texts(symbol))
    return max(known, default=None)


def _period_of(task: AgentTask, cadence: Cadence) -> tuple[MarketView, date]:
    """Return the view as of the start of the role's period, and the last session that it sees."""
    brief, view = task.context.brief, task.view
    if cadence not in EVENTS:
        calendar = view.calendar(brief.symbol)
        first = first_session(calendar, brief.session, cadence)
        return view.narrow(calendar.close(first)), first
    event = last_event(view, [each.symbol for each in task.context.book] or [brief.symbol], cadence)
    if event is None or event < view.calendar(brief.symbol).closes[0]:
        return view, brief.session
    then = view.narrow(event)
    return then, then.session(brief.symbol)


async def act_in_period(agent: Agent, task: AgentTask, cadence: Cadence, keeper: PeriodKeeper | None) -> AgentResult:
    """Return the result of a role as of the start of its period.

    A result that a decision before this one has kept is returned with the time of that decision as `made_at`. If the
    decision is later than the start, `@YYYY-MM-DD` is appended to the ids of the evidence that the role read. Without
    a kept result, the context of the task must be the same at every decision in the period, but for these marks.
    """
    brief = task.context.brief
    view, first = _period_of(task, cadence)
    marked = view.as_of < task.view.as_of
    turn = PeriodTurn(agent.role.name, keeper.subject if keeper else "", task.round, view.as_of)
    kept = keeper.results.last(turn, task.view.as_of) if keeper else None
    if keeper and kept:
        made_at = None if kept.run_id == keeper.run_id else kept.made_at
        return replace(dated(kept.result, first, marked=marked), made_at=made_at)
    then = partial(replace, as_of=view.as_of, session=first, next_session=view.calendar(brief.symbol).next(first))
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
