"""Oscillators as evidence: the five that QuantAgent (arXiv 2509.09995) reads."""

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.adjustment import AdjustedSeries
from ...market.price_history import load_price_history
from ...market.view import MarketView
from .. import indicators
from ..signals.oscillators import slow_stochastic
from ..signals.rolling import rolling_highest, rolling_lowest
from .builder import EvidenceBuilder, SourceTable
from .prices import Indicator, compute_figures

WINDOW, SMOOTHING = 14, 3


def _stochastic_k(series: AdjustedSeries) -> float | None:
    """Return slow %K(14, 3) of the stochastic oscillator (Lane); None if the range of a window is empty."""
    return _mean_of_range(series, SMOOTHING)


def _stochastic_d(series: AdjustedSeries) -> float | None:
    """Return %D, the mean of the last three values of slow %K; None if the range of a window is empty."""
    if not _has_range(series, 2 * SMOOTHING - 1):
        return None
    return float(slow_stochastic(series, WINDOW, SMOOTHING)[-SMOOTHING:].mean())


def _williams_r(series: AdjustedSeries) -> float | None:
    """Return Williams %R(14): -100 at the lowest low, 0 at the highest high; None if the range is empty."""
    place = _mean_of_range(series, 1)
    return None if place is None else place - 100


def _mean_of_range(series: AdjustedSeries, smoothing: int) -> float | None:
    return float(slow_stochastic(series, WINDOW, smoothing)[-1]) if _has_range(series, smoothing) else None


def _has_range(series: AdjustedSeries, windows: int) -> bool:
    """Return whether each of the last `windows` windows of 14 sessions has a high above its low."""
    if len(series) < WINDOW + windows - 1:
        return False
    spans = rolling_highest(series.high, WINDOW)[-windows:] - rolling_lowest(series.low, WINDOW)[-windows:]
    return bool((spans > 0).all())


FIGURES = (
    Indicator(
        "osc.rsi14",
        "RSI(14) {:.1f} of 100 (below 30 oversold, above 70 overbought)",
        lambda s: indicators.rsi(s.close),
    ),
    Indicator(
        "osc.macd_line",
        "MACD(12/26) line {:+.2%} of the close (positive: the fast average is above the slow one)",
        lambda s: indicators.macd_line(s.close),
    ),
    Indicator(
        "osc.macd_hist",
        "MACD(12/26/9) line against its signal line {:+.2%} of the close",
        lambda s: indicators.macd_histogram(s.close),
    ),
    Indicator("osc.roc10", "rate of change over 10 sessions {:+.2%}", lambda s: indicators.total_return(s.close, 10)),
    Indicator(
        "osc.stoch_k",
        "stochastic(14/3/3) %K {:.1f} of 100 (below 20 oversold, above 80 overbought)",
        _stochastic_k,
    ),
    Indicator(
        "osc.stoch_d",
        "stochastic(14/3/3) %D, the average of %K, {:.1f} of 100",
        _stochastic_d,
    ),
    Indicator(
        "osc.willr14",
        "Williams %R(14) {:.1f} (from -100, the lowest low, to 0, the highest high)",
        _williams_r,
    ),
)


def oscillator_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the osc.* evidence of `symbol`; raises NoData if its bars are missing or stale."""
    history = load_price_history(view, symbol)
    builder = EvidenceBuilder(view, EvidenceKind.INDICATOR, SourceTable.PRICES).for_table(history)
    return compute_figures(builder, history, FIGURES)
