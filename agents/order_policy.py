"""The deterministic functions for position sizes and order checks that a desk gives its traders."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ..domain.brief import Brief
from ..domain.outputs import PlannedOrder


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """Two pure functions.

    Attributes:
        size: returns the position, in signed shares, for a conviction in [-1, 1].
        check: returns the defects of a planned order as sentences; empty if the order can be sent.
    """

    size: Callable[[Decimal, Brief], Decimal]
    check: Callable[[PlannedOrder, Brief], tuple[str, ...]]
