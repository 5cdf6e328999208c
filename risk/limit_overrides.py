"""Limits that a desk file states: they can only tighten those of the operator's settings."""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from .limit_settings import RANGES, Limits

LOWER_BOUNDS = frozenset({"min_price", "min_daily_notional"})
"""Limits that are tighter the larger they are."""
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class LimitOverrides(BaseModel):
    """The limits of a desk, by the names and in the units of `Limits`; None for that of the settings.

    `restricted` adds symbols that the desk may not open.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    target_volatility: Amount | None = None
    max_position: Amount | None = None
    max_gross: Amount | None = None
    max_net: Amount | None = None
    max_order_notional: Amount | None = None
    max_loss: Amount | None = None
    price_collar: Amount | None = None
    max_volume_share: Amount | None = None
    min_price: Amount | None = None
    min_daily_notional: Amount | None = None
    restricted: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _limits_something(self) -> "LimitOverrides":
        for name, value in self.amounts().items():
            largest = RANGES.get(name)
            if largest is not None and not 0 < value <= largest:
                raise ValueError(f"{name} is {value}; it must be above 0 and at most {largest}")
        return self

    def amounts(self) -> dict[str, Decimal]:
        """Return the stated amounts by name."""
        stated = {name: getattr(self, name) for name in type(self).model_fields if name != "restricted"}
        return {name: value for name, value in stated.items() if value is not None}

    def within(self, limits: Limits) -> Limits:
        """Return `limits` with those of the desk.

        Raises ConfigError for one that is wider than that of `limits`: a desk file that somebody else has written must
        not loosen what the operator has set, and to ignore it would surprise its author.
        """
        stated = self.amounts()
        for name, value in stated.items():
            base = getattr(limits, name)
            if (value < base) if name in LOWER_BOUNDS else (value > base):
                raise ConfigError(
                    f"risk.limits.{name} of the desk is {value}, wider than the {base} of the settings; a desk can "
                    f"only tighten limits: remove the key, or change limits.{name} in the settings"
                )
        symbols = frozenset(Symbol(symbol.strip().upper()) for symbol in self.restricted)
        return replace(limits, **stated, restricted=limits.restricted | symbols)
