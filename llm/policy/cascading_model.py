"""A quick answer first, and the deep model only if the quick conviction is uncertain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel

from ...domain.abstention import Abstention
from ...domain.decision import ModelInfo
from ...domain.errors import ConfigError
from ..events import AnswerChosen, CallObserver, ignore_event
from ..port import Model, ModelRequest, Tier

T = TypeVar("T", bound=BaseModel)

POLICY = "cascade"
LEAST_HISTORY = 20
"""Past convictions of a role needed for its quantiles; with fewer, every answer counts as uncertain."""

History = Callable[[str], Sequence[float]]
"""Returns the quick convictions, from -1 to 1, of a role in past decisions."""


@dataclass(frozen=True, slots=True)
class UncertainWindow:
    """The quantiles `low` and `high`, from 0 to 1, of past convictions between which an answer is uncertain."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Raise ConfigError unless 0 <= low <= high <= 1."""
        if not 0 <= self.low <= self.high <= 1:
            raise ConfigError(f"the window of a cascade needs quantiles with 0 <= low <= high <= 1, not {self}")

    def contains(self, conviction: float, past: Sequence[float]) -> bool:
        """Return whether `conviction` is within the quantiles of `past`, bounds included, or `past` is too short."""
        if len(past) < LEAST_HISTORY:
            return True
        ordered = sorted(past)
        return quantile(ordered, self.low) <= conviction <= quantile(ordered, self.high)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan, 1996)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


class CascadingModel:
    """Asks the quick model, and asks the deep one too if the quick answer is missing or its conviction is uncertain.

    `learn` receives the role and the conviction of every quick answer, for later decisions. An answer without a
    conviction, such as an argument, is returned at once. If the deep model abstains, the quick answer is returned.
    """

    def __init__(
        self,
        inner: Model,
        window: UncertainWindow,
        history: History,
        learn: Callable[[str, float], None],
        events: CallObserver = ignore_event,
    ) -> None:
        self._inner, self._window, self._history, self._learn = inner, window, history, learn
        self._events = events

    @property
    def info(self) -> ModelInfo:
        return self._inner.info

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        """Return the quick answer, or the deep one; an abstention if neither was given."""
        quick = await self._inner.generate(replace(request, tier=Tier.QUICK))
        if isinstance(quick, Abstention):
            return await self._inner.generate(replace(request, tier=Tier.DEEP))
        conviction = signed_conviction(quick)
        if conviction is None:
            return quick
        past = tuple(self._history(request.role))
        self._learn(request.role, conviction)
        if not self._window.contains(conviction, past):
            return quick
        deep = await self._inner.generate(replace(request, tier=Tier.DEEP))
        if isinstance(deep, Abstention):
            return quick
        moved = abs((signed_conviction(deep) or 0.0) - conviction) / 2
        self._events(AnswerChosen(request.role, POLICY, 2, round(moved, 4)))
        return deep


def signed_conviction(answer: BaseModel) -> float | None:
    """Return the conviction of an answer from -1 to 1; None for an answer without one.

    It is the conviction, exposure or ratio; for a report or a direction, the confidence with the sign of its side.
    """
    stated = (getattr(answer, name, None) for name in ("conviction", "exposure", "ratio"))
    conviction = next((value for value in stated if value is not None), None)
    if conviction is not None:
        return float(conviction)
    side = getattr(answer, "stance", None) or getattr(answer, "direction", None)
    confidence = getattr(answer, "confidence", None)
    return None if side is None or confidence is None else float(side.sign * confidence)
