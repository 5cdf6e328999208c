"""The limits that arithmetic enforces after the committee."""

from dataclasses import dataclass, replace
from decimal import Decimal

from ..domain.errors import ConfigError
from ..domain.ids import Symbol

RANGES = {
    **dict.fromkeys(("target_volatility", "max_position", "max_loss", "price_collar", "max_volume_share"), Decimal(1)),
    **dict.fromkeys(("max_gross", "max_net"), Decimal(10)),
    "max_order_notional": Decimal(10) ** 12,
}
"""The largest value of each limit; shares of equity are written as 0.20, never as 20."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Hard limits. Shares of equity unless said otherwise; every one that fires is recorded.

    Attributes:
        target_volatility: annual volatility that one position may add to equity at a conviction of 1.
        max_position: largest size of one position.
        max_gross, max_net: largest gross exposure, and largest net exposure in either direction.
        max_order_notional: largest value of one order, in currency.
        max_loss: largest loss of one position between its entry and its stop.
        price_collar: largest distance of any price from the last close, as a share of it.
        max_volume_share: largest order as a share of the average daily volume.
        min_price: smallest last close that may be traded, in currency.
        min_daily_notional: smallest average daily turnover that may be traded, in currency.
        restricted: symbols that may not be opened.
    """

    target_volatility: Decimal = Decimal("0.10")
    max_position: Decimal = Decimal("0.20")
    max_gross: Decimal = Decimal("1.50")
    max_net: Decimal = Decimal("1.00")
    max_order_notional: Decimal = Decimal(1_000_000)
    max_loss: Decimal = Decimal("0.02")
    price_collar: Decimal = Decimal("0.20")
    max_volume_share: Decimal = Decimal("0.05")
    min_price: Decimal = Decimal(1)
    min_daily_notional: Decimal = Decimal(1_000_000)
    restricted: frozenset[Symbol] = frozenset()


def validate(limits: Limits) -> Limits:
    """Return an operator's limits with restricted symbols as symbols are written.

    Raises ConfigError for limits that limit nothing, or everything.
    """
    for name, limit in RANGES.items():
        value = getattr(limits, name)
        if not 0 < value <= limit:
            raise ConfigError(f"limits.{name} is {value}; it must be above 0 and at most {limit}")
    for name in ("min_price", "min_daily_notional"):
        if getattr(limits, name) < 0:
            raise ConfigError(f"limits.{name} is {getattr(limits, name)}; it cannot be negative")
    symbols = frozenset(Symbol(symbol.strip().upper()) for symbol in limits.restricted)
    return replace(limits, restricted=symbols)
