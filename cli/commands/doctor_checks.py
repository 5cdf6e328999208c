"""The checks of `doctor` that need no network: versions, state folder, run store, market and key."""

import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ... import __version__
from ...app.factories import open_market, open_store
from ...app.settings import KEY_NAME, Settings, api_key, home
from ...app.state_folder import disk_use
from ...domain.errors import OpenOutcryError

PACKAGES = ("openai", "langgraph", "pydantic", "chromadb", "yfinance", "TA-Lib", "exchange-calendars", "sqlalchemy")
LEAST_FREE_MB = 1024


class CheckOutcome(StrEnum):
    """The outcome of a check. Only `failed` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; `remedy` is what to do about a warning, a failure or a skipped check."""

    what: str
    outcome: CheckOutcome
    said: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the check did not fail."""
        return self.outcome is not CheckOutcome.FAILED


def installation_checks(settings: Settings) -> Iterator[CheckResult]:
    """Yield the results of the checks that need no network."""
    python = f"{__version__} on Python {platform.python_version()}, {platform.platform()}"
    yield CheckResult("openoutcry", CheckOutcome.OK, python)
    yield from (_package(name) for name in PACKAGES)
    yield run_check(
        "state folder", lambda: str(home(settings)), "set OPENOUTCRY_HOME to a folder that you can write to"
    )
    yield _free(settings.home)
    yield CheckResult("disk use", CheckOutcome.OK, _disk_use(settings.home))
    yield run_check("run store", lambda: _runs(settings), "move the file away, or restore it")
    yield run_check("market", lambda: _market(settings), "correct --market, or run `openoutcry data check DIR`")
    yield _key(settings)


def run_check(what: str, look: Callable[[], str], remedy: str) -> CheckResult:
    """Return the result of `look`, or a failure if it raises an error of this project.

    `remedy` is used if the error names none.
    """
    try:
        return CheckResult(what, CheckOutcome.OK, look())
    except OpenOutcryError as error:
        cause, _, own = str(error).partition("; ")
        return CheckResult(what, CheckOutcome.FAILED, cause, own or remedy)


def _disk_use(folder: Path) -> str:
    """Return the size of the state folder in MB, and of each kind of file in it."""
    kinds = disk_use(folder)
    shown = ", ".join(f"{each.kind} {each.bytes / 1e6:,.1f}" for each in kinds)
    return f"{sum(each.bytes for each in kinds) / 1e6:,.1f} MB" + (f": {shown}" if shown else "")


def _runs(settings: Settings) -> str:
    return f"{len(open_store(settings).runs())} runs"


def _package(name: str) -> CheckResult:
    try:
        return CheckResult(name, CheckOutcome.OK, version(name))
    except PackageNotFoundError:
        return CheckResult(name, CheckOutcome.FAILED, "not installed", "install openoutcry again")


def _free(folder: Path) -> CheckResult:
    present = next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))
    free = shutil.disk_usage(present).free // 2**20
    few = free < LEAST_FREE_MB
    remedy = "free some space with `openoutcry runs prune`, or set OPENOUTCRY_HOME to another disk" if few else ""
    return CheckResult("free space", CheckOutcome.WARNING if few else CheckOutcome.OK, f"{free:,} MB", remedy)


def _market(settings: Settings) -> str:
    start = time.perf_counter()
    source = open_market(settings)
    return f"{settings.market}: {len(source.symbols())} symbols, opened in {time.perf_counter() - start:.2f} s"


def _key(settings: Settings) -> CheckResult:
    remedy = f"set {KEY_NAME}, or use --model rules, or a --base-url that needs no key"
    try:
        held = api_key(settings) is not None
    except OpenOutcryError as error:
        return CheckResult("model key", CheckOutcome.FAILED, str(error), remedy)
    if held:
        return CheckResult("model key", CheckOutcome.OK, "present")
    return CheckResult("model key", CheckOutcome.WARNING, f"{KEY_NAME} is not set: rules answer", remedy)
