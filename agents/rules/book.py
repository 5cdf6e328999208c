"""The rule of agents that decide over a book: the thesis of the desk, or the trend of a short window of closes."""

from math import tanh

from ...domain.abstention import Abstention
from ...domain.ids import EvidenceId
from ...domain.outputs import Thesis
from ..context import AgentContext
from .decider import thesis_by_rule
from .research_manager import rate

RECENT = (EvidenceId("px.recent_10d"), EvidenceId("px.recent_7s"))
HORIZON_SESSIONS = 5


def book_thesis_by_rule(context: AgentContext) -> Thesis | Abstention:
    """Return the thesis of `thesis_by_rule`; without one, follow the return of the window that was read.

    conviction = tanh(return / (5 x daily volatility)) / 2.
    """
    thesis = thesis_by_rule(context)
    name = next((each for each in RECENT if context.value(each) is not None), None)
    volatility = float(context.brief.quote.daily_volatility or 0)
    if not isinstance(thesis, Abstention) or name is None or not volatility:
        return thesis
    move = context.value(name) or 0.0
    conviction = round(tanh(move / (HORIZON_SESSIONS * volatility)) / 2, 4)
    return Thesis(
        rating=rate(conviction),
        conviction=conviction,
        horizon_sessions=HORIZON_SESSIONS,
        summary=f"The closes moved by {move:+.1%} in the window.",
        bull_case="The move may go on.",
        bear_case="The move may turn.",
        invalidation="A window with the opposite move.",
        evidence=(name,),
    )
