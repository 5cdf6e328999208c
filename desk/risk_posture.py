"""The risk posture of a desk: seeking, averse, or adaptive, which is averse after three losing sessions."""

from ..domain.brief import RiskPosture
from ..domain.ids import Symbol
from ..graph.desk_sections import MemorySpec, PostureMeasure, PosturePolicy
from ..market.price_history import load_price_history
from ..market.view import MarketView

SESSIONS = 3
"""Sessions over which an adaptive posture measures the loss (FinMem: Yu et al. 2023)."""
FIXED_POSTURES = {PosturePolicy.SEEKING: RiskPosture.SEEKING, PosturePolicy.AVERSE: RiskPosture.AVERSE}


def risk_posture(memory: MemorySpec, view: MarketView, symbol: Symbol, held: int) -> RiskPosture | None:
    """Return the current risk posture; None for a desk without one.

    An adaptive desk is averse after a loss over the last three sessions: of the position, whose sign is `held` and
    which counts as long if there is none, or of the price alone. Raises NoData if the symbol has no current bars.
    """
    if memory.risk_posture is not PosturePolicy.ADAPTIVE:
        return FIXED_POSTURES.get(memory.risk_posture)
    close = load_price_history(view, symbol).series.close
    gained = close[-1] / close[-1 - SESSIONS] - 1 if len(close) > SESSIONS else 0.0
    side = held if held and memory.posture_by is PostureMeasure.POSITION else 1
    return RiskPosture.AVERSE if side * gained < 0 else RiskPosture.SEEKING
