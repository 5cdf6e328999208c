"""Checks of sections of a desk file against each other."""

from ..domain.proposal import DecisionKind
from .committee import PORTFOLIO_MANAGER
from .desk_sections import RiskSpec
from .topologies.topology import Topology


def check_committee(risk: RiskSpec, kind: DecisionKind, deliberation: Topology) -> None:
    """Raise ValueError for a risk committee that the decision or the deliberation of the desk does not fit."""
    if bool(risk.committee) != (risk.chair is not None):
        raise ValueError("risk: a risk committee needs a chair, and a chair a committee")
    if risk.chair is None:
        return
    orders = kind is DecisionKind.ORDERS
    if risk.chair != PORTFOLIO_MANAGER:
        if not orders:
            raise ValueError(
                f"risk.chair: {risk.chair} reviews typed orders, and this desk decides on a {kind}; use the chair "
                f"{PORTFOLIO_MANAGER}, or remove the committee"
            )
        return
    if orders or kind is DecisionKind.REPORT:
        raise ValueError(
            f"risk.chair: {risk.chair} decides on a rating, direction, exposure or ratio, not on {kind}; change "
            "decision.kind, or use the chair risk_manager"
        )
    if not deliberation.proposes_trades:
        raise ValueError(
            f"risk.chair: {risk.chair} decides on the trade that a debate proposes, and a {deliberation.kind} proposes "
            "none; use deliberation {kind: debate}"
        )
