"""Tickers: how they are spelled, which calendar they keep, and what they were called before.

Class shares are spelled with a point (BRK.B), foreign listings with the ending that Yahoo uses (VOD.L), coins as a pair
(BTC-USD). The renames are those of large US companies, from the exchanges' own notices of symbol changes.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

from ...domain.errors import NoData
from ...domain.ids import Symbol
from ...domain.market import RenameRecord
from ..folder.layout import DatasetKind
from ..folder.row import midnight
from ..folder.tables import CRYPTO, EXCHANGE

EXCHANGES: Mapping[str, str] = {
    "AS": "XAMS",
    "AX": "XASX",
    "BR": "XBRU",
    "CO": "XCSE",
    "DE": "XETR",
    "F": "XFRA",
    "HE": "XHEL",
    "HK": "XHKG",
    "IR": "XDUB",
    "KS": "XKRX",
    "L": "XLON",
    "LS": "XLIS",
    "MC": "XMAD",
    "MI": "XMIL",
    "OL": "XOSL",
    "PA": "XPAR",
    "SA": "BVMF",
    "ST": "XSTO",
    "SW": "XSWX",
    "T": "XTKS",
    "TO": "XTSE",
    "TW": "XTAI",
    "V": "XTSE",
    "VI": "XWBO",
    "WA": "XWAR",
}
"""Exchange calendars by the ending of a foreign ticker."""

_PAIR = re.compile(r"[A-Z0-9]{2,10}-(USD|USDT|USDC|EUR|GBP|BTC)")
_CLASS = re.compile(r"([A-Z]{1,5})[./-]([A-Z])")
_ENDING = re.compile(r"[A-Z0-9&-]+\.([A-Z]{1,3})")
_TICKER = re.compile(r"\^?[A-Z0-9]{1,10}(\.[A-Z]{1,3})?")


def normalize_ticker(ticker: str) -> str:
    """Return a ticker in the spelling that is used throughout: BRK/B and BRK-B become BRK.B."""
    ticker = ticker.strip().upper()
    found = _CLASS.fullmatch(ticker)
    return f"{found[1]}.{found[2]}" if found else ticker


def calendar_of(ticker: str) -> str:
    """Return the calendar of a ticker, told by its spelling; raises NoData for what is none, or of no exchange."""
    if _PAIR.fullmatch(ticker):
        return CRYPTO
    if not _TICKER.fullmatch(ticker):
        raise NoData(f"{ticker[:40]!r} is spelled like no ticker; write AAPL, BRK.B, VOD.L or BTC-USD")
    ending = _ENDING.fullmatch(ticker)
    if ending is None or (ending[1] not in EXCHANGES and _CLASS.fullmatch(ticker)):
        return EXCHANGE
    if ending[1] not in EXCHANGES:
        raise NoData(f"{ticker}: no exchange is known for .{ending[1]}; there are .{', .'.join(sorted(EXCHANGES))}")
    return EXCHANGES[ending[1]]


@dataclass(frozen=True, slots=True)
class Rename:
    """That a company whose shares were called `old` is called `new` from the session `day` on."""

    old: str
    new: str
    day: date


@lru_cache(maxsize=1)
def known_renames() -> tuple[Rename, ...]:
    """Return the renames that ship with the package."""
    text = files(__package__).joinpath("renames.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Rename(row["old"], row["new"], date.fromisoformat(row["day"])) for row in rows)


def rename_records(symbol: Symbol, until: datetime, renames: Sequence[Rename]) -> tuple[RenameRecord, ...]:
    """Return the renames of `symbol` to another one that took effect by `until`."""
    found = [each for each in renames if each.old == symbol and midnight(each.day) <= until]
    return tuple(RenameRecord(symbol, Symbol(each.new), each.day, midnight(each.day)) for each in found)


@dataclass(frozen=True, slots=True)
class ListingIdentity:
    """Who a ticker is at a moment.

    Attributes:
        asked: what vendors, who know only the names of today, are asked for.
        born: before this moment the ticker was somebody else's; None where it was not.
        until: from this moment on it is no more; None while it is.
        hint: what to tell where nothing is found.
    """

    asked: str
    born: datetime | None = None
    until: datetime | None = None
    hint: str = ""


def resolve_listing(ticker: str, timestamp: datetime, renames: Sequence[Rename]) -> ListingIdentity:
    """Return who `ticker` is at `moment`; raises NoData for one that was not yet called so."""
    for rename in renames:
        day = midnight(rename.day)
        if ticker == rename.new and timestamp < day:
            raise NoData(f"{rename.new} was called {rename.old} before {rename.day}; ask for {rename.old} as of then")
        if ticker == rename.old and timestamp < day:
            return ListingIdentity(rename.new, until=day)
        if ticker == rename.old:
            return ListingIdentity(ticker, born=day, hint=f"{rename.old} is called {rename.new} since {rename.day}")
    return ListingIdentity(ticker)


def is_crypto(symbol: str) -> bool:
    """Return whether a ticker trades around the clock."""
    return calendar_of(symbol) == CRYPTO


def daily_kind(symbol: str) -> DatasetKind:
    """Return the kind of daily bars of a ticker."""
    return DatasetKind.CRYPTO_DAILY if is_crypto(symbol) else DatasetKind.PRICES_DAILY
