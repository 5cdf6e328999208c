"""Lists of tickers: `AAPL,MSFT`, or `@FILE` with tickers separated by commas, spaces or lines."""

import re
from pathlib import Path

from ...app.as_of import read_symbol
from ...domain.errors import ConfigError

MOST_TICKERS = 500


def read_tickers(text: str) -> tuple[str, ...] | None:
    """Return the tickers of a list or a file, each once and in capitals; None for a single ticker.

    `#` starts a comment in a file. Raises ConfigError for an invalid ticker, an empty list, and a file that cannot be
    read.
    """
    if not text.startswith("@") and "," not in text:
        return None
    words = [word for line in _lines(text) for word in re.split(r"[,\s]+", line.split("#")[0]) if word]
    tickers = tuple(dict.fromkeys(str(read_symbol(word)) for word in words))
    if not 0 < len(tickers) <= MOST_TICKERS:
        raise ConfigError(f"{text[:40]!r} has {len(tickers)} tickers; give 1 to {MOST_TICKERS}, such as AAPL,MSFT")
    return tickers


def _lines(text: str) -> list[str]:
    if not text.startswith("@"):
        return [text]
    path = Path(text[1:])
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the watchlist {path} cannot be read: {getattr(error, 'strerror', error)}") from error
