"""The rule of agents that decide: the thesis of the desk, or a vote of the reports or of the evidence."""

from dataclasses import replace

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.outputs import Argument, Thesis
from ..context import AgentContext, Contribution
from .debate import SIGNALS_BY_ANALYST
from .research_manager import judge
from .signals import report_from


def thesis_by_rule(context: AgentContext) -> Thesis | Abstention:
    """Return the existing thesis, else the weighted vote of the reports, else that of the evidence itself."""
    if context.thesis is not None:
        return context.thesis
    return judge(context) if context.reports else thesis_from_evidence(context)


def judge_debate(context: AgentContext) -> Thesis | Abstention:
    """Return the weighted vote of the reports; without any, of the evidence that the debate cites."""
    if context.reports or not context.turns:
        return judge(context)
    thesis = thesis_from_evidence(context)
    return thesis if isinstance(thesis, Thesis) else replace(thesis, role="research_manager")


def thesis_from_evidence(context: AgentContext) -> Thesis | Abstention:
    """Return the weighted vote of the reports that the analysts' rules would write about the evidence."""
    argued = tuple(made for made in context.contributions if isinstance(made.output, Argument))
    reports = [(role, report_from(role, reader(context))) for role, reader in SIGNALS_BY_ANALYST.items()]
    filed = tuple(Contribution(role, r) for role, r in reports if not isinstance(r, Abstention))
    silent = tuple(r for _, r in reports if isinstance(r, Abstention))
    thesis = judge(replace(context, contributions=(*argued, *filed), abstentions=silent))
    if isinstance(thesis, Abstention):
        return Abstention("single_agent", AbstentionCause.DATA, thesis.reason)
    return thesis
