"""Ticker symbology: spelling, exchange calendar and renames.

Class shares are spelled with a point (BRK.B), foreign listings with the suffix used by Yahoo (VOD.L), coins as a pair
(BTC-USD). The renames are those of large US companies, from the symbol change notices of the exchanges.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

from ...domain.errors import NoData
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
"""Exchange calendars by the suffix of a foreign ticker."""

_PAIR = re.compile(r"[A-Z0-9]{2,10}-(USD|USDT|USDC|EUR|GBP|BTC)")
_CLASS = re.compile(r"([A-Z]{1,5})[./-]([A-Z])")
_ENDING = re.compile(r"[A-Z0-9&-]+\.([A-Z]{1,3})")
_TICKER = re.compile(r"\^?[A-Z0-9]{1,10}(\.[A-Z]{1,3})?")


def normalize_ticker(ticker: str) -> str:
    """Return a ticker in canonical spelling: upper case, with BRK/B and BRK-B as BRK.B."""
    ticker = ticker.strip().upper()
    found = _CLASS.fullmatch(ticker)
    return f"{found[1]}.{found[2]}" if found else ticker


def calendar_of(ticker: str) -> str:
    """Return the calendar of a ticker by its spelling; raises NoData for an invalid ticker or an unknown exchange."""
    if _PAIR.fullmatch(ticker):
        return CRYPTO
    if not _TICKER.fullmatch(ticker):
        raise NoData(f"{ticker[:40]!r} is not a valid ticker; write AAPL, BRK.B, VOD.L or BTC-USD")
    ending = _ENDING.fullmatch(ticker)
    if ending is None or (ending[1] not in EXCHANGES and _CLASS.fullmatch(ticker)):
        return EXCHANGE
    if ending[1] not in EXCHANGES:
        raise NoData(f"{ticker}: unknown exchange suffix .{ending[1]}; known are .{', .'.join(sorted(EXCHANGES))}")
    return EXCHANGES[ending[1]]


@dataclass(frozen=True, slots=True)
class Rename:
    """A ticker change from `old` to `new`, effective from the session `day`."""

    old: str
    new: str
    day: date


@lru_cache(maxsize=1)
def known_renames() -> tuple[Rename, ...]:
    """Return the renames included in the package."""
    text = files(__package__).joinpath("renames.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Rename(row["old"], row["new"], date.fromisoformat(row["day"])) for row in rows)


@dataclass(frozen=True, slots=True)
class ListingIdentity:
    """The listing that a ticker denotes at a given time.

    Attributes:
        asked: current ticker, used in requests to vendors.
        born: start of the listing, if the ticker belonged to another listing before; otherwise None.
        until: end of the use of the ticker; None if it is current.
        hint: added to the error message if nothing is found.
    """

    asked: str
    born: datetime | None = None
    until: datetime | None = None
    hint: str = ""


def resolve_listing(ticker: str, timestamp: datetime, renames: Sequence[Rename]) -> ListingIdentity:
    """Return the listing that `ticker` denotes at `timestamp`; raises NoData if the ticker was not yet in use."""
    for rename in renames:
        day = midnight(rename.day)
        if ticker == rename.new and timestamp < day:
            raise NoData(f"{rename.new} traded as {rename.old} before {rename.day}; use {rename.old} for earlier dates")
        if ticker == rename.old and timestamp < day:
            return ListingIdentity(rename.new, until=day)
        if ticker == rename.old:
            return ListingIdentity(ticker, born=day, hint=f"{rename.old} has traded as {rename.new} since {rename.day}")
    return ListingIdentity(ticker)


def is_crypto(symbol: str) -> bool:
    """Return whether a ticker is a crypto pair, which trades around the clock."""
    return calendar_of(symbol) == CRYPTO


def daily_kind(symbol: str) -> DatasetKind:
    """Return the kind of daily bars of a ticker."""
    return DatasetKind.CRYPTO_DAILY if is_crypto(symbol) else DatasetKind.PRICES_DAILY
