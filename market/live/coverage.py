"""What has been asked about, up to when, and what is still to be asked: read off the log of fetches alone."""

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
"""A session without a bar so long after it was is one without trade."""
PROFILE_LASTS = 7 * DAY
RECENT = 7 * DAY
"""A question about a moment no older than this is asked up to now."""
RETRY_INTERVAL = timedelta(minutes=5)
"""How long the same request is not repeated."""

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
"""How far back rows are wanted before the moment that is reasoned from; what the desk's figures look back over."""

OVERLAP: Mapping[DatasetKind, timedelta | None] = {
    DatasetKind.PRICES_DAILY: 7 * DAY,
    DatasetKind.CRYPTO_DAILY: 7 * DAY,
    DatasetKind.PRICES_HOURLY: 2 * DAY,
    DatasetKind.SPLITS: 14 * DAY,
    DatasetKind.DIVIDENDS: 14 * DAY,
    DatasetKind.NEWS: DAY,
    DatasetKind.FILING_TEXTS: 3 * DAY,
}
"""How much is asked again, so that what came late or was corrected is noticed; all of it where nothing stands here."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, its ends included."""

    since: datetime
    until: datetime


def required_until(kind: DatasetKind, timestamp: datetime, sessions: TradingCalendar | None) -> datetime:
    """Return up to when rows must have been asked for, for an answer at `moment` to be up to date."""
    if kind in BARS and sessions is not None:
        return day_end(sessions.last_completed(timestamp))
    if kind in ACTIONS or kind is DatasetKind.MACRO:  # known from the beginning of a day
        return midnight(timestamp.date())
    return timestamp - PROFILE_LASTS if kind is DatasetKind.PROFILE else timestamp


def covered_until(kind: DatasetKind, until: datetime, asked_at: datetime, last: datetime | None) -> datetime:
    """Return up to where an answer settles its window; `last` is the day of the last bar in it, if any."""
    if kind in BARS:
        settled = day_end(min(until, asked_at - REVISION_WINDOW).date())
        return settled if last is None else max(settled, day_end(last.date()))
    return min(until, midnight(asked_at.date()) if kind in ACTIONS else asked_at)


def covered(fetches: Iterable[FetchLog], kind: DatasetKind) -> tuple[Window, ...]:
    """Return the stretches that were answered for, sorted and apart from each other.

    That a vendor does not know the ticker is an answer where none did better, and no bars are at stake.
    """
    fetches = tuple(fetches)
    troubled = {fetch.asked_at for fetch in fetches if fetch.failed}
    told = [
        Window(fetch.since, fetch.reach)
        for fetch in fetches
        if fetch.answered
        or (fetch.outcome is FetchOutcome.UNKNOWN and kind not in BARS and fetch.asked_at not in troubled)
    ]
    return _joined(told)


def missing(held: Sequence[Window], since: datetime, until: datetime) -> tuple[Window, ...]:
    """Return what of `since` to `until` is in none of `held`, oldest first."""
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
    """Say whether somebody was asked for `gap` only just, so that asking again is no use."""
    return any(
        now - fetch.asked_at < RETRY_INTERVAL
        and fetch.since <= gap.since
        and min(gap.until, fetch.asked_at) <= fetch.until
        for fetch in fetches
    )


def last_round(fetches: Sequence[FetchLog]) -> tuple[FetchLog, ...]:
    """Return the fetches of the last time when anybody was asked, which are those of one window."""
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
