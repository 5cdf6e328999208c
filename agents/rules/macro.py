"""The macro rule: changes count more than levels, and nothing here counts for much.

Implied volatility and its change (Whaley 2000), the slope of the curve (Estrella & Mishkin 1998), the rise of
unemployment from a year before (in the spirit of Sahm 2019) and the change of the ten-year yield.
"""

from collections.abc import Callable

from ...domain.abstention import Abstention
from ...domain.outputs import Report
from ..context import AgentContext
from .signals import (
    Signal,
    report_from,
    squash,
    values,
)

DAMPING = 0.4
"""Largest score of one macro signal; macro data is public and changes slowly."""

Reader = Callable[[float], tuple[float, str]]

READINGS: tuple[tuple[str, float, Reader], ...] = (
    ("macro.vix", 0.2, lambda v: (-(v - 20) / 10, f"Implied volatility at {v:.1f}.")),
    ("macro.vix_chg21", 0.3, lambda v: (-v / 8, f"Implied volatility {v:+.1f} over a month.")),
    ("macro.t10y2y", 0.15, lambda v: (v / 1.5, f"Curve slope {v:+.2f} points.")),
    ("macro.unrate_chg12", 0.2, lambda v: (-v / 0.5, f"Unemployment {v:+.1f} points in a year.")),
    ("macro.dgs10_chg63", 0.15, lambda v: (-v / 0.75, f"Ten-year yield {v:+.2f} points in a quarter.")),
)
"""Evidence id, weight, and the functions from its value to a ratio (for `squash`) and to a sentence."""


def macro(context: AgentContext) -> Report | Abstention:
    """Return a report on volatility, rates and employment."""
    return report_from("macro", macro_signals(context))


def macro_signals(context: AgentContext) -> tuple[Signal, ...]:
    """Return one damped signal for every available series."""
    signals = []
    for name, weight, reader in READINGS:
        if (found := values(context, name)) is not None:
            ratio, text = reader(found[0])
            signals.append(Signal(DAMPING * squash(ratio), weight, text, context.existing_ids((name,))))
    return tuple(signals)
