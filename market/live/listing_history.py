"""The archived bars that an answer uses: those of one listing, within the history before its moment."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from ...domain.errors import ConfigError, DataError
from ...domain.ids import Symbol
from ...domain.market import Bar, Interval
from ...domain.trading_calendar import trading_calendar
from ..folder.layout import DatasetKind
from ..folder.source import FolderSource
from ..symbology import calendar_of
from .coverage import history_start
from .listing import daily_kind
from .outliers import last_gap

SILENCE = 30
"""Number of sessions without a bar after which a ticker is considered another listing."""


class ListingHistory:
    """Reads bars from the archive only. Bars from before the history of an answer do not change it."""

    def __init__(self, held: FolderSource, now: Callable[[], datetime]) -> None:
        self._held, self._now = held, now

    def start(self, kind: DatasetKind, until: datetime) -> datetime:
        """Return the start of the rows of `kind` that belong to an answer at `until`, or now if that is earlier."""
        return history_start(kind, min(until, self._now()))

    def bars(self, kind: DatasetKind, symbol: Symbol, until: datetime, count: int) -> tuple[Bar, ...]:
        """Return the last `count` bars of `kind` that belong to an answer at `until`, without those withheld."""
        first = max(self.start(kind, until).date(), self._first_session(symbol, until))
        return self._held.bars_since(first, symbol, interval_of(kind), until=until, count=count)

    def break_at(self, symbol: Symbol, until: datetime) -> tuple[Bar, Bar] | None:
        """Return the bars before and after the last long silence in the history of an answer; None without one.

        Withheld bars count, since a price in another unit is not a gap.
        """
        bars = self._daily(symbol, until)
        place = _place_of_break(symbol, bars)
        return (bars[place - 1], bars[place]) if place else None

    def warnings(self, symbol: Symbol, until: datetime) -> tuple[str, ...]:
        """Return one sentence about the last block of bars that are withheld, if any."""
        try:
            return self._held.withheld_warnings(symbol, until, self._first_session(symbol, until))
        except (DataError, ConfigError):  # the bars themselves raise it
            return ()

    def _daily(self, symbol: Symbol, until: datetime) -> tuple[Bar, ...]:
        first = self.start(daily_kind(symbol), until).date()
        bars = self._held.all_bars(symbol, Interval.DAY, until=until)
        return tuple(bar for bar in bars if bar.session >= first)

    def _first_session(self, symbol: Symbol, until: datetime) -> date:
        """Return the first session of the listing of `symbol` at `until`, according to its bars."""
        found = self.break_at(symbol, until)
        return date.min if found is None else found[1].session


def interval_of(kind: DatasetKind) -> Interval:
    """Return the interval of the bars of a kind."""
    return Interval.HOUR if kind is DatasetKind.PRICES_HOURLY else Interval.DAY


def _place_of_break(symbol: str, bars: Sequence[Bar]) -> int:
    return last_gap(bars, trading_calendar(calendar_of(symbol)), SILENCE)
