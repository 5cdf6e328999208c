"""The rules of the researchers: each side argues with its strongest signals and answers the other side's strongest."""

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.outputs import Argument
from ..context import AgentContext
from ..researcher import Side
from .fundamentals import fundamentals_signals
from .macro import macro_signals
from .news import news_signals
from .signals import Signal, citations
from .technical import technical_signals

SIGNALS_BY_ANALYST = {
    "technical": technical_signals,
    "news": news_signals,
    "fundamentals": fundamentals_signals,
    "macro": macro_signals,
}
POINTS = 3


def argue(context: AgentContext, side: Side) -> Argument | Abstention:
    """Return an argument with the strongest signals for `side`; an answer addresses the strongest signal against it."""
    found = [signal for reader in SIGNALS_BY_ANALYST.values() for signal in reader(context)]
    own, other = _ranked(found, side.sign), _ranked(found, -side.sign)
    if not own and not other:
        return Abstention(side, AbstentionCause.DATA, "no fact in the case speaks for or against")
    if not own:
        best = other[0]
        return Argument(
            claim=f"Nothing in the case speaks for the {side}; conceded: {best.text}", evidence=best.evidence
        )
    opening = " ".join(signal.text for signal in own[:POINTS])
    if not context.turns or not other:
        return Argument(claim=f"For the {side}: {opening}", evidence=citations(own[:POINTS]))
    best = other[0]
    verdict = "is outweighed by" if _total_weight(own) > _total_weight(other) else "stands, against"
    return Argument(
        claim=f"The {side.opponent}'s best point ({best.text}) {verdict} {own[0].text} "
        f"Pull {_total_weight(own):.2f} for, {_total_weight(other):.2f} against.",
        evidence=citations([best, own[0]]),
    )


def _ranked(found: list[Signal], sign: int) -> list[Signal]:
    """Return the signals with the sign `sign`, strongest first."""
    return sorted((s for s in found if s.score * sign > 0), key=lambda s: -abs(s.score * s.weight))


def _total_weight(signals: list[Signal]) -> float:
    return sum(abs(s.score) * s.weight for s in signals)
