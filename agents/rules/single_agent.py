"""The rule of the single agent: the same signals, vote and orders as the debate desk, without debate and committee."""

from dataclasses import replace

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision import RoleReport
from ...domain.outputs import SingleAgentOutput
from ..context import AgentContext
from ..order_policy import OrderPolicy
from .debate import SIGNALS_BY_ANALYST
from .research_manager import judge
from .signals import report_from
from .trader import plan_orders


def decide(context: AgentContext, order_policy: OrderPolicy) -> SingleAgentOutput | Abstention:
    """Weigh the signals as the research manager does, and plan the orders for the result."""
    reports = [(role, report_from(role, reader(context))) for role, reader in SIGNALS_BY_ANALYST.items()]
    filed = tuple(RoleReport(role, r) for role, r in reports if not isinstance(r, Abstention))
    silent = tuple(r for _, r in reports if isinstance(r, Abstention))
    thesis = judge(replace(context, reports=filed, abstentions=silent))
    if isinstance(thesis, Abstention):
        return Abstention("single_agent", AbstentionCause.DATA, thesis.reason)
    plan = plan_orders(context, thesis, order_policy)
    if isinstance(plan, Abstention):
        return plan
    return SingleAgentOutput(**thesis.model_dump(), orders=plan.orders, rationale=plan.rationale, resting=plan.resting)
