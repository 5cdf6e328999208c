"""Numbers, prices, shares and times as the reports print them."""

from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from ..domain.text import strip_control
from .escape import Safe


def number(value: Decimal | float) -> Safe:
    """Format a number with thousands separators; trailing zeros beyond cents are removed."""
    text = f"{value:,f}"
    whole, point, fraction = text.partition(".")
    kept = fraction.rstrip("0")
    return Safe(whole + point + kept.ljust(2, "0")) if kept or len(fraction) == 2 else Safe(whole)


def signed(value: Decimal | float) -> Safe:
    """Format a number with a sign and two decimals."""
    return Safe(f"{value:+z.2f}")


def percent(value: Decimal | float) -> Safe:
    """Format a fraction as a signed percentage."""
    return Safe(f"{value * 100:+z.1f} %")


def price(value: Decimal) -> Safe:
    """Format a price: two decimals from 1 upwards, four significant digits below."""
    return Safe(f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{value:.4g}")


def money(value: Decimal) -> Safe:
    """Format an amount in currency with two decimals."""
    return Safe(f"{value:,.2f}")


def share(value: Decimal | float) -> Safe:
    """Format a fraction as a percentage without a plus sign."""
    return Safe(f"{value * 100:.1f} %")


def moment(at: datetime) -> Safe:
    """Format a time to the minute, in UTC."""
    return Safe(f"{at:%Y-%m-%d %H:%M} UTC")


def words(name: str) -> str:
    """Format an identifier as words: `stop_limit` becomes `stop limit`."""
    return str(name).replace("_", " ")


def strip_bidi(value: object) -> object:
    """Remove control and bidirectional formatting characters from text."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else strip_control(value)
