"""The risk posture of a desk: seeking, averse, or adaptive, which is averse after three losing sessions."""

from ..domain.brief import RiskPosture
from ..domain.ids import Symbol
from ..graph.desk_sections import PosturePolicy
from ..market.price_history import load_price_history
from ..market.view import MarketView

SESSIONS = 3
"""Sessions over which an adaptive posture measures the loss (FinMem: Yu et al. 2023)."""
FIXED_POSTURES = {PosturePolicy.SEEKING: RiskPosture.SEEKING, PosturePolicy.AVERSE: RiskPosture.AVERSE}


def risk_posture(policy: PosturePolicy, view: MarketView, symbol: Symbol, held: int) -> RiskPosture | None:
    """Return the current risk posture; None for a desk without one.

    An adaptive desk is averse if the position lost money over the last three sessions. `held` is the sign of the
    position; no position counts as long. Raises NoData if the symbol has no current bars.
    """
    if policy is not PosturePolicy.ADAPTIVE:
        return FIXED_POSTURES.get(policy)
    close = load_price_history(view, symbol).series.close
    gained = close[-1] / close[-1 - SESSIONS] - 1 if len(close) > SESSIONS else 0.0
    return RiskPosture.AVERSE if (held or 1) * gained < 0 else RiskPosture.SEEKING
