"""Technical evidence: momentum, trend, mean reversion and risk."""

import numpy as np

from ...domain.evidence import Evidence, EvidenceKind
from ...domain.ids import Symbol
from ...market.adjustment import AdjustedSeries, Floats
from ...market.price_history import PriceHistory, load_market_proxy, load_price_history
from ...market.view import MarketView
from .. import indicators
from ..quote import sessions_per_year
from .builder import EvidenceBuilder, SourceTable
from .prices import Indicator, compute_figures


def _atr_share(series: AdjustedSeries) -> float | None:
    atr = indicators.atr(series.high, series.low, series.close)
    return None if atr is None else atr / float(series.close[-1])


FIGURES = (
    Indicator(
        "tech.rsi14",
        "RSI(14) {:.1f} of 100 (below 30 oversold, above 70 overbought)",
        lambda s: indicators.rsi(s.close),
    ),
    Indicator(
        "tech.macd_hist",
        "MACD(12/26/9) histogram {:+.2%} of the close",
        lambda s: indicators.macd_histogram(s.close),
    ),
    Indicator(
        "tech.sma50_gap",
        "close against its 50-session average {:+.2%}",
        lambda s: indicators.distance_from_sma(s.close, 50),
    ),
    Indicator(
        "tech.sma200_gap",
        "close against its 200-session average {:+.2%}",
        lambda s: indicators.distance_from_sma(s.close, 200),
    ),
    Indicator(
        "tech.mom12_1",
        "return from 252 to 21 sessions ago {:+.2%}",
        lambda s: indicators.total_return(s.close, 252, skip=21),
    ),
    Indicator("tech.atr_pct", "average true range (14) {:.2%} of the close", _atr_share),
    Indicator(
        "tech.z20",
        "close {:+.2f} standard deviations from its 20-session average",
        lambda s: indicators.bollinger_z(s.close),
    ),
    Indicator(
        "tech.adx14",
        "ADX(14) {:.1f} of 100 (above 25 a trend, either way)",
        lambda s: indicators.adx(s.high, s.low, s.close),
    ),
)


def indicator_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the tech.* evidence of `symbol`; raises NoData if its bars are missing or stale."""
    history = load_price_history(view, symbol)
    builder = EvidenceBuilder(view, EvidenceKind.INDICATOR, SourceTable.PRICES).for_table(history)
    sigma = indicators.annualised(indicators.volatility(history.series.close), sessions_per_year(view, symbol))
    return (
        *compute_figures(builder, history, FIGURES),
        *builder.number("tech.vol60", history.known_at, "annualised volatility of 60 sessions {:.1%}", sigma),
        *_variance_ratio(builder, history),
        *_beta(builder, history, load_market_proxy(view, symbol)),
    )


def _variance_ratio(builder: EvidenceBuilder, history: PriceHistory) -> tuple[Evidence, ...]:
    if (test := indicators.variance_ratio(history.series.close)) is None:
        return ()
    ratio, z = test
    wording = "variance ratio of 5-session returns over 252 sessions {:.2f} (above 1 trends, below 1 reverts)"
    return (
        *builder.number("tech.vr5", history.known_at, wording, ratio),
        *builder.number(
            "tech.vr5_z", history.known_at, "robust z of the variance ratio {:+.2f} (a random walk gives 0)", z
        ),
    )


def _beta(builder: EvidenceBuilder, history: PriceHistory, market: PriceHistory | None) -> tuple[Evidence, ...]:
    if market is None:
        return ()
    value = indicators.beta(*common_closes(history.series, market.series))
    known_at = max(history.known_at, market.known_at)
    return builder.number(
        "tech.beta252", known_at, f"beta of 252 sessions to {market.last.symbol} {{:.2f}} (1 moves with it)", value
    )


def common_closes(own: AdjustedSeries, market: AdjustedSeries) -> tuple[Floats, Floats]:
    """Return the closes of the sessions that both series have."""
    if own.sessions == market.sessions:
        return own.close, market.close
    _, mine, theirs = np.intersect1d(_days(own), _days(market), assume_unique=True, return_indices=True)
    return own.close[mine], market.close[theirs]


def _days(series: AdjustedSeries) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array(series.sessions, dtype="datetime64[D]")
