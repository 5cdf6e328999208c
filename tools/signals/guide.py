"""The strength of a strategist's guidance (Language-model-guided reinforcement learning, arXiv 2508.02366)."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

MOST_CONFIDENCE = 3


def certainty(probabilities: Sequence[float], *, floor: float = 0.01) -> float:
    """Return C = e + (1 - e)(1 - H), with H the entropy of the probabilities over its maximum, log of their number.

    Probabilities are divided by their sum. One probability alone has H = 0. Raises ValueError unless at least one is
    positive and all are finite and at least 0.
    """
    if any(not math.isfinite(each) or each < 0 for each in probabilities) or not sum(probabilities):
        raise ValueError("probabilities must be finite, at least 0, and not all 0")
    shares = [each / sum(probabilities) for each in probabilities]
    most = math.log(len(shares))
    entropy = -sum(share * math.log(share) for share in shares if share) / most if most else 0.0
    return floor + (1 - floor) * (1 - min(1.0, max(0.0, entropy)))


def vote_certainty(votes: Sequence[Hashable], options: int, *, floor: float = 0.01) -> float:
    """Return the certainty of repeated answers, for models that return no probabilities.

    `options` is the number of possible answers. Raises ValueError without votes, or with more answers than options.
    """
    counts = Counter(votes)
    if not votes or len(counts) > options:
        raise ValueError(f"{len(counts)} different answers of {options} possible ones")
    return certainty([*map(float, counts.values()), *[0.0] * (options - len(counts))], floor=floor)


def guide_strength(direction: int, confidence: int, sure: float) -> float:
    """Return tau = direction x confidence / 3 x certainty, in [-1, 1].

    Raises ValueError unless the direction is -1, 0 or 1, the confidence from 1 to 3, and the certainty in [0, 1].
    """
    if direction not in (-1, 0, 1) or not 1 <= confidence <= MOST_CONFIDENCE or not 0 <= sure <= 1:
        raise ValueError(f"invalid guidance: direction {direction}, confidence {confidence}, certainty {sure}")
    return direction * confidence / MOST_CONFIDENCE * sure
