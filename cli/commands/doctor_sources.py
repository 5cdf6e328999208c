"""The checks of `doctor` on the endpoint and on the public sources of market data."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ...app.factories import LIVE
from ...app.market_data import chain_of, http_policy, open_archive, vendor_slots
from ...app.settings import Settings
from ...domain.errors import OpenOutcryError
from ...market.folder.layout import DatasetKind
from ...market.live import VendorSlot
from .doctor_checks import CheckOutcome, CheckResult, run_check
from .doctor_endpoint import REACH_SECONDS, endpoint_checks

PUBLIC = "public sources"


def source_checks(settings: Settings, *, offline: bool) -> Iterator[CheckResult]:
    """Yield the check of the models' endpoint, and of every public source unless `offline`."""
    yield from endpoint_checks(settings)
    if offline:
        yield CheckResult(PUBLIC, CheckOutcome.SKIPPED, "--offline", "run doctor without --offline")
        return
    try:
        policy = replace(http_policy(settings), timeout=REACH_SECONDS, deadline=REACH_SECONDS, attempts=1)
        made = vendor_slots(settings, policy)
        chain_of(settings, made)
    except OpenOutcryError as error:
        yield CheckResult(PUBLIC, CheckOutcome.FAILED, str(error), "correct the section [live] of the settings")
        return
    yield run_check("archive", lambda: _archive(settings), "move the file away, or restore it")
    with ThreadPoolExecutor(len(made)) as pool:
        yield from pool.map(lambda slot: _source(slot, needed=settings.market == LIVE), made.values())


def _source(slot: VendorSlot, *, needed: bool) -> CheckResult:
    """Check a source with its cheapest request; an unreachable one fails only if the live market is configured."""
    if slot.vendor is None:
        cause, _, remedy = slot.why_not.partition("; ")
        return CheckResult(slot.name, CheckOutcome.SKIPPED, cause, remedy)
    start = time.perf_counter()
    try:
        slot.vendor.check()
    except OpenOutcryError as error:
        outcome = CheckOutcome.FAILED if needed else CheckOutcome.WARNING
        cause, _, remedy = str(error).partition("; ")
        return CheckResult(slot.name, outcome, f"not reachable: {cause}", remedy or "check the network")
    return CheckResult(slot.name, CheckOutcome.OK, f"reachable, answered in {time.perf_counter() - start:.1f} s")


def _archive(settings: Settings) -> str:
    archive = open_archive(settings)
    tickers = {*archive.keys(DatasetKind.PRICES_DAILY), *archive.keys(DatasetKind.CRYPTO_DAILY)}
    archive.close()
    return f"{len(tickers)} tickers with prices"
