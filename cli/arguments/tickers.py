"""Lists of tickers: `AAPL,MSFT`, or `@FILE` with tickers separated by commas, spaces or lines."""

from ...app.watchlist import read_watchlist
from ...domain.errors import ConfigError


def read_tickers(text: str) -> tuple[str, ...] | None:
    """Return the tickers of a list or a file, each once and in canonical spelling; None for a single ticker.

    Raises ConfigError as `read_watchlist`, and for an entry that names a desk.
    """
    if not text.startswith("@") and "," not in text:
        return None
    entries = read_watchlist(text)
    if named := [entry for entry in entries if entry.desk]:
        raise ConfigError(f"{named[0].symbol}: {named[0].desk} names a desk; use --desk, or `paper run` with this list")
    return tuple(entry.symbol for entry in entries)
