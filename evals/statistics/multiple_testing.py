"""P-values of several tests at once."""

from collections.abc import Mapping


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return the p-values by name, adjusted so that the chance of any false finding stays below the level.

    The i-th smallest of m is multiplied by m - i + 1, made non-decreasing and cut at 1. Holm, Scandinavian Journal of
    Statistics 6 (1979); it needs no independence. Raises ValueError for values outside [0, 1].
    """
    if not all(0 <= each <= 1 for each in p_values.values()):
        raise ValueError("a p-value is between 0 and 1")
    adjusted, largest = dict[str, float](), 0.0
    for place, name in enumerate(sorted(p_values, key=lambda name: (p_values[name], name))):
        largest = max(largest, min(1.0, p_values[name] * (len(p_values) - place)))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}
