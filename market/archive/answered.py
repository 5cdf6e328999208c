"""Which stretches of time have been answered for, so that a row that turns up later is known only from its fetch.

A question about a moment T is answered from rows that were known at T. A row that the archive receives after such a
question was answered must not become visible at T. The log of fetches shows for which moments that is possible.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from ..folder.layout import DatasetKind
from ..folder.row import day_end
from .fetch_log import FetchLog, FetchOutcome

DAY = timedelta(days=1)
BARS = frozenset({DatasetKind.PRICES_DAILY, DatasetKind.CRYPTO_DAILY, DatasetKind.PRICES_HOURLY})
ACTIONS = frozenset({DatasetKind.SPLITS, DatasetKind.DIVIDENDS})
STEPWISE = BARS | ACTIONS
"""Kinds whose rows become known at the close of a session or at midnight, and are asked for after every such moment."""
RECENT = 7 * DAY
"""A question about a moment no older than this is asked up to now."""
RETRY_INTERVAL = timedelta(minutes=5)
"""How long the same request is not repeated."""


@dataclass(frozen=True, slots=True)
class RowMoment:
    """The moments of one row: `requested_at` is what a window of a fetch bounds, `known_at` when it became public."""

    requested_at: datetime
    known_at: datetime


@dataclass(frozen=True, slots=True)
class AnsweredRound:
    """One round of fetches of a window after which a question was answered, if only with what was held before.

    Attributes:
        since, until: every moment of which a question can have been answered by this round, `until` excluded.
        failed: whether no vendor answered, so that older rows were served with a warning.
    """

    since: datetime
    until: datetime
    asked_at: datetime
    failed: bool
    fetches: tuple[FetchLog, ...]


def answered_rounds(fetches: Iterable[FetchLog], kind: DatasetKind) -> Iterator[AnsweredRound]:
    """Yield the rounds after which a question about `kind` was answered, in the order of the log.

    A round without any answer is one too, where rows of before were served for a moment of that day: news and filings
    are, with a warning; bars are not.
    """
    held = False
    for (asked_at, since, _), each in groupby(fetches, lambda fetch: (fetch.asked_at, fetch.since, fetch.until)):
        team = tuple(each)
        answered, failed = any(fetch.answered for fetch in team), _failed(team)
        if answered or (not failed and (held or kind not in BARS)) or _served_stale(team, kind, held):
            until = max(_answers_until(fetch, kind) for fetch in team)
            yield AnsweredRound(since, until, asked_at, not answered and failed, team)
        held = held or any(fetch.rows for fetch in team)


def is_late(fetches: Sequence[FetchLog], current: FetchLog, row: RowMoment) -> bool:
    """Return whether a question may have been answered without `row`, by a round before that of `current`."""
    own = (current.asked_at, current.since, current.until)
    before = (fetch for fetch in fetches if (fetch.asked_at, fetch.since, fetch.until) != own)
    return any(
        found.since <= row.requested_at and row.known_at < found.until
        for found in answered_rounds(before, current.kind)
    )


def _failed(team: Sequence[FetchLog]) -> bool:
    """Return whether a vendor failed or none could be asked; that a ticker is unknown is an answer."""
    return any(fetch.failed for fetch in team) or all(fetch.outcome is FetchOutcome.SKIPPED for fetch in team)


def _served_stale(team: Sequence[FetchLog], kind: DatasetKind, held: bool) -> bool:
    return held and kind not in BARS and all(fetch.asked_at - fetch.until < RECENT for fetch in team)


def _answers_until(fetch: FetchLog, kind: DatasetKind) -> datetime:
    """Return the first moment that needs another fetch; for a live question that is a retry interval away."""
    last = min(fetch.until, fetch.asked_at)
    if kind in STEPWISE:
        return max(last, fetch.reach) + timedelta.resolution
    if kind is DatasetKind.MACRO:
        return day_end(last.date())
    return last + (RETRY_INTERVAL if fetch.until >= fetch.asked_at else timedelta.resolution)
