"""Ticker symbology: canonical spelling, exchange, calendar and currency of a ticker.

Class shares are spelled with a point (BRK.B), share series of foreign listings and preferred shares with a hyphen
(NOVO-B.CO, BAC-PL), foreign listings with the suffix used by Yahoo (VOD.L), coins as a pair (BTC-USD).
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from ..domain.errors import NoData

NEW_YORK, CRYPTO = "XNYS", "24/7"
HONG_KONG_DIGITS = 4

_PAIR = re.compile(r"[A-Z0-9]{2,10}-(USD|USDT|USDC|EUR|GBP|BTC)")
_CLASS = re.compile(r"([A-Z]{1,5})[./-]([A-Z])")
_TICKER = re.compile(r"\^?[A-Z0-9]{1,10}(?:-[A-Z0-9]{1,3})?(?:\.(?P<suffix>[A-Z]{1,4}))?")
_HONG_KONG = re.compile(r"(\d{1,5})\.HK")
_OTHER_KINDS = {"=X": "a currency pair", "=F": "a future"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange: its calendar, the currency of its prices, and the price unit (0.01 if prices are in pence)."""

    calendar: str
    currency: str
    unit: Decimal


US_EXCHANGE = Exchange(NEW_YORK, "USD", Decimal(1))


@lru_cache(maxsize=1)
def exchanges() -> Mapping[str, Exchange]:
    """Return the supported exchanges by the suffix of their tickers."""
    text = files(__package__).joinpath("exchanges.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["suffix"]: Exchange(row["calendar"], row["currency"], Decimal(row["unit"])) for row in rows}


@lru_cache(maxsize=65_536)
def normalize_ticker(ticker: str) -> str:
    """Return a ticker in canonical spelling.

    The result is in upper case; BRK/B and BRK-B become BRK.B; Hong Kong numbers have four digits (09992.HK is 9992.HK).
    """
    ticker = ticker.strip().upper()
    if found := _CLASS.fullmatch(ticker):
        return f"{found[1]}.{found[2]}"
    if found := _HONG_KONG.fullmatch(ticker):
        return f"{found[1].lstrip('0').zfill(HONG_KONG_DIGITS)}.HK"
    return ticker


def exchange_of(ticker: str) -> Exchange:
    """Return the exchange of a ticker that is not a crypto pair, by its spelling.

    Raises NoData for an invalid ticker, another kind of instrument and an unknown exchange.
    """
    if kind := _OTHER_KINDS.get(ticker[-2:]):
        raise NoData(f"{ticker[:40]!r} is {kind}; only shares, funds and crypto pairs are supported")
    found = _TICKER.fullmatch(ticker)
    if found is None:
        raise NoData(f"{ticker[:40]!r} is not a valid ticker; write AAPL, BRK.B, BAC-PL, VOD.L or BTC-USD")
    suffix = found["suffix"]
    if suffix is None or (suffix not in exchanges() and _CLASS.fullmatch(ticker)):
        return US_EXCHANGE
    if suffix not in exchanges():
        raise NoData(f"{ticker}: unknown exchange suffix .{suffix}; known are .{', .'.join(sorted(exchanges()))}")
    return exchanges()[suffix]


def calendar_of(ticker: str) -> str:
    """Return the calendar of a ticker by its spelling; raises NoData as `exchange_of`."""
    return CRYPTO if _PAIR.fullmatch(ticker) else exchange_of(ticker).calendar
