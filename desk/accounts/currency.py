"""The currency of an account: a symbol that is quoted in another currency or unit is refused."""

from datetime import datetime

from ...domain.errors import ConfigError, NoData
from ...domain.ids import Symbol
from ...market.quotation import quotation
from ...market.source import MarketSource
from ...market.view import MarketView


def check_currency(source: MarketSource, symbol: Symbol, currency: str, as_of: datetime) -> None:
    """Raise ConfigError unless prices of `symbol` are quoted in whole units of `currency`; an unknown symbol passes."""
    try:
        quoted = quotation(MarketView(source, as_of), symbol)
    except NoData:
        return
    if quoted.currency != currency:
        raise ConfigError(
            f"{symbol} is quoted in {quoted} and the account is in {currency}; amounts are not converted, so use an "
            f"account in {quoted.currency}"
        )
    if quoted.unit != 1:
        raise ConfigError(
            f"{symbol} is quoted in {quoted}; an account in {currency} needs prices in whole {currency}, so use a "
            "market folder with prices divided by 100"
        )
