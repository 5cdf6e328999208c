"""The rules of agents that name a style, score the news, or score the rationale of a decision."""

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.decision_outputs import JudgedView
from ...domain.remarks import NewsScore, RationaleScore, StyleChoice, TradingStyle
from ..context import AgentContext
from .news import news_signals
from .signals import citations, combine

CALM, WILD = 0.20, 0.40
"""Annual volatilities below which the style is aggressive, and above which it is conservative."""
MOST_POINTS = 10
SCORE_STEPS = 2
RISK_STEPS = (0.15, 0.25, 0.40, 0.60)
"""Annual volatilities at which the risk score rises by one."""


def style_by_volatility(context: AgentContext) -> StyleChoice | Abstention:
    """Choose the style by the volatility of 60 sessions."""
    volatility = context.value("tech.vol60")
    if volatility is None:
        return Abstention("style", AbstentionCause.DATA, "the volatility is unknown")
    style = TradingStyle.BALANCED
    if not CALM <= volatility <= WILD:
        style = TradingStyle.AGGRESSIVE if volatility < CALM else TradingStyle.CONSERVATIVE
    reason = f"The annual volatility is {volatility:.0%}."
    return StyleChoice(style=style, reason=reason, evidence=context.existing_ids(("tech.vol60",)))


def news_score(context: AgentContext) -> NewsScore | Abstention:
    """Score the tone of the news in steps of a half, and the risk by the volatility; 3 where it is unknown."""
    signals = news_signals(context)
    if not signals:
        return Abstention("scorer", AbstentionCause.DATA, "the news has no tone to score")
    tone, volatility = combine(signals), context.value("tech.vol60")
    risk = 3 if volatility is None else 1 + sum(volatility >= step for step in RISK_STEPS)
    return NewsScore(
        score=3 + round(SCORE_STEPS * tone), risk=risk, reason=f"The tone is {tone:+.2f}.", evidence=citations(signals)
    )


def rationale_score(context: AgentContext) -> RationaleScore | Abstention:
    """Score a decision by the number of kinds of evidence it cites: two points for each, at most ten."""
    view = context.latest(JudgedView)
    if view is None:
        return Abstention("reviewer", AbstentionCause.INCOMPLETE, "there is no decision to score")
    kinds = sorted({name.split(".")[0] for name in view.evidence})
    score = min(2 * len(kinds), MOST_POINTS)
    return RationaleScore(
        score=score, reason=f"Kinds of evidence: {', '.join(kinds) or 'none'}.", evidence=view.evidence
    )
