"""Catalog of the vendors: dataset kinds, base URL, key requirement and terms of use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..folder.layout import DatasetKind
from . import (
    alphavantage,
    finnhub,
    fred,
    gdelt,
    massive,
    tiingo,
)
from .alphavantage import AlphaVantage
from .finnhub import Finnhub
from .fred import Fred
from .gdelt import Gdelt
from .massive import Massive
from .rss import Rss
from .tiingo import Tiingo


@dataclass(frozen=True, slots=True)
class VendorInfo:
    """Description of a vendor for the operator.

    Attributes:
        factory: the adapter class; its first argument is the client, the second, if `needs_key`, the key.
        base_url: empty for feeds, each of which has its own URL.
        terms: URL of the terms of use.
        signup: URL to obtain a key; empty if none is needed.
    """

    name: str
    factory: type
    kinds: frozenset[DatasetKind]
    base_url: str
    needs_key: bool
    terms: str
    signup: str = ""


FEEDS: Mapping[str, str] = {
    "rss_yahoo": "https://feeds.finance.yahoo.com/rss/2.0/headline?s={ticker}&region=US&lang=en-US",
    "rss_nasdaq": "https://www.nasdaq.com/feed/rssoutbound?symbol={ticker}",
}
"""Default feeds: name to URL template."""

CATALOGUE: Sequence[VendorInfo] = (
    VendorInfo(
        "fred",
        Fred,
        Fred.kinds,
        fred.BASE_URL,
        needs_key=True,
        terms="https://fred.stlouisfed.org/docs/api/terms_of_use.html",
        signup="https://fred.stlouisfed.org/docs/api/api_key.html",
    ),
    VendorInfo(
        "gdelt", Gdelt, Gdelt.kinds, gdelt.BASE_URL, needs_key=False, terms="https://www.gdeltproject.org/about.html"
    ),
    VendorInfo(
        "rss", Rss, Rss.kinds, "", needs_key=False, terms="https://legal.yahoo.com/us/en/yahoo/terms/otos/index.html"
    ),
    VendorInfo(
        "alphavantage",
        AlphaVantage,
        AlphaVantage.kinds,
        alphavantage.BASE_URL,
        needs_key=True,
        terms="https://www.alphavantage.co/terms_of_service/",
        signup="https://www.alphavantage.co/support/#api-key",
    ),
    VendorInfo(
        "finnhub",
        Finnhub,
        Finnhub.kinds,
        finnhub.BASE_URL,
        needs_key=True,
        terms="https://finnhub.io/terms-of-service",
        signup="https://finnhub.io/register",
    ),
    VendorInfo(
        "tiingo",
        Tiingo,
        Tiingo.kinds,
        tiingo.BASE_URL,
        needs_key=True,
        terms="https://www.tiingo.com/about/terms",
        signup="https://www.tiingo.com/account/api/token",
    ),
    VendorInfo(
        "massive",
        Massive,
        Massive.kinds,
        massive.BASE_URL,
        needs_key=True,
        terms="https://massive.com/terms",
        signup="https://massive.com/dashboard/keys",
    ),
)
