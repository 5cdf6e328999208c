"""The rule of the single agent: the same signals, vote and orders as the debate desk, without debate and committee."""

from ...domain.abstention import Abstention
from ...domain.outputs import SingleAgentOutput
from ..context import AgentContext
from ..order_policy import OrderPolicy
from .decider import thesis_from_evidence
from .trader import plan_orders


def decide(context: AgentContext, order_policy: OrderPolicy) -> SingleAgentOutput | Abstention:
    """Weigh the signals as the research manager does, and plan the orders for the result."""
    thesis = thesis_from_evidence(context)
    if isinstance(thesis, Abstention):
        return thesis
    plan = plan_orders(context, thesis, order_policy)
    if isinstance(plan, Abstention):
        return plan
    return SingleAgentOutput(**thesis.model_dump(), orders=plan.orders, rationale=plan.rationale, resting=plan.resting)
