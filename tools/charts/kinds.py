"""The kinds of charts, their size, and the library that draws them."""

from enum import StrEnum
from importlib.util import find_spec

from ...domain.errors import ConfigError

SESSIONS = 60
"""Most sessions of a chart."""
WIDTH, HEIGHT = 1024, 768
"""Pixels of a chart: its shorter side is the longest that vision models of OpenAI do not scale down."""
LIBRARY = "matplotlib"


class ChartKind(StrEnum):
    """What a chart shows. All have candlesticks and volume of the last sessions.

    `bollinger` adds the mean of 20 closes and bands of 2 standard deviations, `trend` straight lines through the highs
    and the lows, and `trades` the account's own fills.
    """

    PRICE = "price"
    BOLLINGER = "bollinger"
    TREND = "trend"
    TRADES = "trades"


def check_chart_library(role: str = "") -> None:
    """Raise ConfigError, naming the `role` that has charts, if the library that draws them is not installed."""
    if find_spec(LIBRARY) is None:
        whose = f"role {role}: " if role else ""
        remedy = "install it with `pip install 'openoutcry[charts]'`, or set charts: off"
        raise ConfigError(f"{whose}charts require {LIBRARY}: {remedy}")
