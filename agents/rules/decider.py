"""The rule of agents that decide: the thesis of the desk, or a vote of the facts, the reports or the evidence."""

from dataclasses import replace

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.deliberation_outputs import FactSide, FactTable
from ...domain.outputs import Argument, Thesis
from ..context import AgentContext, Contribution
from .debate import SIGNALS_BY_ANALYST
from .research_manager import HORIZON_SESSIONS, judge, rate
from .signals import report_from


def thesis_by_rule(context: AgentContext) -> Thesis | Abstention:
    """Return the existing thesis, else the vote of the facts, of the reports, or of the evidence itself."""
    if context.thesis is not None:
        return context.thesis
    if (table := context.latest(FactTable)) is not None:
        return thesis_from_facts(table)
    return judge(context) if context.reports else thesis_from_evidence(context)


def judge_debate(context: AgentContext) -> Thesis | Abstention:
    """Return the weighted vote of the reports; without any, of the evidence that the debate cites."""
    if context.reports or not context.turns:
        return judge(context)
    thesis = thesis_from_evidence(context)
    return thesis if isinstance(thesis, Thesis) else replace(thesis, role="research_manager")


NEUTRAL_STRENGTH = 3
"""Strength of a neutral fact that every table includes, so that few weak facts give a weak view."""


def thesis_from_facts(table: FactTable) -> Thesis | Abstention:
    """Return the difference of the strengths of both sides over their sum and a neutral fact; abstain without facts."""
    if not table.facts:
        return Abstention("decider", AbstentionCause.DATA, "there are no facts to decide on")
    total = sum(fact.strength for fact in table.facts)
    net = sum(fact.side.sign * fact.strength for fact in table.facts)
    conviction = round(net / (total + NEUTRAL_STRENGTH), 4)
    sides = {side: "; ".join(fact.text for fact in table.of(side)) for side in FactSide}
    return Thesis(
        rating=rate(conviction),
        conviction=conviction,
        horizon_sessions=HORIZON_SESSIONS,
        summary=f"{len(table.of(FactSide.FAVOURABLE))} favourable and {len(table.of(FactSide.ADVERSE))} adverse facts.",
        bull_case=sides[FactSide.FAVOURABLE] or "No fact is favourable.",
        bear_case=sides[FactSide.ADVERSE] or "No fact is adverse.",
        invalidation="A new fact that outweighs the table.",
        evidence=table.evidence,
    )


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
