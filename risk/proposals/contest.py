"""ContestTrade's weights from predicted Sharpe ratios."""

from collections.abc import Sequence
from decimal import Decimal

SMALLEST_DEVIATION = Decimal("0.01")


def predicted_sharpe(mean: Decimal, deviation: Decimal) -> Decimal:
    """Return mean / max(deviation, 0.01) of predicted daily rewards."""
    return mean / max(deviation, SMALLEST_DEVIATION)


def positive_sharpe_weights(ratios: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Return max(S, 0) / sum(max(S, 0)) for each ratio S; all 0, which is all cash, if none is positive."""
    positive = [max(Decimal(0), ratio) for ratio in ratios]
    total = sum(positive, Decimal(0))
    return tuple(ratio / total if total else Decimal(0) for ratio in positive)
