"""The rule of the research manager: a weighted vote of the reports, in which an absent analyst counts as neutral."""

import math
from collections.abc import Sequence
from decimal import Decimal

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.ids import EvidenceId
from ...domain.outputs import Rating, Report, Thesis
from ...memory.record import Source
from ..context import AgentContext, memory_evidence_id
from .signals import score_of, score_text

WEIGHTS = {"technical": 0.40, "fundamentals": 0.35, "news": 0.20, "macro": 0.05}
OTHER_WEIGHT = 0.10
WEIGHT_FACT_PREFIX = "trust."
"""Prefix of the facts of an analyst-weight record; the analyst's name follows."""
HORIZON_SESSIONS = 21
HOLD_BAND, STRONG = 0.10, 0.35
MIN_COVERAGE = 0.30
"""Minimum share of the analysts' weight with a view; below it the rule abstains instead of holding."""


def judge(context: AgentContext) -> Thesis | Abstention:
    """Judge the reports: conviction is the sum of weight * score over the root of the sum of all squared weights.

    That is how independent scores are combined so that several which agree count for more than one (Stouffer et al.
    1949), where a mean would shrink with every voice that has nothing to say. Who is absent counts as a score of zero.
    A belief that the desk holds on an analyst replaces that analyst's usual weight. A conviction within the hold band
    is a hold.
    """
    present = [WEIGHTS.get(r.role, OTHER_WEIGHT) for r in context.reports]
    absent = [WEIGHTS.get(a.role, OTHER_WEIGHT) for a in context.abstentions]
    if not present or sum(present) < MIN_COVERAGE * (sum(present) + sum(absent)):
        silent = ", ".join(a.role for a in context.abstentions) or "all"
        return Abstention("research_manager", AbstentionCause.DATA, f"too few analysts have a view; absent: {silent}")
    weights = prior_weights([r.role for r in context.reports], [a.role for a in context.abstentions]) | learned_weights(
        context
    )
    pull = sum(score_of(r.report) * weights[r.role] for r in context.reports)
    conviction = round(max(-1.0, min(1.0, pull)), 4)
    rating = rate(conviction)
    return Thesis(
        rating=rating,
        conviction=conviction,
        horizon_sessions=HORIZON_SESSIONS,
        summary=_summary(context, conviction),
        bull_case=_side(context, "bull"),
        bear_case=_side(context, "bear"),
        invalidation=_invalidation(context, conviction),
        evidence=tuple(dict.fromkeys([*(i for r in _by_weight(context) for i in r.evidence[:4]), *_beliefs(context)])),
    )


def prior_weights(present: Sequence[str], absent: Sequence[str] = ()) -> dict[str, float]:
    """Return the conviction per unit of score of each present analyst, without learned weights."""
    everyone = {name: WEIGHTS.get(name, OTHER_WEIGHT) for name in (*present, *absent)}
    scale = math.hypot(*everyone.values())
    return {name: everyone[name] / scale for name in present}


def learned_weights(context: AgentContext) -> dict[str, float]:
    """Return the learned conviction per unit of score of each analyst with a learned weight."""
    return {
        name.removeprefix(WEIGHT_FACT_PREFIX): float(value)
        for recall in context.memories
        if recall.record.source is Source.BELIEF
        for name, value in recall.record.facts
        if name.startswith(WEIGHT_FACT_PREFIX)
    }


def rate(conviction: float) -> Rating:
    """Return the rating, on the five-step scale, of a conviction."""
    if abs(conviction) < HOLD_BAND:
        return Rating.HOLD
    if conviction > 0:
        return Rating.BUY if conviction >= STRONG else Rating.OVERWEIGHT
    return Rating.SELL if conviction <= -STRONG else Rating.UNDERWEIGHT


def atr_range(daily: Decimal, sessions: int) -> Decimal:
    """Return the range of so many sessions: the average true range (Wilder 1978) times the square root of time."""
    return daily * Decimal(sessions).sqrt()


def _by_weight(context: AgentContext) -> list[Report]:
    ranked = sorted(context.reports, key=lambda r: -abs(score_of(r.report)) * WEIGHTS.get(r.role, OTHER_WEIGHT))
    return [r.report for r in ranked]


def _beliefs(context: AgentContext) -> list[EvidenceId]:
    return [memory_evidence_id(recall.record) for recall in context.memories if recall.record.source is Source.BELIEF]


def _summary(context: AgentContext, conviction: float) -> str:
    views = ", ".join(f"{r.role} {score_text(score_of(r.report))}" for r in context.reports)
    absent = ", ".join(a.role for a in context.abstentions)
    learned = ", ".join(f"{name} {weight:+.2f}" for name, weight in sorted(learned_weights(context).items()))
    return (
        f"Scores: {views}; conviction {conviction:+z.2f}."
        + (f" Absent, and counted against: {absent}." if absent else "")
        + (f" Weights learned from outcomes: {learned}." if learned else "")
    )


def _side(context: AgentContext, speaker: str) -> str:
    for turn in context.turns:
        if turn.speaker == speaker:
            return turn.argument.claim
    return f"The {speaker} made no case."


def _invalidation(context: AgentContext, conviction: float) -> str:
    quote = context.brief.quote
    if quote.atr is None or abs(conviction) < HOLD_BAND:
        return "A report of any analyst that changes its stance."
    reach = atr_range(quote.atr, HORIZON_SESSIONS)
    side, level = ("below", quote.last_close - reach) if conviction > 0 else ("above", quote.last_close + reach)
    return f"A close {side} {max(level, Decimal(0)):.2f}, the range of {HORIZON_SESSIONS} sessions from here."
