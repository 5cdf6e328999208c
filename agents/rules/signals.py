"""Signals: what a rule derives from one or more evidence items, each with score, weight and sentence."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.ids import EvidenceId
from ...domain.outputs import Report, Stance
from ..context import AgentContext

NEUTRAL_BAND = 0.1
"""A score closer to zero than this is a neutral stance."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: `score` from -1 (bearish) to 1 (bullish), `weight` in the analyst's view, text and evidence."""

    score: float
    weight: float
    text: str
    evidence: tuple[EvidenceId, ...]


def squash(ratio: float) -> float:
    """Return tanh(ratio), a score in (-1, 1); 0.76 for a ratio of one."""
    return math.tanh(ratio)


def combine(signals: Sequence[Signal]) -> float:
    """Return the weighted mean score, in [-1, 1]; 0 without signals."""
    total = sum(signal.weight for signal in signals)
    mean = sum(signal.score * signal.weight for signal in signals) / total if total else 0.0
    return max(-1.0, min(1.0, mean))


def stance_of(score: float) -> Stance:
    """Return the stance of a score."""
    if abs(score) < NEUTRAL_BAND:
        return Stance.NEUTRAL
    return Stance.BULLISH if score > 0 else Stance.BEARISH


def score_of(report: Report) -> float:
    """Return the score of a report in [-1, 1]: the sign of its stance times (2 * confidence - 1), at least 0."""
    return report.stance.sign * max(0.0, 2 * report.confidence - 1)


def score_text(score: float) -> str:
    """Return the score with a sign and two decimals, or `n/a` where it is 0 or rounds to 0: it was not counted."""
    shown = f"{score:+z.2f}"
    return "n/a" if shown == "+0.00" else shown


def report_from(role: str, signals: Sequence[Signal]) -> Report | Abstention:
    """Return a report on the signals, strongest first, or an abstention without signals."""
    if not signals:
        return Abstention(role, AbstentionCause.DATA, "none of the facts that its rule reads is there")
    score = combine(signals)
    ranked = sorted(signals, key=lambda s: -abs(s.score * s.weight))
    said = " ".join(signal.text for signal in ranked[:4])
    return Report(
        summary=f"{said} Score {score_text(score)}.",
        stance=stance_of(score),
        confidence=round(0.5 + abs(score) / 2, 4),
        evidence=citations(ranked),
    )


def citations(signals: Iterable[Signal]) -> tuple[EvidenceId, ...]:
    """Return the evidence ids of the signals, each once, in order."""
    return tuple(dict.fromkeys(i for signal in signals for i in signal.evidence))


def values(context: AgentContext, *ids: str) -> tuple[float, ...] | None:
    """Return the values of all `ids`, or None if any is absent."""
    values = tuple(value for i in ids if (value := context.value(i)) is not None)
    return values if len(values) == len(ids) else None
