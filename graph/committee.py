"""The risk committee as a stage of the graph: a review of typed orders, or a debate before a portfolio manager."""

from collections.abc import Collection
from functools import partial

from ..domain.abstention import Abstention, joint_cause
from ..domain.outputs import OrderPlan
from ..domain.remarks import RiskArgument, TradeProposal
from ..llm.port import Tier
from .desk_sections import RiskSpec
from .flow import Flow, Step
from .roles import RoleKind, RoleSpec, Topic
from .runtime import RunContext
from .state import State, contributed

RISK_MANAGER = "risk_manager"
PORTFOLIO_MANAGER = "portfolio_manager"
RISK_DEBATE = "risk_debate"
"""The computation that ends the debate about the risk of a trade."""


def committee_roles(risk: RiskSpec) -> tuple[RoleSpec, ...]:
    """Return the risk analysts and the chair."""
    appetites = [str(appetite) for appetite in risk.committee]
    if risk.chair == PORTFOLIO_MANAGER:
        return (*(_debater(appetite) for appetite in appetites), _portfolio_manager())
    analysts = tuple(RoleSpec(role=RoleKind.RISK_ANALYST, name=name, prompt="risk_analyst") for name in appetites)
    if risk.chair is None:
        return analysts
    return (*analysts, RoleSpec(role=RoleKind.RISK_MANAGER, name=RISK_MANAGER, model=Tier.DEEP))


def committee_computations(risk: RiskSpec) -> tuple[str, ...]:
    """Return the names of the committee's computations, which no role may have."""
    return (RISK_DEBATE,) if risk.chair == PORTFOLIO_MANAGER else ()


def _debater(appetite: str) -> RoleSpec:
    return RoleSpec(role=RoleKind.RISK_DEBATER, name=appetite, prompt="risk_debater", blind_to=(Topic.DEBATE,))


def _portfolio_manager() -> RoleSpec:
    return RoleSpec(
        role=RoleKind.DECIDER,
        name=PORTFOLIO_MANAGER,
        prompt=PORTFOLIO_MANAGER,
        model=Tier.DEEP,
        blind_to=(Topic.REPORTS, Topic.DEBATE, Topic.EVIDENCE),
    )


def wire_committee(flow: Flow, after: Step, risk: RiskSpec) -> Step:
    """Wire the risk analysts and the chair. A plan without orders needs no review; every trade is debated."""
    appetites = [str(appetite) for appetite in risk.committee]
    if not risk.committee:
        return after
    if risk.chair != PORTFOLIO_MANAGER:
        return flow.then(flow.in_order(risk.order, after.when(_has_orders), appetites), RISK_MANAGER)
    argued = flow.in_order(risk.order, after.when(contributed(TradeProposal)), appetites)
    ended = flow.compute(argued, RISK_DEBATE, partial(_end_debate, appetites=frozenset(appetites)))
    return flow.then(ended.when(contributed(RiskArgument)), PORTFOLIO_MANAGER)


def _end_debate(state: State, _: RunContext, *, appetites: Collection[str]) -> State:
    """Abstain if no risk analyst has argued."""
    if contributed(RiskArgument)(state):
        return State(counters={RISK_DEBATE: 1})
    silent = [each for each in state.get("abstentions", ()) if each.role in appetites]
    return State(abstentions=(Abstention(RISK_DEBATE, joint_cause(silent), "no risk analyst has argued"),))


def _has_orders(state: State) -> bool:
    plans = [made.output for made in state.get("contributions", ()) if isinstance(made.output, OrderPlan)]
    return bool(plans and plans[-1].orders)
