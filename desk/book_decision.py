"""One decision of a desk over a whole book: one run of the graph, and a decision on every symbol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal

from ..agents.book import scoped
from ..agents.context import MEMORY_ID_PREFIX
from ..agents.decisions.book_proposals import book_proposal_of, book_thesis_of
from ..agents.decisions.proposals import proposal_of
from ..agents.recall import RecallFunction, no_memories
from ..domain.abstention import Abstention, AbstentionCause, cause_for_error
from ..domain.account import Account
from ..domain.brief import Brief
from ..domain.contest_outputs import ContestRanking
from ..domain.decision import Decision, Outcome, RiskOutcome, Usage
from ..domain.errors import ConfigError, DataError, ModelError
from ..domain.ids import ClientOrderId, RunId, Symbol
from ..domain.outputs import Thesis
from ..domain.proposal import Proposal, SymbolProposal
from ..graph.build import run_graph
from ..graph.renamed_terms import stored_name
from ..graph.runtime import ProgressObserver, RunContext, ignore_progress
from ..graph.state import GraphResult
from ..graph.team import Team
from ..llm.scope import decision_scope
from ..market.view import MarketView
from ..market.view_memo import ViewMemo
from ..risk.limits import apply_limits
from ..risk.proposals.compile import compile_proposals
from ..risk.proposals.facts import EstimateFacts, ProposalFacts
from ..risk.proposals.sizing_specs import MeanVarianceSizing
from ..risk.proposals.target_weights import CompiledProposal
from .conclusion import FULL_SCALE, Conclusion, client_order_id, no_decision
from .contributions import local_ids, with_book_contributions
from .decision import DecisionRequest, Desk, decision_brief, record_decision
from .instructed import InstructedDecision, team_in_force
from .learning.memory_session import MemorySession
from .learning.training.shown import book_subject
from .proposal_facts import estimate_facts, expected_returns, overlay_facts
from .taught import taught_recall


async def decide_book(
    desk: Desk,
    requests: Sequence[DecisionRequest],
    *,
    observer: ProgressObserver = ignore_progress,
    resume: bool = False,
) -> tuple[Decision, ...]:
    """Return one decision for each request, in their order; all are about the same moment and the same account.

    The graph runs once, under the run id of the first request, whose decision counts the usage. A symbol without market
    data abstains and the desk decides on the others. Agents that work on one symbol recall the memories about it, and
    the thesis on each symbol is recorded. `resume` continues from the last checkpoint of the run. Raises
    LookAheadError and other bugs, StoreLocked and ConfigError.
    """
    start, opened, first = desk.timer(), desk, requests[0]
    desk = replace(desk, team=team_in_force(desk.learned, desk.file, desk.team, first.as_of))
    view = MarketView(desk.source, first.as_of, desk.memo or ViewMemo())
    briefs, absent = _briefs(desk, view, requests)
    memories = {request.ticker: MemorySession(desk.memory, view, desk.file) for request in requests}
    work: GraphResult | None = None
    concluded: Mapping[Symbol, Conclusion] = {}
    if briefs:
        with decision_scope(first.ticker, desk.time_limit_s, first.as_of.astimezone(UTC).isoformat()) as scope:
            for brief in briefs.values():
                await memories[brief.symbol].evaluate_outcomes(desk.team, brief)
            run_context = _run_context(desk, view, first.run_id, tuple(briefs.values()), memories, observer)
            work = await run_graph(desk.graph, run_context, thread=first.run_id, resume=resume, plan=desk.plan)
            concluded = _BookConclusion(desk, work, briefs, view, first.attempt).by_symbol()
            instructed = _instructed(desk, opened.team, briefs, view, first.attempt)
            await instructed.record(first.run_id, run_context, work, concluded)
        notes = scope.notes
    else:
        notes = ()
    decisions = []
    for request in requests:
        ended = concluded.get(request.ticker) or _without_data(absent[request.ticker])
        memory, part = memories[request.ticker], None
        if work is not None and request.ticker in concluded:
            part = _part(work, request.ticker, desk.file.decider)
            await memory.record(part.context, work.context)
        decisions.append(record_decision(desk, request, part, ended, start, memory, notes))
    return tuple(_usage_once(decisions))


def _instructed(
    desk: Desk, team: Team, briefs: Mapping[Symbol, Brief], view: MarketView, attempt: int
) -> InstructedDecision:
    """Return the record of a decision with learned instructions; `team` has the prompts of the files."""
    return InstructedDecision(
        desk.learned,
        desk.file,
        team,
        desk.plan,
        lambda made: _BookConclusion(desk, made, briefs, view, attempt).by_symbol(),
        lambda made, symbol: _thesis(made, symbol, desk.file.decider),
    )


def _run_context(
    desk: Desk,
    view: MarketView,
    run_id: RunId,
    book: tuple[Brief, ...],
    memories: Mapping[Symbol, MemorySession],
    observer: ProgressObserver,
) -> RunContext:
    """Return what the nodes share; what a training has taught is shown to roles over the book and on one symbol."""
    recall_of = {brief.symbol: memories[brief.symbol].recall(brief) for brief in book}

    def taught(symbol: Symbol, default: RecallFunction) -> Mapping[str, RecallFunction]:
        return taught_recall(desk.learned, desk.file, desk.team, symbol, view.as_of, {}, default)

    return RunContext(
        book[0],
        view,
        desk.team,
        observer,
        book=book,
        recall_of=recall_of,
        recall_by_role=taught(book_subject(recall_of), no_memories),
        recall_by_role_of={symbol: taught(symbol, recall) for symbol, recall in recall_of.items()},
        rewards=memories[book[0].symbol].rewards(book[0].symbol),
        results=desk.results,
        run_id=run_id,
    )


def _briefs(
    desk: Desk, view: MarketView, requests: Sequence[DecisionRequest]
) -> tuple[dict[Symbol, Brief], dict[Symbol, str]]:
    """Return the brief of every symbol with market data, and the reason for every other symbol."""
    briefs, absent = dict[Symbol, Brief](), dict[Symbol, str]()
    for request in requests:
        try:
            briefs[request.ticker] = decision_brief(view, request, desk.file)
        except DataError as error:
            absent[request.ticker] = str(error)
    return briefs, absent


def _without_data(reason: str) -> Conclusion:
    return Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention("market", AbstentionCause.DATA, reason))


def _part(work: GraphResult, symbol: Symbol, decider: str) -> GraphResult:
    """Return the part of the result that is about one symbol, with its thesis and the memories recalled for it."""
    part = with_book_contributions(scoped(work.context, symbol), work.context)
    whole = tuple(item for item in work.context.evidence if item.id.startswith(MEMORY_ID_PREFIX))
    part = replace(part, evidence=(*part.evidence, *whole))
    thesis = book_thesis_of(work.context, decider, symbol)
    shown = {item.id for item in part.evidence}
    recalled = tuple(each for each in work.recalled if f"{MEMORY_ID_PREFIX}{each.memory_id}" in shown)
    return replace(work, context=part if thesis is None else part.with_outputs(decider, thesis), recalled=recalled)


def _thesis(work: GraphResult, symbol: Symbol, decider: str) -> Thesis | None:
    """Return the thesis of the decision on one symbol; None without one."""
    part = _part(work, symbol, decider)
    return None if part is None else part.context.thesis


def _usage_once(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Return the decisions with the usage of the run counted in the first of them only."""
    first, *others = decisions
    nothing = Usage({}, None if first.usage.cost_usd is None else Decimal(0), 0.0)
    return [first, *(replace(each, usage=nothing) for each in others)]


