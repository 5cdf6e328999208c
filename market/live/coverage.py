"""Coverage of past fetches, and the windows still to be fetched, derived from the fetch log only."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...domain.trading_calendar import TradingCalendar
from ..archive.answered import ACTIONS, BARS, DAY, RETRY_INTERVAL
from ..archive.fetch_log import FetchLog, FetchOutcome
from ..folder.layout import DatasetKind
from ..folder.row import day_end, midnight

REVISION_WINDOW = 3 * DAY
"""Time after which a session without a bar is considered a session without trading."""
PROFILE_LASTS = 7 * DAY

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
    DatasetKind.INSIDER: 130 * DAY,
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
        if kind is DatasetKind.PRICES_HOURLY and _in_session(sessions, timestamp):
            return timestamp
        return day_end(sessions.last_completed(timestamp))
    if kind in ACTIONS or kind is DatasetKind.MACRO:  # known from the beginning of a day
        return midnight(timestamp.date())
    return timestamp - PROFILE_LASTS if kind is DatasetKind.PROFILE else timestamp


def history_start(kind: DatasetKind, timestamp: datetime) -> datetime:
    """Return the start of the rows that belong to an answer at `timestamp`; earlier archived rows do not."""
    return midnight((timestamp - HISTORY[kind]).date())


def newest_moment(kind: DatasetKind, timestamp: datetime, sessions: TradingCalendar | None) -> datetime:
    """Return the latest moment up to `timestamp` at which a row of `kind` can have become known."""
    if kind in BARS and sessions is not None:
        if kind is DatasetKind.PRICES_HOURLY and _in_session(sessions, timestamp):
            return timestamp
        return sessions.close(sessions.last_completed(timestamp))
    return required_until(kind, timestamp, sessions) if kind is not DatasetKind.PROFILE else timestamp


def covered_until(
    kind: DatasetKind, until: datetime, asked_at: datetime, last: datetime | None, sessions: TradingCalendar | None
) -> datetime:
    """Return the end of the window that a response covers; `last` is the time of its last bar, if any."""
    if kind in BARS:
        settled = day_end(min(until, asked_at - REVISION_WINDOW).date())
        if last is None:
            return settled
        end = min(until, asked_at)
        open_ = kind is DatasetKind.PRICES_HOURLY and sessions is not None and _in_session(sessions, end)
        return max(settled, end if open_ and last.date() == end.date() else day_end(last.date()))
    return min(until, midnight(asked_at.date()) if kind in ACTIONS else asked_at)


def covered(fetches: Iterable[FetchLog], kind: DatasetKind, *, before: datetime | None = None) -> tuple[Window, ...]:
    """Return the windows covered by fetches (by those before `before`, if given), sorted and disjoint.

    An unknown ticker counts as covered if no vendor failed at the same time and `kind` is not a kind of bars.
    """
    fetches = tuple(fetch for fetch in fetches if before is None or fetch.asked_at < before)
    failed_at = {fetch.asked_at for fetch in fetches if fetch.failed}
    windows = [
        Window(fetch.since, fetch.reach)
        for fetch in fetches
        if fetch.answered
        or (fetch.outcome is FetchOutcome.UNKNOWN and kind not in BARS and fetch.asked_at not in failed_at)
    ]
    return joined(windows)


def is_covered(fetches: Iterable[FetchLog], kind: DatasetKind, wanted: Window) -> bool:
    """Return whether vendors were asked about the whole of `wanted`."""
    return any(each.since <= wanted.since and wanted.until <= each.until for each in covered(fetches, kind))


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


def recently_requested(
    fetches: Iterable[FetchLog], gap: Window, now: datetime, changed_at: datetime | None = None
) -> bool:
    """Return whether `gap` was requested within the retry interval and, if given, after `changed_at`."""
    return any(
        now - fetch.asked_at < RETRY_INTERVAL
        and (changed_at is None or changed_at <= fetch.asked_at)
        and fetch.since <= gap.since
        and min(gap.until, fetch.asked_at) <= fetch.until
        for fetch in fetches
    )


def last_round(fetches: Sequence[FetchLog]) -> tuple[FetchLog, ...]:
    """Return the fetches of the most recent request to the vendors: those with the same time and window."""
    last = [(each.asked_at, each.since, each.until) for each in fetches[-1:]]
    return tuple(fetch for fetch in fetches if (fetch.asked_at, fetch.since, fetch.until) in last)


def _in_session(sessions: TradingCalendar, timestamp: datetime) -> bool:
    """Return whether `timestamp` lies within a session, so that its last hours are still to come."""
    number = bisect_right(sessions.opens, timestamp) - 1
    return number >= 0 and timestamp < sessions.closes[number]


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the union of `windows`, sorted and apart from each other."""
    union: list[Window] = []
    for window in sorted(windows, key=lambda each: (each.since, each.until)):
        if union and window.since <= union[-1].until:
            union[-1] = Window(union[-1].since, max(union[-1].until, window.until))
        elif window.since < window.until:
            union.append(window)
    return tuple(union)
