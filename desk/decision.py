"""One trading session of the desk: observe, deliberate, size. The path that every decision takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..agents.case import Case
from ..domain.abstention import Abstention, Cause
from ..domain.account import Account
from ..domain.brief import Brief
from ..domain.decision import Decision, MarketUse, ModelUse, Outcome, RiskOutcome, Usage
from ..domain.errors import DataError
from ..domain.ids import RunId, Symbol
from ..graph.bench import Bench, Members, Watch, unwatched
from ..graph.build import Graph, deliberate
from ..graph.desk_file import Character, DeskFile
from ..graph.state import Deliberation
from ..llm.port import CallLog
from ..llm.usage import Price, cost_usd, usage_by_role
from ..risk.settings import Limits
from ..tools.facts import quote
from ..tools.source import MarketSource
from ..tools.view import MarketView
from .conclude import Conclusion, conclude
from .memory import DeskMemory
from .mood import mood
from .past import Past
from .provenance import fingerprint, provenance

RULES = ModelUse("rules", "rules", "rules")
ROUTINE = frozenset({"actions", "filings", "profile"})
"""Tools that often find nothing, and nothing is amiss."""


@dataclass(frozen=True, slots=True)
class Floor:
    """A desk that is open for business.

    Attributes:
        calls: the finished model calls of the run; usage is counted from them.
        prices: list prices by model name, for the cost in USD.
        version: version of the package.
        timer: seconds on a clock that only moves forward.
        memory: what the desk remembers, and where it notes things down; None for a desk without one.
    """

    file: DeskFile
    members: Members
    graph: Graph
    source: MarketSource
    limits: Limits
    model: ModelUse
    calls: CallLog
    prices: Mapping[str, Price]
    seed: int
    version: str
    timer: Callable[[], float]
    memory: DeskMemory | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What the desk is asked: what to do with `ticker` at `as_of`, for `account`.

    `attempt` is 2 or more where the operator has the same question decided again.
    """

    run_id: RunId
    ticker: Symbol
    as_of: datetime
    account: Account
    attempt: int = 1


async def decide(floor: Floor, question: Question, *, watch: Watch = unwatched, resume: bool = False) -> Decision:
    """Take one decision. It never raises for what the market or a model did: that ends in an abstention.

    `resume` goes on from the last checkpoint of the same run id.
    """
    start = floor.timer()
    view = MarketView(floor.source, question.as_of)
    past = Past(floor.memory, view)
    try:
        brief = _brief(view, question, floor.file.memory.character)
    except DataError as error:
        ended = Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention("market", Cause.DATA, str(error)))
        return _record(floor, question, None, ended, start, past)
    await past.settle(floor.members, brief)
    bench = Bench(brief, view, floor.members, watch, past.remind(brief))
    work = await deliberate(floor.graph, bench, thread=question.run_id, resume=resume)
    past.note(work.case)
    reviewed = floor.members.chair is not None
    ended = conclude(work, desk=floor.file.name, reviewed=reviewed, limits=floor.limits, attempt=question.attempt)
    return _record(floor, question, work, ended, start, past)


def _brief(view: MarketView, question: Question, character: Character) -> Brief:
    sessions, held = view.calendar(question.ticker), question.account.quantity(question.ticker)
    facts = quote(view, question.ticker)
    return Brief(
        symbol=question.ticker,
        as_of=question.as_of,
        session=facts.session,
        next_session=sessions.next_open(question.as_of),
        quote=replace(facts, whole_shares=facts.whole_shares and not question.account.fractional),
        account=question.account,
        synthetic=view.source.synthetic,
        mood=mood(character, view, question.ticker, int(held.compare(0))),
    )


def _record(
    floor: Floor,
    question: Question,
    work: Deliberation | None,
    ended: Conclusion,
    start: float,
    past: Past,
) -> Decision:
    case = work.case if work else None
    return Decision(
        run_id=question.run_id,
        ticker=question.ticker,
        as_of=question.as_of,
        desk=floor.file.name,
        model=floor.model,
        market=MarketUse(floor.source.name, fingerprint(case), floor.source.synthetic),
        outcome=ended.outcome,
        abstention=ended.abstention,
        thesis=case.thesis if case else None,
        risk=ended.risk,
        reports=case.reports if case else (),
        debate=case.turns if case else (),
        opinions=case.opinions if case else (),
        evidence=case.evidence if case else (),
        recalled=work.recalled if work else (),
        usage=_usage(floor, start),
        provenance=provenance(
            file=floor.file,
            members=floor.members,
            limits=floor.limits,
            model=floor.model,
            account=question.account,
            seed=floor.seed,
            version=floor.version,
            degraded=degraded(case, MarketView(floor.source, question.as_of)) + tuple(dict.fromkeys(past.troubles)),
            memory=past.seen if work else "",
        ),
        plan=case.plan if case else None,
        review=work.review if work else None,
    )


def _usage(floor: Floor, start: float) -> Usage:
    calls = floor.calls.calls()
    return Usage(usage_by_role(calls), cost_usd(calls, floor.prices), round(floor.timer() - start, 4))


def degraded(case: Case | None, view: MarketView) -> tuple[str, ...]:
    """Say in words what the desk had to do without: evidence not there or not up to date, members without a view."""
    if case is None:
        return ("no market data, so nobody was asked",)
    missing = tuple(f"no {m.what}: {m.reason}" for m in case.missing if m.failed or m.what not in ROUTINE)
    known = {m.reason for m in case.missing}
    silent = tuple(_silent(absence, known) for absence in case.absences)
    return tuple(dict.fromkeys(missing + view.caveats(case.brief.symbol) + silent))


def _silent(absence: Abstention, known: set[str]) -> str:
    """Say who abstained, and why unless the missing evidence says so already."""
    said = set(absence.reason.split("; ")) <= known
    return f"{absence.role} abstained ({absence.cause})" + ("" if said else f": {absence.reason}")
