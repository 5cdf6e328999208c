"""The listing that a ticker denotes at a given time: renames, and reused tickers.

The renames are those of large US companies, from the symbol change notices of the exchanges.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

from ...domain.errors import NoData
from ...domain.ids import Symbol
from ...domain.market import RenameRecord
from ..folder.layout import DatasetKind
from ..folder.row import midnight
from ..symbology import CRYPTO, calendar_of


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


def rename_records(symbol: Symbol, until: datetime, renames: Sequence[Rename]) -> tuple[RenameRecord, ...]:
    """Return the renames of `symbol` to another one that took effect by `until`."""
    found = [each for each in renames if each.old == symbol and midnight(each.day) <= until]
    return tuple(RenameRecord(symbol, Symbol(each.new), each.day, midnight(each.day)) for each in found)


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
