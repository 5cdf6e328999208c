"""The mood of a desk with a character: seeking or averse, or adaptive, which is averse after three losing sessions."""

from ..domain.brief import RiskPosture
from ..domain.ids import Symbol
from ..graph.desk_config import PosturePolicy
from ..market.price_history import load_price_history
from ..market.view import MarketView

SESSIONS = 3
"""Sessions over which FinMem (Yu et al. 2023) measures whether its adaptive character has lost."""
FIXED_POSTURES = {PosturePolicy.SEEKING: RiskPosture.SEEKING, PosturePolicy.AVERSE: RiskPosture.AVERSE}


def risk_posture(character: PosturePolicy, view: MarketView, symbol: Symbol, held: int) -> RiskPosture | None:
    """Return today's mood; None for a desk without a character.

    An adaptive desk is averse where the last three sessions lost what it holds money; `held` is the sign of the
    position, and what is not held counts as long. Raises NoData when the symbol has no current bars.
    """
    if character is not PosturePolicy.ADAPTIVE:
        return FIXED_POSTURES.get(character)
    close = load_price_history(view, symbol).series.close
    gained = close[-1] / close[-1 - SESSIONS] - 1 if len(close) > SESSIONS else 0.0
    return RiskPosture.AVERSE if (held or 1) * gained < 0 else RiskPosture.SEEKING
