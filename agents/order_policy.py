"""What the desk lends its traders: the arithmetic that stands above them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ..domain.brief import Brief
from ..domain.outputs import PlannedOrder


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """Two pure functions.

    Attributes:
        size: from a conviction in [-1, 1] to the position, in signed shares, that the desk would hold for it.
        defects: what a broker or common sense would refuse about a planned order, in words; empty when it can be sent.
    """

    size: Callable[[Decimal, Brief], Decimal]
    check: Callable[[PlannedOrder, Brief], tuple[str, ...]]
