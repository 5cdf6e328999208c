"""Coverage of past fetches, and the windows still to be fetched, derived from the fetch log only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.trading_calendar import TradingCalendar
from ..archive.store import FetchLog, FetchOutcome
from ..folder.layout import DatasetKind
from ..folder.row import day_end, midnight

BARS = frozenset({DatasetKind.PRICES_DAILY, DatasetKind.CRYPTO_DAILY, DatasetKind.PRICES_HOURLY})
ACTIONS = frozenset({DatasetKind.SPLITS, DatasetKind.DIVIDENDS})
DAY = timedelta(days=1)
REVISION_WINDOW = 3 * DAY
"""Time after which a session without a bar is considered a session without trading."""
PROFILE_LASTS = 7 * DAY
RECENT = 7 * DAY
"""A query about a time no older than this fetches data up to now."""
RETRY_INTERVAL = timedelta(minutes=5)
"""Minimum time between identical requests."""

HISTORY: Mapping[DatasetKind, timedelta] = {
    DatasetKind.PRICES_DAILY: 800 * DAY,
    DatasetKind.CRYPTO_DAILY: 800 * DAY,
    DatasetKind.PRICES_HOURLY: 60 * DAY,
    DatasetKind.SPLITS: 3650 * DAY,
    DatasetKind.DIVIDENDS: 1200 * DAY,
    DatasetKind.NEWS: 90 * DAY,
    DatasetKind.FUNDAMENTALS: 3650 * DAY,
    DatasetKind.FILING_TEXTS: 130 * DAY,
    DatasetKind.MACRO: 900 * DAY,
    DatasetKind.PROFILE: 8 * DAY,
}
"""Length of the history before `as_of` that is fetched; it covers the lookback of the desk's figures."""

OVERLAP: Mapping[DatasetKind, timedelta | None] = {
    DatasetKind.PRICES_DAILY: 7 * DAY,
    DatasetKind.CRYPTO_DAILY: 7 * DAY,
    DatasetKind.PRICES_HOURLY: 2 * DAY,
    DatasetKind.SPLITS: 14 * DAY,
    DatasetKind.DIVIDENDS: 14 * DAY,
    DatasetKind.NEWS: DAY,
    DatasetKind.FILING_TEXTS: 3 * DAY,
}
"""Overlap of a request with fetched data, to detect late and corrected rows; without an entry, all is fetched again."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time interval, both ends included."""

    since: datetime
    until: datetime


def required_until(kind: DatasetKind, timestamp: datetime, sessions: TradingCalendar | None) -> datetime:
    """Return the time up to which rows must have been fetched for the data at `timestamp` to be up to date."""
    if kind in BARS and sessions is not None:
        return day_end(sessions.last_completed(timestamp))
    if kind in ACTIONS or kind is DatasetKind.MACRO:  # known from the beginning of a day
        return midnight(timestamp.date())
    return timestamp - PROFILE_LASTS if kind is DatasetKind.PROFILE else timestamp


def covered_until(kind: DatasetKind, until: datetime, asked_at: datetime, last: datetime | None) -> datetime:
    """Return the end of the window that a response covers; `last` is the day of its last bar, if any."""
    if kind in BARS:
        settled = day_end(min(until, asked_at - REVISION_WINDOW).date())
        return settled if last is None else max(settled, day_end(last.date()))
    return min(until, midnight(asked_at.date()) if kind in ACTIONS else asked_at)


def covered(fetches: Iterable[FetchLog], kind: DatasetKind) -> tuple[Window, ...]:
    """Return the covered windows, sorted and disjoint.

    An unknown ticker counts as covered if no vendor failed at the same time and `kind` is not a kind of bars.
    """
    fetches = tuple(fetches)
    failed_at = {fetch.asked_at for fetch in fetches if fetch.failed}
    windows = [
        Window(fetch.since, fetch.reach)
        for fetch in fetches
        if fetch.answered
        or (fetch.outcome is FetchOutcome.UNKNOWN and kind not in BARS and fetch.asked_at not in failed_at)
    ]
    return _joined(windows)


def missing(held: Sequence[Window], since: datetime, until: datetime) -> tuple[Window, ...]:
    """Return the parts of `since` to `until` that are in none of the windows `held`, oldest first."""
    gaps, start = [], since
    for window in held:
        if window.until <= start:
            continue
        if window.since >= until:
            break
        if window.since > start:
            gaps.append(Window(start, window.since))
        start = max(start, window.until)
    if start < until:
        gaps.append(Window(start, until))
    return tuple(gaps)


def recently_requested(fetches: Iterable[FetchLog], gap: Window, now: datetime) -> bool:
    """Return whether `gap` was requested within RETRY_INTERVAL before `now`."""
    return any(
        now - fetch.asked_at < RETRY_INTERVAL
        and fetch.since <= gap.since
        and min(gap.until, fetch.asked_at) <= fetch.until
        for fetch in fetches
    )


def last_round(fetches: Sequence[FetchLog]) -> tuple[FetchLog, ...]:
    """Return the fetches of the most recent request to the vendors: those with the same time and window."""
    last = [(each.asked_at, each.since, each.until) for each in fetches[-1:]]
    return tuple(fetch for fetch in fetches if (fetch.asked_at, fetch.since, fetch.until) in last)


def _joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    joined: list[Window] = []
    for window in sorted(windows, key=lambda each: (each.since, each.until)):
        if joined and window.since <= joined[-1].until:
            joined[-1] = Window(joined[-1].since, max(joined[-1].until, window.until))
        elif window.since < window.until:
            joined.append(window)
    return tuple(joined)
