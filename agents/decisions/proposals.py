"""From the decision that agents contributed to the proposal that arithmetic turns into orders."""

from decimal import Decimal

from ...domain.decision_outputs import (
    DirectionDecision,
    ExposureDecision,
    JudgedView,
    RatingDecision,
    RatioDecision,
    ResearchNote,
)
from ...domain.ids import Symbol
from ...domain.proposal import (
    DirectionProposal,
    ExposureProposal,
    NoteSection,
    Proposal,
    RatingProposal,
    RatioProposal,
    ReportProposal,
)
from ..context import AgentContext
from .forms import direction_conviction


def proposal_of(context: AgentContext, author: str) -> Proposal | None:
    """Return the proposal of the last decision of `author` that is no order plan; None without one."""
    decided = [said for name, said in context.outputs(JudgedView) if name == author]
    return _proposal(decided[-1], context.brief.symbol) if decided else None


def _proposal(said: JudgedView, symbol: Symbol) -> Proposal:
    match said:
        case RatingDecision():
            return RatingProposal(symbol, said.rating, _decimal(said.conviction), said.summary, said.evidence)
        case DirectionDecision():
            conviction = _decimal(direction_conviction(said))
            reward, stop = said.reward_to_risk, said.stop
            return DirectionProposal(symbol, said.direction, conviction, reward, stop, said.summary, said.evidence)
        case ExposureDecision():
            return ExposureProposal(symbol, _decimal(said.exposure), said.summary, said.evidence)
        case RatioDecision():
            return RatioProposal(symbol, Decimal(repr(said.ratio)), said.summary, said.evidence)
        case ResearchNote():
            return ReportProposal(tuple(NoteSection(each.title, each.text, each.evidence) for each in said.sections))
    raise TypeError(f"{type(said).__name__} is no decision")


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 6)))
