"""Check of a ticker before a run is started."""

from difflib import get_close_matches

from ..domain.errors import NoData
from ..domain.ids import Symbol
from ..market.source import MarketSource
from .factories import DEMO
from .settings import Settings


def check_ticker(settings: Settings, source: MarketSource, symbol: Symbol) -> None:
    """Raise NoData if the demo market has no such ticker; the message names similar ones and the other markets."""
    if settings.market != DEMO or symbol in (known := source.symbols()):
        return
    close = get_close_matches(symbol, known, n=3)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise NoData(
        f"the demo market has no ticker {symbol}; {hint}--market live takes real tickers, --market DIR a folder "
        "with your data"
    )
