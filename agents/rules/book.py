"""The rule of agents that decide over a book: the thesis of the desk, or the trend of a short window of closes."""

from math import tanh

from ...domain.abstention import Abstention
from ...domain.ids import EvidenceId
from ...domain.outputs import Thesis
from ..context import AgentContext
from .decider import thesis_by_rule
from .research_manager import rate

RECENT = (EvidenceId("px.recent_10d"), EvidenceId("px.recent_7s"))
ALPHA = EvidenceId("alpha.position")
HORIZON_SESSIONS = 5


def view_by_rule(context: AgentContext) -> Thesis | Abstention:
    """Return the weighted signal of formulas, else `thesis_by_rule`, else follow the window of closes.

    conviction = tanh(return / (5 x daily volatility)) / 2.
    """
    position = context.value(ALPHA)
    if position is not None and not context.reports and context.thesis is None:
        return _thesis(round(position, 4), f"The weighted signal of the formulas is {position:+.2f}.", ALPHA)
    thesis = thesis_by_rule(context)
    name = next((each for each in RECENT if context.value(each) is not None), None)
    volatility = float(context.brief.quote.daily_volatility or 0)
    if not isinstance(thesis, Abstention) or name is None or not volatility:
        return thesis
    move = context.value(name) or 0.0
    conviction = round(tanh(move / (HORIZON_SESSIONS * volatility)) / 2, 4)
    return _thesis(conviction, f"The closes moved by {move:+.1%} in the window.", name)


def _thesis(conviction: float, summary: str, name: EvidenceId) -> Thesis:
    return Thesis(
        rating=rate(conviction),
        conviction=conviction,
        horizon_sessions=HORIZON_SESSIONS,
        summary=summary,
        bull_case="The move may go on.",
        bear_case="The move may turn.",
        invalidation="An opposite move.",
        evidence=(name,),
    )
