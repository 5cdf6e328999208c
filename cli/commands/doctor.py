"""`openoutcry doctor`: checks of this installation and its configuration."""

import json
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ... import __version__
from ...app.clock import now
from ...app.factories import (
    LIVE,
    endpoint,
    open_market,
    open_store,
)
from ...app.market_data import (
    chain_of,
    http_policy,
    open_archive,
    vendor_slots,
)
from ...app.settings import (
    KEY_NAME,
    Settings,
    api_key,
    base_url,
    home,
    load_settings,
)
from ...domain.errors import OpenOutcryError
from ...market.folder.layout import DatasetKind
from ...market.live import VendorSlot
from ..console.exit_codes import ExitCode
from ..console.tables import plain_text

PACKAGES = ("openai", "langgraph", "pydantic", "chromadb", "yfinance", "TA-Lib", "exchange-calendars", "sqlalchemy")
LEAST_FREE_MB = 500
LARGEST_SKEW_S = 120
REACH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; `ok` is False only if a decision could fail because of it."""

    what: str
    ok: bool
    said: str


def run_checks(*, as_json: bool, offline: bool) -> ExitCode:
    """Print every check; returns USAGE (2) if one failed. With `offline`, the public sources are not contacted."""
    settings = load_settings({})
    findings = (*_findings(settings), *(() if offline else _sources(settings)))
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n")
    else:
        table = Table("", "what", "finding")
        for finding in findings:
            table.add_row(
                Text("ok") if finding.ok else Text("!!", style="red"),
                plain_text(finding.what),
                plain_text(finding.said),
            )
        Console().print(table)
    return ExitCode.DONE if all(finding.ok for finding in findings) else ExitCode.USAGE


def _findings(settings: Settings) -> Iterator[CheckResult]:
    yield CheckResult("openoutcry", True, f"{__version__} on Python {platform.python_version()}, {platform.platform()}")
    yield from (_package(name) for name in PACKAGES)
    yield _run_check("state folder", lambda: _disk(settings))
    yield _run_check("run store", lambda: f"{len(open_store(settings).runs())} runs")
    yield _run_check("market", lambda: _market(settings))
    yield _key(settings)
    yield from _endpoint(settings)


def _package(name: str) -> CheckResult:
    try:
        return CheckResult(name, True, version(name))
    except PackageNotFoundError:
        return CheckResult(name, False, "not installed; install openoutcry again")


def _run_check(what: str, look: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(what, True, look())
    except OpenOutcryError as error:
        return CheckResult(what, False, str(error))


def _disk(settings: Settings) -> str:
    folder = home(settings)
    free = shutil.disk_usage(folder).free // 2**20
    return f"{folder}, {free:,} MB free" + (" (little)" if free < LEAST_FREE_MB else "")


def _market(settings: Settings) -> str:
    start = time.perf_counter()
    source = open_market(settings)
    return f"{settings.market}: {len(source.symbols())} symbols, opened in {time.perf_counter() - start:.2f} s"


def _key(settings: Settings) -> CheckResult:
    try:
        held = api_key(settings) is not None
    except OpenOutcryError as error:
        return CheckResult("model key", False, str(error))
    said = (
        "present"
        if held
        else f"{KEY_NAME} is not set: rules answer unless --model names a model at a --base-url that needs no key"
    )
    return CheckResult("model key", True, said)


def _endpoint(settings: Settings) -> Iterator[CheckResult]:
    if api_key(settings) is None and base_url(settings) is None:
        yield CheckResult("model endpoint", True, "not checked: no key and no --base-url")
        return
    place = endpoint(settings)
    try:
        reply = httpx.get(
            f"{place.request_url.rstrip('/')}/models",
            timeout=REACH_SECONDS,
            headers={"Authorization": f"Bearer {place.key}"},
            auth=place.login,
        )
    except httpx.HTTPError as error:
        host = urlsplit(place.request_url).netloc
        yield CheckResult("model endpoint", False, f"{host} cannot be reached: {place.scrub(type(error).__name__)}")
        return
    refused = reply.status_code in (401, 403)
    yield CheckResult(
        "model endpoint",
        not refused,
        f"{place.redacted_url} returns {reply.status_code}" + (": the key is rejected" if refused else ""),
    )
    yield from _clock(reply)


def _sources(settings: Settings) -> Iterator[CheckResult]:
    """Check every public source with its cheapest request, in parallel and with a short timeout.

    An unreachable source fails the check only if the live market is configured. A missing key never does.
    """
    try:
        policy = replace(http_policy(settings), timeout=REACH_SECONDS, deadline=REACH_SECONDS, attempts=1)
        made = vendor_slots(settings, policy)
        chain_of(settings, made)
    except OpenOutcryError as error:
        yield CheckResult("public sources", False, str(error))
        return
    yield _run_check("archive", lambda: _archive(settings))
    with ThreadPoolExecutor(len(made)) as pool:
        yield from pool.map(lambda station: _source(station, needed=settings.market == LIVE), made.values())


def _source(slot: VendorSlot, *, needed: bool) -> CheckResult:
    if slot.vendor is None:
        return CheckResult(slot.name, True, slot.why_not)
    start = time.perf_counter()
    try:
        slot.vendor.check()
    except OpenOutcryError as error:
        return CheckResult(slot.name, not needed, f"not reachable: {error}")
    return CheckResult(slot.name, True, f"reachable, answered in {time.perf_counter() - start:.1f} s")


def _archive(settings: Settings) -> str:
    archive = open_archive(settings)
    tickers = {*archive.keys(DatasetKind.PRICES_DAILY), *archive.keys(DatasetKind.CRYPTO_DAILY)}
    archive.close()
    return f"{len(tickers)} tickers with prices"


def _clock(reply: httpx.Response) -> Iterator[CheckResult]:
    from email.utils import parsedate_to_datetime

    if "date" in reply.headers:
        skew = abs((now() - parsedate_to_datetime(reply.headers["date"])).total_seconds())
        yield CheckResult("clock", skew < LARGEST_SKEW_S, f"{skew:.0f} s from the endpoint's")
