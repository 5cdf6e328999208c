"""Description of outages, derived from the fetch log only, so that the same log gives the same text."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from ..archive.answered import BARS, AnsweredRound, answered_rounds
from ..archive.fetch_log import FetchLog, FetchOutcome
from ..folder.layout import DatasetKind
from ..folder.manifest import Outage
from .coverage import Window, covered, joined, last_round, missing


def outage_of(fetches: Sequence[FetchLog], kind: DatasetKind, key: str, wanted: Window) -> Outage | None:
    """Return why the rows of `key` do not fill `wanted`, or None where they do, or no vendor was asked.

    The first round that answered for the end of `wanted` decides: where it served older rows with a warning, the
    warning stays, as rows that were fetched afterwards are known only from then on.
    """
    rounds = tuple(answered_rounds(fetches, kind))
    first = next((each for each in rounds if each.since <= wanted.until < each.until), None)
    if first is not None and first.failed:
        return _stale(fetches, kind, key, first)
    answered = joined([Window(each.since, each.until) for each in rounds] + list(covered(fetches, kind)))
    for gap in missing(answered, wanted.since, wanted.until):
        tried = last_round([each for each in fetches if each.since < gap.until and gap.since < each.until])
        if tried and not any(fetch.answered for fetch in tried) and _is_outage(tried):
            return _unanswered(fetches, kind, key, tried)
    return None


def _stale(fetches: Sequence[FetchLog], kind: DatasetKind, key: str, first: AnsweredRound) -> Outage:
    answered = covered(fetches, kind, before=first.asked_at)
    last = max((window.until for window in answered), default=first.since)
    return Outage(kind, key, _as_of(kind, key, last, first.fetches), held=True)


def _unanswered(fetches: Sequence[FetchLog], kind: DatasetKind, key: str, tried: Sequence[FetchLog]) -> Outage:
    if kind in BARS and any(fetch.rows for fetch in fetches):
        last = max((window.until for window in covered(fetches, kind)), default=tried[0].since)
        return Outage(kind, key, _as_of(kind, key, last, tried), held=True)
    return Outage(kind, key, f"no vendor could be asked for {kind} of {key}: {_reasons(tried)}", held=False)


def _as_of(kind: DatasetKind, key: str, last: datetime, tried: Iterable[FetchLog]) -> str:
    return f"{kind} of {key}: as of {last:%Y-%m-%d %H:%M} UTC, no vendor answered: {_reasons(tried)}"


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
