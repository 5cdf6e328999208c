"""The defects of a proposal in words, which a desk sends back to the model that wrote it."""

from ...domain.errors import ConfigError, InvalidOutput
from ...domain.outputs import OrderPlan
from ...domain.proposal import Proposal, TargetCashProposal
from ..order_checks import check_order
from .compile import compile_proposal
from .facts import ProposalFacts
from .order_specs import ProposalRules
from .target_cash import check_target_cash


def proposal_defects(proposal: Proposal, rules: ProposalRules, facts: ProposalFacts) -> tuple[str, ...]:
    """Return what the author of a proposal must correct, as sentences; empty if it can be compiled.

    Raises NoData and ConfigError as `compile_proposals` does: no correction by the author cures them.
    """
    if isinstance(proposal, TargetCashProposal):
        return check_target_cash(proposal, facts)
    if isinstance(proposal, OrderPlan):
        if facts.brief is None:
            raise ConfigError("typed orders are checked with the brief that they answer")
        return tuple(defect for order in proposal.orders for defect in check_order(order, facts.brief))
    try:
        compile_proposal(proposal, rules, facts)
    except InvalidOutput as error:
        return (str(error),)
    return ()
