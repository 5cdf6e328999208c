"""The risk committee as a stage of the graph, after any topology that ends in an order plan."""

from ..domain.outputs import OrderPlan
from ..llm.port import Tier
from .desk_sections import RiskSpec
from .flow import Flow, Step
from .roles import RoleKind, RoleSpec
from .state import State

RISK_MANAGER = "risk_manager"


def committee_roles(risk: RiskSpec) -> tuple[RoleSpec, ...]:
    """Return the risk analysts and the chair."""
    analysts = tuple(
        RoleSpec(role=RoleKind.RISK_ANALYST, name=str(appetite), prompt="risk_analyst") for appetite in risk.committee
    )
    if risk.chair is None:
        return analysts
    return (*analysts, RoleSpec(role=RoleKind.RISK_MANAGER, name=RISK_MANAGER, model=Tier.DEEP))


def wire_committee(flow: Flow, after: Step, risk: RiskSpec) -> Step:
    """Wire the risk analysts and the risk manager; a plan without orders needs no review."""
    if not risk.committee:
        return after
    analysts = flow.in_order(risk.order, after.when(_has_orders), [str(appetite) for appetite in risk.committee])
    return flow.then(analysts, RISK_MANAGER)


def _has_orders(state: State) -> bool:
    plans = [made.output for made in state.get("contributions", ()) if isinstance(made.output, OrderPlan)]
    return bool(plans and plans[-1].orders)
