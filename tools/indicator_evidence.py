"""Evidence of the chart: momentum, trend, reversion and risk figures."""

import numpy as np

from ..domain.evidence import Evidence, EvidenceKind
from ..domain.ids import Symbol
from . import indicators
from .adjust import AdjustedSeries
from .citing import Citer, Table
from .facts import sessions_a_year
from .price_evidence import Figure, measured
from .tape import Tape, read_market, read_tape
from .view import MarketView


def _atr_share(series: AdjustedSeries) -> float | None:
    atr = indicators.average_true_range(series.high, series.low, series.close)
    return None if atr is None else atr / float(series.close[-1])


FIGURES = (
    Figure(
        "tech.rsi14",
        "RSI(14) {:.1f} of 100 (below 30 oversold, above 70 overbought)",
        lambda s: indicators.rsi(s.close),
    ),
    Figure(
        "tech.macd_hist",
        "MACD(12/26/9) histogram {:+.2%} of the close",
        lambda s: indicators.macd_histogram(s.close),
    ),
    Figure(
        "tech.sma50_gap",
        "close against its 50-session average {:+.2%}",
        lambda s: indicators.average_gap(s.close, 50),
    ),
    Figure(
        "tech.sma200_gap",
        "close against its 200-session average {:+.2%}",
        lambda s: indicators.average_gap(s.close, 200),
    ),
    Figure(
        "tech.mom12_1",
        "return from 252 to 21 sessions ago {:+.2%}",
        lambda s: indicators.total_return(s.close, 252, skip=21),
    ),
    Figure("tech.atr_pct", "average true range (14) {:.2%} of the close", _atr_share),
    Figure(
        "tech.z20",
        "close {:+.2f} standard deviations from its 20-session average",
        lambda s: indicators.band_score(s.close),
    ),
    Figure(
        "tech.adx14",
        "ADX(14) {:.1f} of 100 (above 25 a trend, either way)",
        lambda s: indicators.trend_strength(s.high, s.low, s.close),
    ),
)


def indicator_evidence(view: MarketView, symbol: Symbol) -> tuple[Evidence, ...]:
    """Return the tech.* figures of `symbol`; raises NoData when its bars are missing or stale."""
    tape = read_tape(view, symbol)
    citer = Citer(view, EvidenceKind.INDICATOR, Table.PRICES).of(tape)
    sigma = indicators.annualised(indicators.volatility(tape.series.close), sessions_a_year(view, symbol))
    return (
        *measured(citer, tape, FIGURES),
        *citer.figure("tech.vol60", tape.known_at, "annualised volatility of 60 sessions {:.1%}", sigma),
        *_variance_ratio(citer, tape),
        *_beta(citer, tape, read_market(view, symbol)),
    )


def _variance_ratio(citer: Citer, tape: Tape) -> tuple[Evidence, ...]:
    if (test := indicators.variance_ratio(tape.series.close)) is None:
        return ()
    ratio, z = test
    wording = "variance ratio of 5-session returns over 252 sessions {:.2f} (above 1 trends, below 1 reverts)"
    return (
        *citer.figure("tech.vr5", tape.known_at, wording, ratio),
        *citer.figure("tech.vr5_z", tape.known_at, "robust z of the variance ratio {:+.2f} (a random walk gives 0)", z),
    )


def _beta(citer: Citer, tape: Tape, market: Tape | None) -> tuple[Evidence, ...]:
    if market is None:
        return ()
    _, mine, theirs = np.intersect1d(_days(tape), _days(market), assume_unique=True, return_indices=True)
    value = indicators.beta(tape.series.close[mine], market.series.close[theirs])
    known_at = max(tape.known_at, market.known_at)
    return citer.figure(
        "tech.beta252", known_at, f"beta of 252 sessions to {market.last.symbol} {{:.2f}} (1 moves with it)", value
    )


def _days(tape: Tape) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return np.array(tape.series.sessions, dtype="datetime64[D]")
