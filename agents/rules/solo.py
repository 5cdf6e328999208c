"""The rule of the one-agent desk: the same readings, one vote, the same orders, no debate and no committee."""

from dataclasses import replace

from ...domain.abstention import Abstention, Cause
from ...domain.answers import SoloAnswer
from ...domain.decision import RoleReport
from ..arithmetic import Arithmetic
from ..case import Case
from .debate import READERS
from .orders import plan_orders
from .signals import report_from
from .thesis import judge


def decide_alone(case: Case, arithmetic: Arithmetic) -> SoloAnswer | Abstention:
    """Vote over the readings as the research manager would, and write the orders for the result."""
    reports = [(role, report_from(role, reader(case))) for role, reader in READERS.items()]
    filed = tuple(RoleReport(role, r) for role, r in reports if not isinstance(r, Abstention))
    silent = tuple(r for _, r in reports if isinstance(r, Abstention))
    thesis = judge(replace(case, reports=filed, absences=silent))
    if isinstance(thesis, Abstention):
        return Abstention("solo", Cause.DATA, thesis.reason)
    plan = plan_orders(case, thesis, arithmetic)
    if isinstance(plan, Abstention):
        return plan
    return SoloAnswer(**thesis.model_dump(), orders=plan.orders, rationale=plan.rationale)
