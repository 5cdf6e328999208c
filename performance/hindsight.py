"""What was captured of what could have been earned."""

from collections.abc import Mapping
from dataclasses import dataclass

from .returns import Floats, defined


@dataclass(frozen=True, slots=True)
class Regret:
    """The loss against the best alternative that is known only afterwards.

    Attributes:
        best: the name of the alternative with the largest sum; the first of equals by name.
        amount: its sum minus the achieved sum; negative if the track beat every alternative.
    """

    best: str
    amount: float


def oracle_share(profits: Floats, oracle_profits: Floats) -> float | None:
    """Return sum(profits) / sum(oracle's profits): the share of a known edge that was captured.

    The oracle trades the planted signals of the demo market through the same book. The share is negative for a loss
    and above 1 for more than the oracle. None unless the oracle earned something.
    """
    edge = float(oracle_profits.sum())
    return defined(float(profits.sum()) / edge) if edge > 0 else None


def regret(achieved: Floats, alternatives: Mapping[str, Floats]) -> Regret | None:
    """Return the external regret: the largest sum(alternative) - sum(achieved), for log returns or profits.

    Each alternative is one fixed strategy over the same sessions; Cesa-Bianchi & Lugosi, "Prediction, learning, and
    games" (2006), section 4.1. None without alternatives. Raises ValueError for series of other lengths.
    """
    if not alternatives:
        return None
    if any(len(each) != len(achieved) for each in alternatives.values()):
        raise ValueError("regret compares series of the same sessions")
    best = min(alternatives, key=lambda name: (-float(alternatives[name].sum()), name))
    return Regret(best, float(alternatives[best].sum() - achieved.sum()))
