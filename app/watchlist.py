"""Watchlists: the tickers that an account follows, each with its desk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..domain.errors import ConfigError
from ..domain.ids import Symbol
from .factories import normalize_symbol

MOST_TICKERS = 500


@dataclass(frozen=True, slots=True)
class WatchlistEntry:
    """A ticker to follow; `desk` is a desk of its own, None for the account's."""

    symbol: Symbol
    desk: str | None = None


def read_watchlist(given: str | Sequence[str]) -> tuple[WatchlistEntry, ...]:
    """Return the entries of `A,B,C`, of a list, or of the file in `@FILE`, each ticker once.

    An entry is `TICKER` or `TICKER: DESK`; in a file, `#` starts a comment. Raises ConfigError for an invalid ticker,
    one ticker with two desks, an empty list, more than MOST_TICKERS entries, and a file that cannot be read.
    """
    words = [word for text in ([given] if isinstance(given, str) else given) for word in _words(text)]
    found: dict[Symbol, WatchlistEntry] = {}
    for word in words:
        entry = _entry(word)
        if found.setdefault(entry.symbol, entry) != entry:
            raise ConfigError(f"the watchlist names {entry.symbol} with two desks; keep one of them")
    if not 0 < len(found) <= MOST_TICKERS:
        shown = given if isinstance(given, str) else ",".join(given)
        raise ConfigError(f"{shown[:40]!r} has {len(found)} tickers; give 1 to {MOST_TICKERS}, such as AAPL,MSFT")
    return tuple(found.values())


def _words(text: str) -> list[str]:
    lines = (re.sub(r"\s*:\s*", ":", line.split("#")[0]) for line in _lines(text))
    return [word for line in lines for word in re.split(r"[,\s]+", line) if word]


def _lines(text: str) -> list[str]:
    if not text.startswith("@"):
        return [text]
    path = Path(text[1:])
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the watchlist {path} cannot be read: {getattr(error, 'strerror', error)}") from error


def _entry(word: str) -> WatchlistEntry:
    ticker, _, desk = (part.strip() for part in word.partition(":"))
    return WatchlistEntry(normalize_symbol(ticker), desk or None)
