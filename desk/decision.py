"""One trading session of the desk: observe, deliberate, size. The path that every decision takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..agents.case import AgentContext
from ..domain.abstention import Abstention, AbstentionCause
from ..domain.account import Account
from ..domain.brief import Brief
from ..domain.decision import Decision, MarketInfo, ModelInfo, Outcome, RiskOutcome, Usage
from ..domain.errors import DataError
from ..domain.ids import RunId, Symbol
from ..graph.bench import RunContext, Team, ProgressObserver, ignore_progress
from ..graph.build import Graph, run_graph
from ..graph.desk_file import PosturePolicy, DeskConfig
from ..graph.state import GraphResult
from ..llm.port import CallLog
from ..llm.usage import Price, cost_usd, usage_by_role
from ..risk.settings import Limits
from ..tools.facts import build_quote
from ..tools.source import MarketSource
from ..tools.view import MarketView
from .conclude import Conclusion, conclude
from .memory import DeskMemory
from .mood import risk_posture
from .past import MemorySession
from .provenance import market_fingerprint, provenance

RULE_MODEL = ModelInfo("rules", "rules", "rules")
OPTIONAL_TOOLS = frozenset({"actions", "filings", "profile"})
"""Tools that often find nothing, and nothing is amiss."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk that is open for business.

    Attributes:
        calls: the finished model calls of the run; usage is counted from them.
        prices: list prices by model name, for the cost in USD.
        version: version of the package.
        timer: seconds on a clock that only moves forward.
        memory: what the desk remembers, and where it notes things down; None for a desk without one.
    """

    file: DeskConfig
    members: Team
    graph: Graph
    source: MarketSource
    limits: Limits
    model: ModelInfo
    calls: CallLog
    prices: Mapping[str, Price]
    seed: int
    version: str
    timer: Callable[[], float]
    memory: DeskMemory | None = None


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """What the desk is asked: what to do with `ticker` at `as_of`, for `account`.

    `attempt` is 2 or more where the operator has the same question decided again.
    """

    run_id: RunId
    ticker: Symbol
    as_of: datetime
    account: Account
    attempt: int = 1


async def decide(floor: Desk, question: DecisionRequest, *, watch: ProgressObserver = ignore_progress, resume: bool = False) -> Decision:
    """Take one decision. It never raises for what the market or a model did: that ends in an abstention.

    `resume` goes on from the last checkpoint of the same run id.
    """
    start = floor.timer()
    view = MarketView(floor.source, question.as_of)
    past = MemorySession(floor.memory, view)
    try:
        brief = _brief(view, question, floor.file.memory.character)
    except DataError as error:
        ended = Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention("market", AbstentionCause.DATA, str(error)))
        return _record(floor, question, None, ended, start, past)
    await past.evaluate_outcomes(floor.members, brief)
    bench = RunContext(brief, view, floor.members, watch, past.recall(brief))
    work = await run_graph(floor.graph, bench, thread=question.run_id, resume=resume)
    past.record(work.case)
    reviewed = floor.members.risk_manager is not None
    ended = conclude(work, desk=floor.file.name, reviewed=reviewed, limits=floor.limits, attempt=question.attempt)
    return _record(floor, question, work, ended, start, past)


def _brief(view: MarketView, question: DecisionRequest, character: PosturePolicy) -> Brief:
    sessions, held = view.calendar(question.ticker), question.account.quantity(question.ticker)
    facts = build_quote(view, question.ticker)
    return Brief(
        symbol=question.ticker,
        as_of=question.as_of,
        session=facts.session,
        next_session=sessions.next_open(question.as_of),
        quote=replace(facts, whole_shares=facts.whole_shares and not question.account.fractional),
        account=question.account,
        synthetic=view.source.synthetic,
        risk_posture=risk_posture(character, view, question.ticker, int(held.compare(0))),
    )


def _record(
    floor: Desk,
    question: DecisionRequest,
    work: GraphResult | None,
    ended: Conclusion,
    start: float,
    past: MemorySession,
) -> Decision:
    case = work.case if work else None
    return Decision(
        run_id=question.run_id,
        ticker=question.ticker,
        as_of=question.as_of,
        desk=floor.file.name,
        model=floor.model,
        market=MarketInfo(floor.source.name, market_fingerprint(case), floor.source.synthetic),
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
            degraded=degradations(case, MarketView(floor.source, question.as_of)) + tuple(dict.fromkeys(past.warnings)),
            memory=past.seen if work else "",
        ),
        plan=case.plan if case else None,
        review=work.review if work else None,
    )


def _usage(floor: Desk, start: float) -> Usage:
    calls = floor.calls.calls()
    return Usage(usage_by_role(calls), cost_usd(calls, floor.prices), round(floor.timer() - start, 4))


def degradations(case: AgentContext | None, view: MarketView) -> tuple[str, ...]:
    """Say in words what the desk had to do without: evidence not there or not up to date, members without a view."""
    if case is None:
        return ("no market data, so nobody was asked",)
    missing = tuple(f"no {m.what}: {m.reason}" for m in case.missing if m.failed or m.what not in OPTIONAL_TOOLS)
    known = {m.reason for m in case.missing}
    silent = tuple(_abstention_text(absence, known) for absence in case.abstentions)
    return tuple(dict.fromkeys(missing + view.warnings(case.brief.symbol) + silent))


def _abstention_text(absence: Abstention, known: set[str]) -> str:
    """Say who abstained, and why unless the missing evidence says so already."""
    said = set(absence.reason.split("; ")) <= known
    return f"{absence.role} abstained ({absence.cause})" + ("" if said else f": {absence.reason}")
