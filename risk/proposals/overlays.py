"""The formulas of overlays: news scores, trading style, turnover penalty and the strategist's guide."""

from collections.abc import Sequence
from decimal import Decimal

from ...domain.errors import InvalidOutput
from ...domain.remarks import TradingStyle

AGREE = {1: Decimal("1.05"), 2: Decimal("1.1")}
DISAGREE = {1: Decimal("0.95"), 2: Decimal("0.9")}
NEUTRAL = Decimal("0.98")
RISK_WEIGHTS = {
    1: Decimal("0.99"),
    2: Decimal("0.995"),
    3: Decimal(1),
    4: Decimal("1.005"),
    5: Decimal("1.01"),
}
CERTAINTY_FLOOR = Decimal("0.01")
MOST_CONFIDENT = 3


def news_factor(score: int, change: Decimal) -> Decimal:
    """Return the factor of a trade of `change` signed shares for a news score of 1 to 5: FinRL-DeepSeek.

    1.1 or 1.05 if a strong (1, 5) or mild (2, 4) score agrees with the trade, 0.9 or 0.95 if it disagrees, 0.98 for a
    score of 3. Raises InvalidOutput for another score.
    """
    _check_score("news", score)
    if not change:
        return Decimal(1)
    leaning = score - 3
    if not leaning:
        return NEUTRAL
    return (AGREE if leaning * change > 0 else DISAGREE)[abs(leaning)]


def risk_weight(score: int) -> Decimal:
    """Return the weight of a risk score, 0.99 for 1, 0.005 more for each step, 1.01 for 5; InvalidOutput for others."""
    _check_score("risk", score)
    return RISK_WEIGHTS[score]


def weighted_risk(weights: Sequence[Decimal], scores: Sequence[int]) -> Decimal:
    """Return the factor of the CVaR term: the mean risk weight by the sizes of `weights`; 1 for a book without any."""
    total = sum(map(abs, weights), Decimal(0))
    if not total:
        return Decimal(1)
    return sum((abs(w) * risk_weight(s) for w, s in zip(weights, scores, strict=True)), Decimal(0)) / total


def style_factor(style: TradingStyle, change: Decimal, conservative_buys: Decimal) -> Decimal:
    """Return `conservative_buys` for a buy in the conservative style, else 1: TradingGroup."""
    return conservative_buys if style is TradingStyle.CONSERVATIVE and change > 0 else Decimal(1)


def project_turnover(raw: Decimal, before: Decimal, penalty: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """Return argmin over [low, high] of 1/2 (h - raw)^2 + penalty |h - before|: MM-DREX, by coordinate.

    The minimum without bounds moves from `before` toward `raw` by |raw - before| - penalty, at least 0.
    """
    moved = max(Decimal(0), abs(raw - before) - penalty)
    return max(low, min(high, before + moved.copy_sign(raw - before)))


def certainty(probabilities: Sequence[Decimal], floor: Decimal = CERTAINTY_FLOOR) -> Decimal:
    """Return C = e + (1 - e) (1 - H); H is the entropy of the probabilities divided by ln k, and e is `floor`.

    The k probabilities, of tokens or of votes, are divided by their sum first. A single one is certain. Raises
    InvalidOutput for a negative or infinite one, or if their sum is 0.
    """
    if any(not p.is_finite() or p < 0 for p in probabilities) or not (total := sum(probabilities, Decimal(0))):
        raise InvalidOutput("probabilities must be finite, not negative, and not all 0")
    if len(probabilities) == 1:
        return Decimal(1)
    shares = [p / total for p in probabilities if p]
    entropy = -sum((share * share.ln() for share in shares), Decimal(0)) / Decimal(len(probabilities)).ln()
    return floor + (1 - floor) * (1 - min(Decimal(1), entropy))


def guide_strength(sign: int, confidence: int, certain: Decimal) -> Decimal:
    """Return tau = sign * confidence / 3 * certainty, for a confidence of 1 to 3: "Language-model-guided RL", 2025.

    Raises InvalidOutput for a sign other than -1 or 1, or another confidence.
    """
    if sign not in (-1, 1) or not 1 <= confidence <= MOST_CONFIDENT:
        raise InvalidOutput(f"a sign of {sign} and a confidence of {confidence} are not +-1 and 1 to 3")
    return sign * Decimal(confidence) / MOST_CONFIDENT * certain


def _check_score(name: str, score: int) -> None:
    if score not in RISK_WEIGHTS:
        raise InvalidOutput(f"a {name} score is 1 to 5, not {score}")
