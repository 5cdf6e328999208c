"""Derive the outcome of a decision from the result of the graph: orders, a deliberate hold, or an abstention."""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import count

from ..agents.decisions.proposals import proposal_of
from ..domain.abstention import Abstention, AbstentionCause, cause_for_error, joint_cause
from ..domain.brief import Brief
from ..domain.decision import Outcome, RiskOutcome
from ..domain.errors import DataError, ModelError
from ..domain.ids import ClientOrderId, Symbol
from ..domain.orders import RestingOrderAction
from ..domain.proposal import Proposal
from ..domain.resting_orders import account_after_actions, stated_actions, without_canceled_exits
from ..graph.state import GraphResult
from ..risk.limit_settings import Limits
from ..risk.limits import apply_limits
from ..risk.order_conversion import to_orders
from ..risk.proposals.compile import compile_proposal
from ..risk.proposals.facts import EstimateFacts, OverlayFacts, ProposalFacts
from ..risk.proposals.order_specs import ProposalRules

FULL_SCALE = Decimal(1)
"""The approved share of a plan for a desk without a risk committee."""
ORDERS_AS_DECIDED = ProposalRules()


@dataclass(frozen=True, slots=True)
class SizingInputs:
    """What the sizes of a proposal need beside quote and account."""

    overlays: OverlayFacts = OverlayFacts()  # noqa: RUF009 -- frozen
    estimates: EstimateFacts = EstimateFacts()  # noqa: RUF009 -- frozen


NO_INPUTS = SizingInputs()


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The outcome of a decision, the result of the limits, and the actions on resting orders.

    `proposal` is the decision of a desk that decides in another form than orders.
    """

    outcome: Outcome
    risk: RiskOutcome
    abstention: Abstention | None = None
    proposal: Proposal | None = None
    resting_actions: tuple[RestingOrderAction, ...] = ()


def conclude(
    work: GraphResult,
    *,
    desk: str,
    reviewed: bool,
    limits: Limits,
    attempt: int = 1,
    decider: str = "",
    rules: ProposalRules = ORDERS_AS_DECIDED,
    inputs: SizingInputs = NO_INPUTS,
) -> Conclusion:
    """Return the outcome of the graph's result.

    The desk abstains without a thesis, without a plan or proposal, or if a plan with orders lacks the review of the
    committee that the desk has (`reviewed`). A plan without orders, or whose orders are all reduced to nothing, is a
    hold. The limits count resting orders that the plan keeps, and not those that it cancels or replaces. A vetoed plan
    cancels no exit. `rules` and `inputs` turn a proposal of `decider` in another form than orders into orders.
    """
    thesis, plan = work.context.thesis, work.context.plan
    if (proposal := proposal_of(work.context, decider)) is not None:
        facts = _facts(work.context.brief, limits, desk, attempt, inputs)
        return _from_proposal(proposal, work.context.brief, rules, facts)
    if thesis is None or plan is None:
        return no_decision(work)
    brief = work.context.brief
    actions = stated_actions(plan, brief.account, brief.symbol)
    if not plan.orders:
        return Conclusion(Outcome.HOLD, RiskOutcome(), resting_actions=actions)
    if reviewed and work.review is None:
        return no_decision(work)
    scale = work.review.allowed if work.review else FULL_SCALE
    if not scale:
        actions = without_canceled_exits(actions, brief.account, brief.symbol)
    orders = to_orders(plan, brief, lambda leg: client_order_id(brief, desk, leg, attempt))
    counted = replace(brief, account=account_after_actions(brief.account, actions))
    risk = apply_limits(orders, Decimal(str(thesis.conviction)), scale, counted, limits)
    return Conclusion(Outcome.ORDERS if risk.allowed else Outcome.HOLD, risk, resting_actions=actions)


def _facts(brief: Brief, limits: Limits, desk: str, attempt: int, inputs: SizingInputs) -> ProposalFacts:
    def name(_: Symbol, leg: int) -> ClientOrderId:
        return client_order_id(brief, desk, leg, attempt)

    quotes = {brief.symbol: brief.quote}
    return ProposalFacts(brief.account, quotes, limits, name, inputs.overlays, inputs.estimates, brief)


def _from_proposal(proposal: Proposal, brief: Brief, rules: ProposalRules, facts: ProposalFacts) -> Conclusion:
    """Return the outcome of a proposal: its orders within the limits, a hold, or an abstention if it has no size."""
    try:
        compiled = compile_proposal(proposal, rules, facts)
    except (DataError, ModelError) as error:
        abstention = Abstention("sizing", cause_for_error(error), str(error))
        return Conclusion(Outcome.ABSTAIN, RiskOutcome(), abstention, proposal)
    conviction = next((target.conviction for target in compiled.targets), Decimal(0))
    risk = apply_limits(compiled.orders, conviction, FULL_SCALE, brief, facts.limits)
    risk = replace(risk, clamps=(*compiled.clamps, *risk.clamps))
    return Conclusion(Outcome.ORDERS if risk.allowed else Outcome.HOLD, risk, proposal=proposal)


def client_order_id(brief: Brief, desk: str, leg: int, attempt: int = 1) -> ClientOrderId:
    """Return the id of an order; it is a function of account, session, symbol, desk, leg and attempt.

    The first attempt's id has no suffix, attempt N has `-tryN`. An id that the broker has rejected is skipped.
    """
    whole = f"{brief.account.name}|{brief.session}|{brief.symbol}|{desk}|{leg}"
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    name = f"{brief.session:%Y%m%d}-{brief.symbol}-{digest}-{leg}"
    tries = (ClientOrderId(name if number == 1 else f"{name}-try{number}") for number in count(attempt))
    return next(each for each in tries if each not in brief.account.rejected_ids)


def no_decision(work: GraphResult) -> Conclusion:
    """Return the abstention that ended the decision: the last one, or those of all analysts combined."""
    abstentions = work.context.abstentions
    if work.context.reports and abstentions:
        return Conclusion(Outcome.ABSTAIN, RiskOutcome(), abstentions[-1])
    if not abstentions:
        return Conclusion(
            Outcome.ABSTAIN, RiskOutcome(), Abstention("desk", AbstentionCause.INCOMPLETE, "no analyst had a view")
        )
    said = "; ".join(dict.fromkeys(abstention.reason for abstention in abstentions))
    who = abstentions[0].role if len(abstentions) == 1 else "desk"
    return Conclusion(Outcome.ABSTAIN, RiskOutcome(), Abstention(who, joint_cause(abstentions), said))
