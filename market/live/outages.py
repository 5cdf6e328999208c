"""Description of outages, derived from the fetch log only, so that the same log gives the same text."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ..archive.store import FetchLog, FetchOutcome
from ..folder.layout import DatasetKind
from ..folder.manifest import Outage
from .coverage import covered, last_round


def outage_of(fetches: Sequence[FetchLog], kind: DatasetKind, key: str, wanted: datetime) -> Outage | None:
    """Return the outage that keeps the rows of `key` from covering `wanted`; None if covered or never requested."""
    windows = covered(fetches, kind)
    tried = last_round(fetches)
    if not tried or any(window.since <= wanted <= window.until for window in windows):
        return None
    if any(fetch.answered for fetch in tried) or not _is_outage(tried):
        return None
    held = any(fetch.rows for fetch in fetches)
    reasons = _reasons(tried)
    if held:
        last = max(window.until for window in windows)
        return Outage(
            kind, key, f"{kind} of {key}: as of {last:%Y-%m-%d %H:%M} UTC, no vendor answered: {reasons}", held
        )
    return Outage(kind, key, f"no vendor could be asked for {kind} of {key}: {reasons}", held)


def unknown_symbol(tried: Iterable[FetchLog], symbol: str, hint: str) -> str:
    """Return the message that no vendor has bars of `symbol`, with the reason of each vendor."""
    tail = f"; {hint}" if hint else "; check the ticker, it may be renamed or delisted"
    return f"no vendor has prices of {symbol} ({_reasons(tried)}){tail}"


def _is_outage(tried: Iterable[FetchLog]) -> bool:
    """Return whether a vendor failed or all were unavailable; an unknown ticker is not an outage."""
    tried = tuple(tried)
    return any(fetch.failed for fetch in tried) or all(fetch.outcome is FetchOutcome.SKIPPED for fetch in tried)


def _reasons(tried: Iterable[FetchLog]) -> str:
    return "; ".join(dict.fromkeys(_named(fetch) for fetch in tried if fetch.reason))


def _named(fetch: FetchLog) -> str:
    reason = fetch.reason.rstrip(". ")
    return reason if reason.startswith(fetch.origin) else f"{fetch.origin}: {reason}"
