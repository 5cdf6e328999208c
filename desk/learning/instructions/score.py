"""The score of a text: its return over that of buy-and-hold on the same sessions."""

NEUTRAL, SLOPE, MOST = 50.0, 250.0, 100.0


def benchmark_score(total_return: float, benchmark_return: float) -> float:
    """Return clip(50 + 250 * (total_return - benchmark_return), 0, 100); both are net returns of the whole period.

    Adaptive-OPRO (ATLAS, 2025) uses clip(50 + 250 * ROI, 0, 100); here the return is relative to buy-and-hold, so that
    a rising market improves no score.
    """
    return min(MOST, max(0.0, NEUTRAL + SLOPE * (total_return - benchmark_return)))
