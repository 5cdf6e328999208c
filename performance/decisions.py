"""Figures of decisions: abstentions, repeats, disagreements of two arms, agreement and influence of roles.

A view is a signed number whose sign is the direction (long, flat, short), or None for an abstention. An abstention is
an outcome of its own: it differs from every direction and equals another abstention.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from .returns import Floats

View = float | None


@dataclass(frozen=True, slots=True)
class DisagreementReturn:
    """What the difference between two arms earned where they disagreed.

    Attributes:
        cases: the number of decisions of both arms.
        disagreements: the number of decisions with different positions.
        mean: the mean of (first - second position) * return of the asset over the disagreements; None without any.
    """

    cases: int
    disagreements: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class RoleAgreement:
    """How often two roles have the same direction.

    Attributes:
        first, second: the roles, in alphabetical order.
        cases: the number of decisions on which neither abstained.
        agreement: the share of these with the same direction; None without a case.
        kappa: (agreement - expected) / (1 - expected), the agreement beyond chance of Cohen, Educational and
            Psychological Measurement 20 (1960); None if chance alone would give full agreement.
    """

    first: str
    second: str
    cases: int
    agreement: float | None
    kappa: float | None


@dataclass(frozen=True, slots=True)
class AnalystInfluence:
    """How a decision changes when one analyst is left out.

    Attributes:
        shifts: by analyst, the decision minus the decision without the analyst; analysts whose omission led to an
            abstention are left out.
        mover: the analyst with the largest absolute shift, the first of equals by name; None if no shift differs
            from 0.
    """

    shifts: Mapping[str, float]
    mover: str | None


def abstention_rate(views: Sequence[View]) -> float | None:
    """Return the share of decisions that are abstentions; None without decisions."""
    return sum(view is None for view in views) / len(views) if views else None


def flip_rate(repeats: Sequence[Sequence[View]]) -> float | None:
    """Return the probability that two repeats of the same decision differ in direction.

    `repeats` holds the views of all repeats of each decision (same symbol, time and evidence). The share of pairs of
    repeats that differ is averaged over decisions; decisions with fewer than two repeats are left out. None if no
    decision was repeated.
    """
    rates = [
        sum(_direction(a) != _direction(b) for a, b in combinations(each, 2)) / math.comb(len(each), 2)
        for each in repeats
        if len(each) > 1
    ]
    return math.fsum(rates) / len(rates) if rates else None


def disagreement_return(first: Floats, second: Floats, returns: Floats) -> DisagreementReturn:
    """Return the mean return of the first arm's position over the second's, where the positions differ.

    Each array has one element a decision: the two positions as shares of equity, and the return of the asset until the
    next decision. Raises ValueError for arrays of different lengths.
    """
    if not len(first) == len(second) == len(returns):
        raise ValueError("two arms are compared on the same decisions")
    differ = first != second
    earned = ((first - second) * returns)[differ]
    return DisagreementReturn(len(first), len(earned), float(earned.mean()) if len(earned) else None)


def role_agreement(views: Mapping[str, Sequence[View]]) -> tuple[RoleAgreement, ...]:
    """Return the agreement of each pair of roles; `views` holds one view a decision for each role.

    Raises ValueError unless all roles have the same number of decisions.
    """
    if len({len(each) for each in views.values()}) > 1:
        raise ValueError("roles are compared on the same decisions")
    return tuple(_agreement(a, b, views[a], views[b]) for a, b in combinations(sorted(views), 2))


def analyst_influence(decision: float, without: Mapping[str, View]) -> AnalystInfluence:
    """Return the influence of each analyst by leaving one out (Lundberg & Lee 2017 discuss its limits).

    `without` holds, by analyst, the decision that the desk makes from the same evidence without this analyst. Two
    analysts who say the same hide each other: each alone has no influence.
    """
    shifts = {name: decision - other for name, other in sorted(without.items()) if other is not None}
    mover = max(shifts, key=lambda name: abs(shifts[name]), default=None)
    return AnalystInfluence(shifts, mover if mover is not None and shifts[mover] else None)


def moved_together(views: Mapping[str, Sequence[View]], decisions: Sequence[View]) -> Mapping[str, float | None]:
    """Return, by analyst, the share of changes of the decision that the analyst's view made in the same direction.

    Views and decisions of one symbol, oldest first. A change without a view of the analyst on both sides does not
    count for the analyst; a change of the decision in which the analyst's view stayed the same counts as not moved.
    None for an analyst without a change to count. This is association; `analyst_influence` measures the cause. Raises
    ValueError for series of different lengths.
    """
    if any(len(each) != len(decisions) for each in views.values()):
        raise ValueError("analysts and decisions are compared on the same decisions")
    return {name: _moved(each, decisions) for name, each in views.items()}


def _moved(views: Sequence[View], decisions: Sequence[View]) -> float | None:
    steps = [
        (_change(own), _change(made))
        for own, made in zip(pairwise(views), pairwise(decisions), strict=True)
        if _change(made) and _change(own) is not None
    ]
    return sum(own == made for own, made in steps) / len(steps) if steps else None


def _change(pair: tuple[View, View]) -> int | None:
    before, after = pair
    return None if before is None or after is None else _direction(after - before)


def _agreement(first: str, second: str, ours: Sequence[View], theirs: Sequence[View]) -> RoleAgreement:
    pairs = [
        (_direction(a), _direction(b)) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None
    ]
    if not pairs:
        return RoleAgreement(first, second, 0, None, None)
    count = len(pairs)
    agreement = sum(a == b for a, b in pairs) / count
    expected = (
        sum(sum(a == sign for a, _ in pairs) * sum(b == sign for _, b in pairs) for sign in (-1, 0, 1)) / count**2
    )
    kappa = (agreement - expected) / (1 - expected) if expected < 1 else None
    return RoleAgreement(first, second, count, agreement, kappa)


def _direction(view: View) -> int | None:
    return None if view is None else (view > 0) - (view < 0)
