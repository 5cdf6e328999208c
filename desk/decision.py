"""One decision of a desk: evaluate outcomes, run the graph, apply the risk limits, record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..domain.abstention import Abstention, AbstentionCause
from ..domain.account import Account
from ..domain.brief import Brief
from ..domain.decision import (
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    Provenance,
    RiskOutcome,
    Usage,
)
from ..domain.errors import DataError, SourceUnavailable
from ..domain.execution import ExecutionPlan
from ..domain.ids import RunId, Symbol
from ..domain.proposal import DecisionKind
from ..graph.build import Graph, run_graph
from ..graph.desk_config import DeskConfig
from ..graph.interpreter import GraphPlan
from ..graph.period_results import PeriodResults
from ..graph.renamed_terms import stored_name
from ..graph.runtime import (
    ProgressObserver,
    RunContext,
    ignore_progress,
)
from ..graph.state import GraphResult
from ..graph.team import Team
from ..llm.port import CallLog
from ..llm.pricing import Price
from ..llm.scope import decision_scope
from ..llm.usage import cost_usd, usage_by_role
from ..market.source import MarketSource
from ..market.view import MarketView
from ..market.view_memo import ViewMemo
from ..risk.limit_settings import Limits
from ..tools.quote import build_quote
from .account_snapshot import position_snapshot
from .conclusion import NO_INPUTS, Conclusion, SizingInputs, conclude
from .contributions import kept_contributions, local_proposal, recorded_contributions
from .degradations import cutoff_warnings, degradations
from .execution_plan import plan_execution
from .instructed import InstructedDecision, team_in_force
from .learned_use import learned_use
from .learning.desk_learning import DeskLearning
from .learning.memory import DeskMemory
from .learning.memory_session import MemorySession
from .proposal_facts import directive_text, estimate_facts, overlay_facts
from .records.provenance import market_fingerprint, provenance
from .risk_posture import risk_posture
from .shown_charts import shown_charts
from .shown_history import shown_account
from .taught import taught_recall

RULE_MODEL = ModelInfo("rules", "rules", "rules")


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk: its team, graph, market source, model and memory.

    Attributes:
        calls: the finished model calls of the run; usage is counted from them.
        prices: list prices by model name, for the cost in USD.
        version: version of the package.
        timer: seconds on a clock that only moves forward.
        memory: None for a desk without a memory.
        memo: results kept between the decisions of a backtest; None to keep them within one decision only.
        results: keeps results of roles that do not act at every decision between decisions; None to keep none.
        plan: runs the graph without LangGraph's scheduling, for desks that are answered by rules; None for LangGraph.
        learned: what the desk has learned beside its memory; None for a desk that learns nothing there.
        time_limit_s: seconds after which the model calls of one decision end, and the remaining agents abstain; None
            for no limit.
    """

    file: DeskConfig
    team: Team
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
    time_limit_s: float | None = None
    memo: ViewMemo | None = None
    results: PeriodResults | None = None
    plan: GraphPlan | None = None
    learned: DeskLearning | None = None


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """A request for one decision on `ticker` at `as_of` for `account`.

    `attempt` is 2 or more if the same request is decided again. `unavailable` states why the data of the ticker cannot
    be had, and the decision abstains then; empty otherwise.
    """

    run_id: RunId
    ticker: Symbol
    as_of: datetime
    account: Account
    attempt: int = 1
    unavailable: str = ""


async def decide(
    desk: Desk, request: DecisionRequest, *, observer: ProgressObserver = ignore_progress, resume: bool = False
) -> Decision:
    """Return one decision. Failures of the data source or the model end in an abstention.

    `resume` continues from the last checkpoint of the same run id. Raises LookAheadError and other bugs, StoreLocked
    and ConfigError.
    """
    start, opened = desk.timer(), desk
    desk = replace(desk, team=team_in_force(desk.learned, desk.file, desk.team, request.as_of))
    view = MarketView(desk.source, request.as_of, desk.memo or ViewMemo())
    memory_session = MemorySession(desk.memory, view, desk.file)
    try:
        brief = decision_brief(view, request, desk.file)
    except DataError as error:
        ended = Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention("market", AbstentionCause.DATA, str(error)))
        return record_decision(desk, request, None, ended, start, memory_session)
    with decision_scope(request.ticker, desk.time_limit_s, _utc(request.as_of)) as scope:
        await memory_session.evaluate_outcomes(desk.team, brief)
        recall, by_role = memory_session.recall(brief), memory_session.recall_by_role(brief)
        run_context = RunContext(
            brief,
            view,
            desk.team,
            observer,
            recall,
            recall_by_role=taught_recall(
                desk.learned, desk.file, desk.team, brief.symbol, request.as_of, by_role, recall
            ),
            budgets=memory_session.budgets(brief.symbol),
            rewards=memory_session.rewards(brief.symbol),
            results=desk.results,
            run_id=request.run_id,
        )
        work = await run_graph(desk.graph, run_context, thread=request.run_id, resume=resume, plan=desk.plan)
        ended = _concluded(desk, request, view, work)
        instructed = _instructed(desk, opened.team, request, view)
        await instructed.record(request.run_id, run_context, work, {request.ticker: ended})
    await memory_session.record(work.context)
    return record_decision(desk, request, work, ended, start, memory_session, scope.notes)


