"""Configuration of the public sources: vendors, their keys and addresses, and the fallback chains."""

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from .. import __version__
from ..domain.errors import ConfigError, NoData
from ..domain.ids import Symbol
from ..market.archive import Archive
from ..market.company_names import legal_name
from ..market.folder.accepted_jumps import read_accepted_jumps
from ..market.folder.layout import DatasetKind
from ..market.live import FallbackChain, LiveSource, VendorSlot
from ..market.live.fallback_chain import StatedTime, unstated
from ..market.price_history import MARKET_PROXIES
from ..market.source import MarketSource
from ..market.symbology import calendar_of
from ..market.vendors.catalog import CATALOGUE, FEEDS
from ..market.vendors.edgar import Edgar
from ..market.vendors.gdelt import Gdelt
from ..market.vendors.http_client import HttpClient, HttpPolicy
from ..market.vendors.port import Vendor
from ..market.vendors.rss import Rss
from ..market.vendors.yahoo import Yahoo
from ..market.whole_currency import WholeCurrencySource
from ..tools.evidence.macro import INDICATORS
from .clock import now
from .settings import (
    Settings,
    home,
    vendor_key,
    vendor_key_name,
)

YAHOO, SEC, RSS = Yahoo.name, Edgar.name, "rss"
ORDER = (YAHOO, SEC, "fred", "tiingo", "massive", "alphavantage", "finnhub", RSS, "gdelt")
"""Default order of vendors in a fallback chain: vendors that need no key come first."""
MAX_PARALLEL = 6
CRYPTO_KINDS = (DatasetKind.CRYPTO_DAILY, DatasetKind.NEWS)
STOCK_KINDS = (
    DatasetKind.PRICES_DAILY,
    DatasetKind.SPLITS,
    DatasetKind.DIVIDENDS,
    DatasetKind.NEWS,
    DatasetKind.FUNDAMENTALS,
    DatasetKind.FILING_TEXTS,
    DatasetKind.PROFILE,
)
SERIES = tuple(dict.fromkeys(each.series[-1 if "VIX" in each.series else 0] for each in INDICATORS))
"""FRED ids of the macro series that the desk's indicators are computed from."""


def open_archive(settings: Settings) -> Archive:
    """Open the archive: the file in the settings, or `archive.db` in the home folder."""
    return Archive(archive_path(settings))


def archive_path(settings: Settings) -> Path:
    """Return the file of the archive; `accepted_jumps.csv` is in the same folder."""
    return settings.live.archive or home(settings) / "archive.db"


def open_live(settings: Settings) -> LiveSource:
    """Open the live market on its archive; no request is made."""
    policy = http_policy(settings)
    chain = chain_of(settings, vendor_slots(settings, policy))
    return live_source(settings, open_archive(settings), chain, policy.server_time.now)


def live_source(
    settings: Settings, archive: Archive, chain: FallbackChain, stated: StatedTime = unstated
) -> LiveSource:
    """Return the live market on an open archive, with the accepted jumps beside the archive.

    `stated` returns the time that the vendors state.
    """
    accepted = read_accepted_jumps(archive_path(settings).parent)
    return LiveSource(archive, chain, now, accepted=accepted, stated=stated)


def vendor_slots(settings: Settings, policy: HttpPolicy | None = None) -> Mapping[str, VendorSlot]:
    """Return every vendor by name in the default order; a slot without a vendor states why it cannot be used.

    Raises ConfigError if the settings name an unknown vendor.
    """
    policy = policy or http_policy(settings)
    client = HttpClient(policy, now=now, sleep=time.sleep)
    made = dict(_made(settings, client, policy))
    wrong = (
        {*settings.live.base_urls, *settings.live.key_files} - {listing.name for listing in CATALOGUE} - {YAHOO, SEC}
    )
    if wrong:
        raise ConfigError(f"live: unknown vendor {sorted(wrong)[0]!r}; use one of {', '.join(made)}")
    return made


