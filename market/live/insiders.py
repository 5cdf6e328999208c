"""Insider trades in the fetch log: whether they were fetched by a time, and how many were left out."""

from collections.abc import Sequence
from datetime import datetime

from ...domain.errors import NoData
from ..archive.fetch_log import FetchLog


def require_seen(fetches: Sequence[FetchLog], symbol: str, until: datetime) -> None:
    """Raise NoData if no vendor had answered by `until`, so that an empty list would not mean that there is no trade.

    Trades whose report has no time of filing are known from the fetch that first returned them.
    """
    if not any(fetch.answered and fetch.asked_at <= until for fetch in fetches):
        first = min((fetch.asked_at for fetch in fetches if fetch.answered), default=None)
        since = f"; they are known since {first:%Y-%m-%d %H:%M} UTC" if first else ""
        raise NoData(f"no vendor had provided insider trades of {symbol} by {until:%Y-%m-%d %H:%M} UTC{since}")


def left_out(fetches: Sequence[FetchLog], symbol: str, until: datetime) -> tuple[str, ...]:
    """Return a warning if the last answer by `until` had malformed rows."""
    answers = [fetch for fetch in fetches if fetch.answered and fetch.asked_at <= until]
    return tuple(f"insider trades of {symbol}: {fetch.reason}" for fetch in answers[-1:] if fetch.reason)
