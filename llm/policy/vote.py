"""Majority vote over answers of one class."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, median_low
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

T = TypeVar("T", bound=BaseModel)

DIRECTIONS = ("rating", "stance", "verdict", "direction")
"""Fields with a direction; an answer class has at most one of them."""
SIGNED_SHARES = ("exposure", "ratio")
"""Fields whose sign is the direction of an answer without another one."""
SHARES = ("conviction", "confidence", "scale", *SIGNED_SHARES)
COUNTS = ("horizon_sessions",)
INCREASING = frozenset({"buy", "cover"})


@dataclass(frozen=True, slots=True)
class Vote(Generic[T]):
    """The result of a vote.

    Attributes:
        choice: the answer of the majority; None for a tie.
        disagreement: share of the answers outside of the largest group, from 0 to 1.
        counts: directions with their numbers of answers, largest first.
    """

    choice: T | None
    disagreement: float
    counts: tuple[tuple[str, int], ...]


def vote(answers: Sequence[T]) -> Vote[T]:
    """Return the vote of at least one answer.

    The largest group of equal directions wins: rating, stance, verdict or direction, or the sign of the exposure, of
    the ratio or of the planned orders. Its
    numbers are the medians of the group. Texts, citations and orders are those of the answer nearest to the medians,
    for orders to the median signed quantity; the first of equally near ones is used. Answers without a direction are
    one group, and the first is the choice.
    """
    groups = Counter(_direction(answer) for answer in answers).most_common()
    first, count = groups[0]
    disagreement = 1 - count / len(answers)
    if len(groups) > 1 and groups[1][1] == count:
        return Vote(None, disagreement, tuple(groups))
    winners = [answer for answer in answers if _direction(answer) == first]
    return Vote(_central(winners), disagreement, tuple(groups))


def _direction(answer: BaseModel) -> str:
    for name in DIRECTIONS:
        if (value := getattr(answer, name, None)) is not None:
            return str(value)
    target = _signed(answer)
    return "" if target is None else ("buy" if target > 0 else "sell" if target < 0 else "hold")


def _signed(answer: BaseModel) -> Decimal | float | None:
    stated = (getattr(answer, name, None) for name in SIGNED_SHARES)
    return next((value for value in stated if value is not None), _target(answer))


def _target(answer: BaseModel) -> Decimal | None:
    """Return the signed quantity of the planned orders; None for an answer without orders."""
    orders = getattr(answer, "orders", None)
    if orders is None:
        return None
    return sum((o.quantity if o.action.value in INCREASING else -o.quantity for o in orders), Decimal(0))


def _central(answers: Sequence[T]) -> T:
    medians = {name: median(getattr(a, name) for a in answers) for name in SHARES if hasattr(answers[0], name)}
    medians |= {name: median_low(getattr(a, name) for a in answers) for name in COUNTS if hasattr(answers[0], name)}
    targets = [_target(answer) for answer in answers]
    known = [target for target in targets if target is not None]
    middle = median(known) if known else None

    def distance(answer: T) -> tuple[Decimal, float]:
        target = _target(answer)
        away = Decimal(0) if target is None or middle is None else abs(target - middle)
        return away, sum(abs(getattr(answer, name) - value) for name, value in medians.items() if name in SHARES)

    nearest = min(answers, key=distance)
    return _with_numbers(nearest, medians)


def _with_numbers(answer: T, numbers: dict[str, Any]) -> T:
    """Return the answer with other numbers; unchanged if they contradict its other fields."""
    try:
        return type(answer).model_validate(answer.model_dump() | numbers)
    except ValidationError:
        return answer
