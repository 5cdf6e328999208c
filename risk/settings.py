"""The limits that arithmetic enforces after the committee."""

from dataclasses import dataclass
from decimal import Decimal

from ..domain.ids import Symbol


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