@dataclass(frozen=True, slots=True)
class _BookConclusion:
    """Derives the outcome of every symbol from the result of the graph."""

    desk: Desk
    work: GraphResult
    briefs: Mapping[Symbol, Brief]
    view: MarketView
    attempt: int

    def by_symbol(self) -> Mapping[Symbol, Conclusion]:
        """Return the conclusion on every symbol; without a decision over the book, the abstention of the desk."""
        proposals = self._proposals()
        if not proposals:
            return {symbol: self._without_decision(symbol) for symbol in self.briefs}
        try:
            compiled = compile_proposals(proposals, self.desk.file.proposal_rules, self._facts(proposals))
        except (DataError, ModelError, ConfigError) as error:
            cause = AbstentionCause.INCOMPLETE if isinstance(error, ConfigError) else cause_for_error(error)
            abstention = Abstention("sizing", cause, str(error))
            return dict.fromkeys(self.briefs, Conclusion(Outcome.ABSTAIN, RiskOutcome(), abstention, proposals[0]))
        named = {proposal.symbol: proposal for proposal in proposals if isinstance(proposal, SymbolProposal)}
        return {
            symbol: self._conclude(symbol, compiled, named.get(symbol, proposals[0]))
            if not named or symbol in named
            else self._without_decision(symbol)
            for symbol in self.briefs
        }

    def _without_decision(self, symbol: Symbol) -> Conclusion:
        """Return the abstention on one symbol; abstentions of roles that worked on other symbols are not its reason."""
        return no_decision(replace(self.work, context=scoped(self.work.context, symbol)))

    def _proposals(self) -> tuple[Proposal, ...]:
        context, decider = self.work.context, self.desk.file.decider
        over_book = book_proposal_of(context, decider)
        if over_book is not None:
            return (over_book,)
        each = (proposal_of(scoped(context, symbol), decider) for symbol in self.briefs)
        return tuple(proposal for proposal in each if proposal is not None)

    @property
    def _accounts(self) -> Mapping[Symbol, Account]:
        """Return the account as it is shown for each symbol, with its fills in it if the desk reads them."""
        return {symbol: brief.account for symbol, brief in self.briefs.items()}

    def _facts(self, proposals: Sequence[Proposal]) -> ProposalFacts:
        first = next(iter(self.briefs.values()))
        quotes = {symbol: brief.quote for symbol, brief in self.briefs.items()}
        return ProposalFacts(
            first.account,
            quotes,
            self.desk.limits,
            self._name,
            overlay_facts(self.work.context, self.desk.file.proposal_rules, self._accounts, self.view),
            self._estimates(tuple(quotes), proposals),
        )

    def _estimates(self, symbols: tuple[Symbol, ...], proposals: Sequence[Proposal]) -> EstimateFacts:
        """Return the closes that the sizing needs, expected returns, and the Sharpe ratios that a contest predicts."""
        rules = self.desk.file.proposal_rules
        facts = estimate_facts(rules, self.view, symbols)
        if isinstance(rules.sizing, MeanVarianceSizing) and rules.sizing.views:
            quotes = {symbol: brief.quote for symbol, brief in self.briefs.items()}
            facts = replace(facts, expected_returns=expected_returns(proposals, rules, quotes))
        ranking = self.work.context.latest(ContestRanking)
        if ranking is None:
            return facts
        predicted = {each.symbol: abs(Decimal(repr(each.predicted))) for each in ranking.symbols}
        return replace(facts, predicted_sharpe=predicted)

    def _name(self, symbol: Symbol, leg: int) -> ClientOrderId:
        return client_order_id(self.briefs[symbol], stored_name(self.desk.file.name), leg, self.attempt)

    def _conclude(self, symbol: Symbol, compiled: CompiledProposal, proposal: Proposal) -> Conclusion:
        known = {item.id for item in scoped(self.work.context, symbol).evidence}
        orders = tuple(
            replace(order, evidence=local_ids(order.evidence, known, symbol))
            for order in compiled.orders
            if order.symbol == symbol
        )
        conviction = next((each.conviction for each in compiled.targets if each.symbol == symbol), Decimal(0))
        risk = apply_limits(orders, conviction, FULL_SCALE, self.briefs[symbol], self.desk.limits)
        names = {self._name(symbol, leg) for leg in range(len(orders) + 1)}
        clamps = tuple(clamp for clamp in compiled.clamps if clamp.client_order_id in names)
        risk = replace(risk, clamps=(*clamps, *risk.clamps))
        return Conclusion(Outcome.ORDERS if risk.allowed else Outcome.HOLD, risk, proposal=proposal)
