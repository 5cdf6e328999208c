"""The rules of agents that contribute to a topology: all are derived from the signals in the evidence that they see."""

from collections.abc import Callable, Sequence
from statistics import fmean

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.deliberation_outputs import (
    MOST_FACTORS,
    MOST_FACTS,
    ExpertScore,
    ExpertScores,
    FactSide,
    FactTable,
    Forecast,
    LabelledFact,
    MixWeight,
    NewsFactor,
    NewsFactors,
    PeriodStrategy,
    PositionView,
    RegimeScores,
    StrategyAction,
    StrategyFeature,
)
from ...domain.ids import EvidenceId
from ..context import AgentContext
from .debate import SIGNALS_BY_ANALYST
from .signals import Signal, citations, combine, score_text

NO_SIGNAL = "none of the facts that its rule reads is there"
WITHIN_HALF_DEVIATION = 0.3829
"""Probability that a normal variable is within half a standard deviation of its mean."""
STEPS = 3
DIGITS = 4
SAID = 3
"""Number of signals that a rule states."""
MOST_CITED = 20


def signals_in(context: AgentContext) -> list[Signal]:
    """Return the signals of all kinds of evidence, strongest first."""
    found = [signal for reader in SIGNALS_BY_ANALYST.values() for signal in reader(context) if signal.evidence]
    return sorted(found, key=lambda signal: -abs(signal.score * signal.weight))


def regime_scores(experts: Sequence[str]) -> Callable[[AgentContext], RegimeScores | Abstention]:
    """Return the rule of a router: the combined signal scores the regimes, and all experts are equal."""

    def rule(context: AgentContext) -> RegimeScores | Abstention:
        signals = signals_in(context)
        if not signals:
            return _nothing()
        score = combine(signals)
        return RegimeScores(
            up=round(score, DIGITS),
            down=round(-score, DIGITS),
            sideways=round(0.5 - abs(score), DIGITS),
            scores=tuple(ExpertScore(expert=name, score=0.0) for name in experts),
            summary=_said(signals),
            evidence=citations(signals[:SAID]),
        )

    return rule


def expert_scores(experts: Sequence[str]) -> Callable[[AgentContext], ExpertScores | Abstention]:
    """Return the rule of a router over two or more experts: the first for a rising market, the last for a falling."""

    def rule(context: AgentContext) -> ExpertScores | Abstention:
        signals = signals_in(context)
        if not signals:
            return _nothing()
        score, last = combine(signals), max(len(experts) - 1, 1)
        scores = tuple(
            ExpertScore(expert=name, score=round(score * (1 - 2 * place / last), DIGITS))
            for place, name in enumerate(experts)
        )
        return ExpertScores(scores=scores, summary=_said(signals), evidence=citations(signals[:SAID]))

    return rule


def position(context: AgentContext) -> PositionView | Abstention:
    """Return the combined signal as a position; of an agent that sees positions of others, their mean."""
    others = [view for _, view in context.outputs(PositionView)]
    if others:
        cited = tuple(dict.fromkeys(name for view in others for name in view.evidence))
        mean = round(fmean(view.position for view in others), DIGITS)
        return PositionView(position=mean, summary=f"The mean of {len(others)} positions.", evidence=cited)
    signals = signals_in(context)
    if not signals:
        return _nothing()
    return PositionView(
        position=round(combine(signals), DIGITS), summary=_said(signals), evidence=citations(signals[:SAID])
    )


def mix_weight(context: AgentContext) -> MixWeight | Abstention:
    """Return the share of the first agent's positions in the sum of all sizes; one half if all are 0."""
    sizes, cited = dict[str, float](), list[EvidenceId]()
    for author, view in context.outputs(PositionView):
        sizes[author] = sizes.get(author, 0.0) + abs(view.position)
        cited += view.evidence
    if not sizes:
        return Abstention("chief", AbstentionCause.DATA, "there is no position to weigh")
    first, total = next(iter(sizes.values())), sum(sizes.values())
    weight = first / total if total else 0.5
    evidence = tuple(dict.fromkeys(cited))[:MOST_CITED]
    return MixWeight(weight=round(weight, DIGITS), summary="In proportion to the sizes.", evidence=evidence)


def strategy(context: AgentContext) -> PeriodStrategy | Abstention:
    """Return the side of the combined signal, with its size in thirds as the confidence."""
    signals = signals_in(context)
    if not signals:
        return _nothing()
    score = combine(signals)
    features = tuple(
        StrategyFeature(feature=each.text, direction=_sign(each.score), weight=_step(each.score))
        for each in signals[:SAID]
    )
    return PeriodStrategy(
        action=StrategyAction.LONG if score >= 0 else StrategyAction.SHORT,
        action_confidence=_step(score),
        explanation=_said(signals),
        features_used=features,
        evidence=citations(signals[:SAID]),
    )


def news_factors(context: AgentContext) -> NewsFactors | Abstention:
    """Return the strongest signals of the news as themes."""
    signals = [signal for signal in SIGNALS_BY_ANALYST["news"](context) if signal.evidence]
    if not signals:
        return _nothing()
    return NewsFactors(
        factors=tuple(
            NewsFactor(factor=each.text, sentiment=_sign(each.score), impact=_step(each.score), source=each.evidence[0])
            for each in signals[:MOST_FACTORS]
        )
    )


def fact_table(context: AgentContext) -> FactTable | Abstention:
    """Return every signal with a direction as a fact; the table is empty if no signal has one."""
    signals = [each for each in signals_in(context) if each.score][:MOST_FACTS]
    return FactTable(
        facts=tuple(
            LabelledFact(
                text=each.text,
                side=FactSide.FAVOURABLE if each.score > 0 else FactSide.ADVERSE,
                strength=_step(each.score),
                source=each.evidence[0],
            )
            for each in signals
        )
    )


def forecast(context: AgentContext) -> Forecast | Abstention:
    """Return the normal probability of a flat return, and the rest divided by the combined signal."""
    signals = signals_in(context)
    if not signals:
        return _nothing()
    score = combine(signals)
    up = round((1 - WITHIN_HALF_DEVIATION) * (1 + score) / 2, DIGITS)
    down = round((1 - WITHIN_HALF_DEVIATION) * (1 - score) / 2, DIGITS)
    return Forecast(
        down=down,
        flat=round(1 - up - down, DIGITS),
        up=up,
        summary=_said(signals),
        evidence=citations(signals[:SAID]),
    )


def _said(signals: Sequence[Signal]) -> str:
    return f"{' '.join(each.text for each in signals[:SAID])} Score {score_text(combine(signals))}."


def _sign(score: float) -> int:
    return (score > 0) - (score < 0)


def _step(score: float) -> int:
    """Return 1, 2 or 3 for a score up to one third, two thirds, or above."""
    return min(STEPS, 1 + int(abs(score) * STEPS))


def _nothing() -> Abstention:
    return Abstention("contributor", AbstentionCause.DATA, NO_SIGNAL)
