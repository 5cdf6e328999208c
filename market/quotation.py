"""The currency and unit in which the prices of a symbol are quoted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ..domain.errors import DataError, SourceUnavailable
from ..domain.ids import Symbol
from .source import MarketSource
from .symbology import CRYPTO, calendar_of, exchange_of
from .view import MarketView

DOLLAR = "USD"
HUNDREDTHS: Mapping[str, str] = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS"}
"""Names of units that are a hundredth of a currency."""
_DOLLAR_COINS = frozenset({"USDT", "USDC"})


@dataclass(frozen=True, slots=True)
class Quotation:
    """The ISO code of a currency, and one unit of the prices in it: 1, or 0.01 for pence."""

    currency: str
    unit: Decimal = Decimal(1)

    def __str__(self) -> str:
        return self.currency if self.unit == 1 else f"hundredths of {self.currency}"


def quotation(view: MarketView, symbol: Symbol, *, certain: bool = False) -> Quotation:
    """Return the quotation of a symbol: by the suffix of its exchange, else by its profile, else in dollars.

    A crypto pair is quoted in its second currency; coins that are worth a dollar count as dollars. Raises NoData for an
    unknown exchange; with `certain`, raises SourceUnavailable instead of taking dollars if the profile cannot be had.
    """
    spelled = spelled_quotation(symbol)
    return spelled or profile_quotation(view.source, symbol, view.as_of, certain=certain) or Quotation(DOLLAR)


def spelled_quotation(symbol: Symbol) -> Quotation | None:
    """Return the quotation that the spelling of a symbol states; None for one without a foreign suffix.

    Raises NoData for an unknown exchange.
    """
    if calendar_of(symbol) == CRYPTO:
        currency = symbol.rpartition("-")[2]
        return Quotation(DOLLAR if currency in _DOLLAR_COINS else currency)
    exchange = exchange_of(symbol)
    return None if exchange.currency == DOLLAR else Quotation(exchange.currency, exchange.unit)


def profile_quotation(
    source: MarketSource, symbol: Symbol, as_of: datetime, *, certain: bool = False
) -> Quotation | None:
    """Return the quotation in the profile of a symbol that is known at `as_of`; None without one.

    With `certain`, raises SourceUnavailable if the source does not answer.
    """
    try:
        profile = MarketView(source, as_of).profile(symbol)
    except DataError as error:  # the tool that reads the profile reports it
        if certain and isinstance(error, SourceUnavailable):
            raise
        return None
    unit = profile.currency.strip() if profile is not None and profile.currency else ""
    if unit in HUNDREDTHS:
        return Quotation(HUNDREDTHS[unit], Decimal("0.01"))
    return Quotation(unit.upper()) if unit else None
