"""The technical rule: first the regime, then trend or reversal.

Regime: the variance ratio of 5-session returns over 252 sessions with its heteroskedasticity-robust z statistic
(Lo & MacKinlay 1988). p = Phi(a prior lean + z / 4) is read as the probability that the tape trends. The quarter stands
for the power of the test: against slow reversion it is so low in samples of this length (Lo & MacKinlay 1989; Poterba &
Summers 1988) that nearly all of z's spread is sampling error, and taken at face value it would draw the regime by lot.
Trend: 12-1 month return over its own volatility (Jegadeesh & Titman 1993; Moskowitz, Ooi & Pedersen 2012) and the
distance from the 50- and 200-session averages in the same units (Brock, Lakonishok & LeBaron 1992).
Reversal: Bollinger z-score and RSI against their means (Lehmann 1990; Wilder 1978).
"""

import math
from statistics import NormalDist

from ...domain.abstention import Abstention
from ...domain.ids import EvidenceId
from ...domain.outputs import Report
from ..context import AgentContext
from .signals import (
    Signal,
    report_from,
    squash,
    values,
)

_PHI = NormalDist().cdf
PRIOR_TREND = 0.5
"""Prior of a trend if the variance ratio is uninformative (0.5 is p = 0.69)."""
POWER = 0.25
"""Share of the variance ratio's z statistic that is used."""


def technical(context: AgentContext) -> Report | Abstention:
    """Return a report on price, volume and indicators."""
    return report_from("technical", technical_signals(context))


def technical_signals(context: AgentContext) -> tuple[Signal, ...]:
    """Return the trend and reversal signals, weighted by the probability of each regime."""
    volatility = values(context, "tech.vol60")
    if volatility is None or volatility[0] <= 0:
        return ()
    trending, regime = _trend_probability(context)
    trend = [
        s
        for s in (
            _momentum(context, volatility[0]),
            _average(context, volatility[0], 50),
            _average(context, volatility[0], 200),
        )
        if s
    ]
    swing = [s for s in (_stretch(context), _rsi(context)) if s]
    return tuple(
        [_weighted(s, s.weight * trending, regime) for s in trend]
        + [_weighted(s, s.weight * (1 - trending), regime) for s in swing]
    )


def _trend_probability(context: AgentContext) -> tuple[float, tuple[EvidenceId, ...]]:
    z = values(context, "tech.vr5_z")
    return (
        (_PHI(PRIOR_TREND), ())
        if z is None
        else (_PHI(PRIOR_TREND + POWER * z[0]), context.existing_ids(("tech.vr5", "tech.vr5_z")))
    )


def _weighted(signal: Signal, weight: float, regime: tuple[EvidenceId, ...]) -> Signal:
    return Signal(signal.score, weight, signal.text, signal.evidence + regime)


def _momentum(context: AgentContext, volatility: float) -> Signal | None:
    found = values(context, "tech.mom12_1")
    if found is None:
        return None
    text = f"12-1 month return {found[0]:+.1%} against an annual volatility of {volatility:.0%}."
    return Signal(squash(found[0] / volatility), 0.5, text, context.existing_ids(("tech.mom12_1", "tech.vol60")))


def _average(context: AgentContext, volatility: float, sessions: int) -> Signal | None:
    name = f"tech.sma{sessions}_gap"
    found = values(context, name)
    if found is None:
        return None
    scale = volatility * math.sqrt(sessions / 252)
    text = f"Close {found[0]:+.1%} from its {sessions}-session average."
    return Signal(squash(found[0] / scale), 0.25, text, context.existing_ids((name, "tech.vol60")))


def _stretch(context: AgentContext) -> Signal | None:
    found = values(context, "tech.z20")
    if found is None:
        return None
    return Signal(
        -squash(found[0] / 2),
        0.6,
        f"Close {found[0]:+.1f} deviations from its 20-session mean.",
        context.existing_ids(("tech.z20",)),
    )


def _rsi(context: AgentContext) -> Signal | None:
    found = values(context, "tech.rsi14")
    if found is None:
        return None
    return Signal((50 - found[0]) / 50, 0.4, f"RSI(14) at {found[0]:.0f}.", context.existing_ids(("tech.rsi14",)))