def http_policy(settings: Settings) -> HttpPolicy:
    """Return the HTTP policy. The user agent is OpenOutcry's name and version, and the contact address if set."""
    contact = f" ({settings.contact})" if settings.contact and settings.contact.isprintable() else ""
    return HttpPolicy(
        f"OpenOutcry/{__version__}{contact}",
        timeout=settings.live.timeout_s,
        attempts=settings.live.attempts,
        per_second=settings.live.per_second,
        proxy=settings.live.proxy,
    )


def _made(settings: Settings, client: HttpClient, policy: HttpPolicy) -> Iterator[tuple[str, VendorSlot]]:
    listings = {listing.name: listing for listing in CATALOGUE}
    urls = settings.live.base_urls
    for name in ORDER:
        if name == YAHOO:
            cache = home(settings) / "yfinance"
            yield name, VendorSlot(name, Yahoo(policy, now=now, sleep=time.sleep, cache=cache, base_url=urls.get(name)))
        elif name == SEC:
            edgar = Edgar(client, contact=settings.contact, now=now, ciks=settings.live.ciks, base_url=urls.get(name))
            yield name, VendorSlot(name, edgar)
        elif name == RSS:
            feeds = FEEDS if settings.live.feeds is None else settings.live.feeds
            yield from ((feed, VendorSlot(feed, Rss(client, feed, address))) for feed, address in feeds.items())
        elif name == Gdelt.name:
            base = urls.get(name, listings[name].base_url)
            yield name, VendorSlot(name, Gdelt(client, names=legal_name, base_url=base))
        else:
            yield name, _keyed(settings, client, name, urls.get(name, listings[name].base_url))


def _keyed(settings: Settings, client: HttpClient, name: str, base: str) -> VendorSlot:
    listing = next(each for each in CATALOGUE if each.name == name)
    key = vendor_key(settings, name)
    if key is None:
        return VendorSlot(name, None, f"no key; set {vendor_key_name(name)}, available at {listing.signup}")
    clock = {"now": now} if name == "fred" else {}
    vendor: Vendor = listing.factory(client, key, base_url=base, **clock)
    return VendorSlot(name, vendor)


def chain_of(settings: Settings, made: Mapping[str, VendorSlot]) -> FallbackChain:
    """Return the fallback chain of vendors for each kind; raises ConfigError for an invalid chain in the settings."""
    known = {listing.name: listing.kinds for listing in CATALOGUE} | {YAHOO: Yahoo.kinds, SEC: Edgar.kinds}
    gives = {name: known.get(name, Rss.kinds) for name in made}
    usual = {kind: [slot for name, slot in made.items() if kind in gives[name]] for kind in DatasetKind}
    for kind, names in settings.live.chains.items():
        if kind not in set(DatasetKind):
            raise ConfigError(f"live.chains: unknown kind {kind!r}; use one of {', '.join(DatasetKind)}")
        for name in names:
            if kind not in gives.get(name, ()):
                able = ", ".join(each for each in made if kind in gives[each]) or "no vendor"
                raise ConfigError(f"live.chains.{kind}: {name!r} does not provide {kind}; {able} does")
        usual[DatasetKind(kind)] = [made[name] for name in names]
    return usual


def kinds_of(ticker: str) -> Sequence[DatasetKind]:
    """Return the kinds of data that exist for a ticker."""
    return CRYPTO_KINDS if calendar_of(ticker) == "24/7" else STOCK_KINDS


def prefetch_live(source: MarketSource, symbol: Symbol, timestamp: datetime) -> None:
    """Fetch all data that a decision reads, in parallel. A failure is reported when the missing data is read."""
    source = source.inner if isinstance(source, WholeCurrencySource) else source
    assert isinstance(source, LiveSource)
    ensure = source.ensure
    wanted = [(kind, str(symbol)) for kind in kinds_of(symbol)]
    if calendar_of(symbol) == calendar_of(MARKET_PROXIES[0]):
        wanted += [
            (kind, str(MARKET_PROXIES[0]))
            for kind in (DatasetKind.PRICES_DAILY, DatasetKind.SPLITS, DatasetKind.DIVIDENDS)
        ]
    wanted += [(DatasetKind.MACRO, series) for series in SERIES]

    def fetch(one: tuple[DatasetKind, str]) -> None:
        try:
            ensure(*one, timestamp)
        except NoData:
            return

    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        list(pool.map(fetch, wanted))
