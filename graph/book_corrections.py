"""The checks of an answer over a book against account, rules and limits, whose texts go back to the model."""

from collections.abc import Sequence
from decimal import Decimal

from ..agents.book_decider import Defects
from ..agents.context import AgentContext
from ..agents.decisions.book_proposals import book_conviction, proposal_from
from ..agents.order_policy import OrderPolicy, unsent_order_id
from ..domain.book_outputs import AllocationDecision, BookView, TargetCashDecision
from ..market.view import MarketView
from ..risk.limit_settings import Limits
from ..risk.proposals.compile import compile_proposal
from ..risk.proposals.defects import proposal_defects
from ..risk.proposals.facts import ProposalFacts
from ..risk.proposals.order_specs import ProposalRules


def defects_by(rules: ProposalRules, limits: Limits) -> Defects:
    """Return the function that finds what an answer must correct before it can become orders."""

    def find(answer: BookView, context: AgentContext, _: MarketView) -> Sequence[str]:
        if not isinstance(answer, AllocationDecision | TargetCashDecision):
            return ()
        return proposal_defects(proposal_from(answer), rules, _facts(context, limits))

    return find


def refusals_by(rules: ProposalRules, policy: OrderPolicy) -> Defects:
    """Return the function that finds what the limits of the run would cut from the amounts that an answer states.

    Weights and signals are not amounts: the limits cut their orders, and the agent is not asked again.
    """

    def find(answer: BookView, context: AgentContext, view: MarketView) -> Sequence[str]:
        if not isinstance(answer, TargetCashDecision):
            return ()
        briefs = {brief.symbol: brief for brief in context.book}
        compiled = compile_proposal(proposal_from(answer), rules, _facts(context, policy.limits))
        confidence = {symbol: Decimal(str(abs(book_conviction(answer, symbol)))) for symbol in briefs}
        return policy.refusals(compiled, confidence, briefs, view)

    return find


def _facts(context: AgentContext, limits: Limits) -> ProposalFacts:
    quotes = {brief.symbol: brief.quote for brief in context.book}
    return ProposalFacts(context.brief.account, quotes, limits, unsent_order_id)
