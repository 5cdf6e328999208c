"""Tests of many arms against one and of many arms at once, by the optional package `arch`."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from ...domain.errors import ConfigError
from ...performance.returns import Floats, spread
from .block_length import block_length


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """Whether the best arm beats the reference, with the number of arms taken into account.

    Attributes:
        p_value: the consistent p-value of the hypothesis that no arm is better than the reference.
        lower, upper: the p-values of the liberal and of the conservative variant of the test.
        best: the arm with the largest mean difference.
    """

    p_value: float
    lower: float
    upper: float
    best: str


@dataclass(frozen=True, slots=True)
class ConfidenceSet:
    """The arms that cannot be distinguished from the best one.

    Attributes:
        included: the arms that remain, in alphabetical order.
        p_values: by arm, the level up to which it would remain.
    """

    included: tuple[str, ...]
    p_values: Mapping[str, float]


def superior_ability(
    reference: Floats, arms: Mapping[str, Floats], *, draws: int = 1_000, seed: int = 0
) -> SuperiorAbility | None:
    """Return the test of superior predictive ability of Hansen, Journal of Business & Economic Statistics 23 (2005).

    Each series has one return a session. Arms whose difference from the reference does not vary are left out. None if
    no arm remains or there are fewer than 20 sessions. Raises ConfigError if `arch` is not installed.
    """
    library = _arch()
    varied = {name: each for name, each in sorted(arms.items()) if spread(each - reference)}
    if not varied or len(reference) < 20:
        return None
    table = np.column_stack(list(varied.values()))
    block = max(1, round(max(block_length(each - reference).stationary for each in varied.values())))
    test = library.SPA(-reference, -table, block_size=block, reps=draws, seed=seed)
    test.compute()
    best = max(varied, key=lambda name: float((varied[name] - reference).mean()))
    values = test.pvalues
    return SuperiorAbility(float(values["consistent"]), float(values["lower"]), float(values["upper"]), best)


def model_confidence_set(
    arms: Mapping[str, Floats], *, confidence: float = 0.95, draws: int = 1_000, seed: int = 0
) -> ConfidenceSet | None:
    """Return the model confidence set of Hansen, Lunde & Nason, Econometrica 79 (2011).

    Each series has one return a session. None with fewer than two arms or 20 sessions, and where two arms differ by a
    constant. Raises ConfigError if `arch` is not installed.
    """
    library = _arch()
    names = sorted(arms)
    series = [arms[name] for name in names]
    pairs = [(a, b) for place, a in enumerate(series) for b in series[:place]]
    if len(names) < 2 or len(series[0]) < 20 or not all(spread(a - b) for a, b in pairs):
        return None
    block = max(1, round(max(block_length(a - b).stationary for a, b in pairs)))
    losses = -np.column_stack(series)
    test = library.MCS(losses, size=1 - confidence, reps=draws, block_size=block, seed=seed)
    test.compute()
    values = test.pvalues["Pvalue"]
    return ConfidenceSet(
        tuple(names[place] for place in sorted(test.included)),
        {names[place]: float(values[place]) for place in range(len(names))},
    )


def _arch() -> Any:
    try:
        return import_module("arch.bootstrap")
    except ImportError as error:
        raise ConfigError('this test needs the package arch: pip install "openoutcry[stats]"') from error
