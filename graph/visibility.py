"""What a role sees of the decision, after what it is blind to was taken away."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from ..agents.context import AgentContext
from ..domain.citing_output import citations_of
from ..domain.outputs import Argument, OrderPlan, Report, RiskOpinion, StructuredOutput, Thesis
from ..domain.remarks import NewsScore, RiskArgument
from .roles import Topic

HIDDEN_OUTPUTS: Mapping[Topic, tuple[type[StructuredOutput], ...]] = {
    Topic.REPORTS: (Report,),
    Topic.DEBATE: (Argument,),
    Topic.THESIS: (Thesis, OrderPlan),
    Topic.OPINIONS: (RiskOpinion, RiskArgument),
    Topic.SCORES: (NewsScore,),
}


def visible(context: AgentContext, blind_to: Collection[Topic]) -> AgentContext:
    """Return the part of `context` that a role sees.

    A role that is blind to the evidence still sees what the visible contributions cite, so that it can cite it too.
    """
    if not blind_to:
        return context
    hidden = tuple(kind for topic in blind_to for kind in HIDDEN_OUTPUTS.get(topic, ()))
    contributions = tuple(made for made in context.contributions if not isinstance(made.output, hidden))
    context = replace(context, contributions=contributions)
    if Topic.EVIDENCE not in blind_to:
        return context
    cited = {name for made in contributions for name in citations_of(made.output)}
    return replace(context, evidence=tuple(item for item in context.evidence if item.id in cited))
