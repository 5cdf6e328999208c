"""The checks of an answer over a book against account and rules, whose texts go back to the model."""

from collections.abc import Sequence

from ..agents.book_decider import Defects
from ..agents.context import AgentContext
from ..agents.decisions.book_proposals import proposal_from
from ..domain.book_outputs import AllocationDecision, BookView, TargetCashDecision
from ..domain.ids import ClientOrderId, Symbol
from ..risk.limit_settings import Limits
from ..risk.proposals.defects import proposal_defects
from ..risk.proposals.facts import ProposalFacts
from ..risk.proposals.order_specs import ProposalRules


def defects_by(rules: ProposalRules, limits: Limits) -> Defects:
    """Return the function that finds what an answer must correct before it can become orders."""

    def find(answer: BookView, context: AgentContext) -> Sequence[str]:
        if not isinstance(answer, AllocationDecision | TargetCashDecision):
            return ()
        quotes = {brief.symbol: brief.quote for brief in context.book}
        facts = ProposalFacts(context.brief.account, quotes, limits, _unnamed)
        return proposal_defects(proposal_from(answer), rules, facts)

    return find


def _unnamed(symbol: Symbol, leg: int) -> ClientOrderId:
    """Return the id of an order that is not sent."""
    return ClientOrderId(f"{symbol}-{leg}")