def _instructed(desk: Desk, team: Team, request: DecisionRequest, view: MarketView) -> InstructedDecision:
    """Return the record of a decision with learned instructions; `team` has the prompts of the files."""
    return InstructedDecision(
        desk.learned,
        desk.file,
        team,
        desk.plan,
        lambda made: {request.ticker: _concluded(desk, request, view, made)},
        lambda made, _symbol: made.context.thesis,
    )


def _concluded(desk: Desk, request: DecisionRequest, view: MarketView, work: GraphResult) -> Conclusion:
    return conclude(
        work,
        desk=stored_name(desk.file.name),
        reviewed=desk.file.reviews_orders,
        limits=desk.limits,
        attempt=request.attempt,
        decider=desk.file.decider,
        rules=desk.file.proposal_rules,
        inputs=_sizing_inputs(desk, work, view),
    )


def _sizing_inputs(desk: Desk, work: GraphResult, view: MarketView) -> SizingInputs:
    """Return what the sizes of a proposal need; nothing for a desk that writes typed orders."""
    if desk.file.decision.kind is DecisionKind.ORDERS:
        return NO_INPUTS
    context, symbol = work.context, work.context.brief.symbol
    rules = desk.file.proposal_rules
    overlays = overlay_facts(context, rules, {symbol: context.brief.account}, view)
    return SizingInputs(overlays, estimate_facts(rules, view, (symbol,)))


def _utc(timestamp: datetime) -> str:
    return timestamp.astimezone(UTC).isoformat()


def decision_brief(view: MarketView, request: DecisionRequest, file: DeskConfig) -> Brief:
    """Return the task of a request; raises DataError without current bars or while its source is unavailable."""
    if request.unavailable:
        raise SourceUnavailable(request.unavailable)
    sessions, held = view.calendar(request.ticker), request.account.quantity(request.ticker)
    quote = build_quote(view, request.ticker)
    return Brief(
        symbol=request.ticker,
        as_of=request.as_of,
        session=quote.session,
        next_session=sessions.next_open(request.as_of),
        quote=replace(quote, whole_shares=quote.whole_shares and not request.account.fractional),
        account=shown_account(request.account, file, view, request.ticker),
        synthetic=view.source.synthetic,
        risk_posture=risk_posture(file.memory, view, request.ticker, int(held.compare(0))),
        risk_directive=directive_text(file.proposal_rules, request.account),
    )


def record_decision(
    desk: Desk,
    request: DecisionRequest,
    work: GraphResult | None,
    ended: Conclusion,
    start: float,
    memory_session: MemorySession,
    call_notes: tuple[str, ...] = (),
) -> Decision:
    """Return the record of a decision; `work` is None without market data, `start` the desk's timer at its start."""
    context = work.context if work else None
    return Decision(
        run_id=request.run_id,
        ticker=request.ticker,
        as_of=request.as_of,
        desk=desk.file.name,
        model=desk.model,
        market=MarketInfo(desk.source.name, market_fingerprint(context), desk.source.synthetic),
        outcome=ended.outcome,
        abstention=ended.abstention,
        thesis=context.thesis if context else None,
        risk=ended.risk,
        reports=context.reports if context else (),
        debate=(*context.turns, *context.remarks) if context else (),
        opinions=context.opinions if context else (),
        evidence=context.evidence if context else (),
        recalled=work.recalled if work else (),
        usage=_usage(desk, start),
        provenance=_provenance(desk, request, work, memory_session, call_notes),
        plan=context.plan if context else None,
        review=work.review if work else None,
        proposal=local_proposal(ended.proposal, context) if context else None,
        contributions=recorded_contributions(context, desk.team.agents) if context else (),
        currency=request.account.currency,
        position=position_snapshot(request.account, context.brief.quote) if context else None,
        account_state=request.account.state,
        resting_actions=ended.resting_actions,
        execution=_execution(desk, request, ended),
        kept=kept_contributions(context) if context else (),
        charts=shown_charts(desk.file, desk.calls, request.ticker),
    )


def _execution(desk: Desk, request: DecisionRequest, ended: Conclusion) -> ExecutionPlan | None:
    view = MarketView(desk.source, request.as_of)
    return plan_execution(desk.file.execution, ended.risk.allowed, view, request.ticker, request.account)


def _provenance(
    desk: Desk,
    request: DecisionRequest,
    work: GraphResult | None,
    memory_session: MemorySession,
    call_notes: tuple[str, ...],
) -> Provenance:
    context = work.context if work else None
    memory_session.check_warm_up(request.ticker)
    return provenance(
        file=desk.file,
        team=desk.team,
        limits=desk.limits,
        model=desk.model,
        account=request.account,
        seed=desk.seed,
        version=desk.version,
        degraded=degradations(context, MarketView(desk.source, request.as_of))
        + tuple(dict.fromkeys(memory_session.warnings))
        + call_notes
        + cutoff_warnings(desk.model, request.as_of),
        memory=memory_session.seen if work else "",
        learned=learned_use(desk.file, desk.learned, desk.team, work, request.as_of),
    )


def _usage(desk: Desk, start: float) -> Usage:
    calls = desk.calls.calls()
    return Usage(usage_by_role(calls), cost_usd(calls, desk.prices), round(desk.timer() - start, 4))
