"""Market source over public vendors: missing data is fetched and archived; results are read from the archive."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from ...domain.errors import NoData, SourceUnavailable
from ...domain.ids import Symbol
from ...domain.market import (
    Bar,
    Dividend,
    Filing,
    FilingText,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    RenameRecord,
    Split,
)
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ..archive.store import Archive
from ..archive.tables import ArchiveTables
from ..folder.layout import DatasetKind
from ..folder.manifest import Manifest, Outage, outage_warnings
from ..folder.row import midnight
from ..folder.source import FolderSource
from ..price_history import MARKET_PROXIES
from ..symbology import calendar_of
from ..view import HasKnownAt
from .coverage import (
    HISTORY,
    OVERLAP,
    PROFILE_LASTS,
    RECENT,
    Window,
    covered,
    last_round,
    missing,
    recently_requested,
    required_until,
)
from .fallback_chain import FallbackChain, FetchRequest, ask_chain, ask_one
from .fetch_cache import FetchCache
from .listing import (
    ListingIdentity,
    Rename,
    daily_kind,
    is_crypto,
    known_renames,
    rename_records,
    resolve_listing,
)
from .outages import outage_of, unknown_symbol
from .outliers import closes_of_others, find_outliers, is_confirmed, last_gap_index, unconfirmed

NAME = "live"
SILENCE = 30
"""Number of sessions without a bar after which a ticker is considered another listing."""
D = TypeVar("D", bound=HasKnownAt)


class LiveSource:
    """Market source that reads from the archive after fetching missing data; implements `MarketSource`.

    Only windows not yet covered are fetched, at `now()`, from the vendors in the chain of the kind, in order. If all
    vendors fail, archived data is returned with a warning; without any archived data, and for prices that do not
    include the last session, SourceUnavailable is raised. A query about the past uses the dates of the archive and of
    the vendors: data that describes only the current state is known from its fetch time.
    """

    name = NAME
    synthetic = False

    def __init__(
        self,
        archive: Archive,
        chain: FallbackChain,
        now: Callable[[], datetime],
        *,
        renames: Sequence[Rename] | None = None,
    ) -> None:
        self._archive, self._chain, self._now = archive, chain, now
        self._fetches = FetchCache(archive)
        self._renames = known_renames() if renames is None else renames
        self._held = FolderSource(ArchiveTables(archive, calendar_of), Manifest(name=NAME))

    def symbols(self) -> Sequence[Symbol]:
        """Return every ticker with archived daily bars, sorted."""
        return self._held.symbols()

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        """Return the exchange calendar of a ticker by its spelling; raises NoData for an unknown exchange."""
        return calendar_of(symbol)

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        """Return the last `count` bars.

        Raises:
            SourceUnavailable: the bar of the last session cannot be fetched.
            NoData: no vendor knows the ticker.
            InvalidData: a bar is an outlier and no second vendor confirms it.
        """
        kind = DatasetKind.PRICES_HOURLY if interval is Interval.HOUR else daily_kind(symbol)
        self.ensure(kind, symbol, until)
        outage = self._outage_known(kind, symbol, until)
        if outage is not None:
            raise SourceUnavailable(outage.text)
        found = self._of_this_listing(symbol, until, self._held.bars(symbol, interval, until=until, count=count))
        if interval is Interval.HOUR:
            return found
        if not found:
            self._check_known(kind, symbol, until)
            return found
        found = found[self._break(symbol, found) :]
        # Splits are fetched only if there is an outlier: a query for bars alone does not need them.
        for bar in find_outliers(found, ()) and find_outliers(found, self.splits(symbol, until=until)):
            self._confirm(kind, bar)
        return found

    def splits(self, symbol: Symbol, *, until: datetime) -> Sequence[Split]:
        return () if is_crypto(symbol) else self._facts(DatasetKind.SPLITS, symbol, until, self._held.splits)

    def renames(self, symbol: Symbol, *, until: datetime) -> Sequence[RenameRecord]:
        return rename_records(symbol, until, self._renames)

    def dividends(self, symbol: Symbol, *, until: datetime) -> Sequence[Dividend]:
        return () if is_crypto(symbol) else self._facts(DatasetKind.DIVIDENDS, symbol, until, self._held.dividends)

    def news(self, symbol: Symbol, *, since: datetime, until: datetime) -> Sequence[NewsItem]:
        self.ensure(DatasetKind.NEWS, symbol, until, since=min(since, until))
        self._check(DatasetKind.NEWS, symbol, until)
        return self._of_this_listing(symbol, until, self._held.news(symbol, since=since, until=until))

    def filings(self, symbol: Symbol, *, until: datetime) -> Sequence[Filing]:
        return self._facts(DatasetKind.FUNDAMENTALS, symbol, until, self._held.filings)

    def filing_texts(self, symbol: Symbol, *, until: datetime) -> Sequence[FilingText]:
        return self._facts(DatasetKind.FILING_TEXTS, symbol, until, self._held.filing_texts)

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        """Return the latest profile archived by `until`, or None; a profile fetched later is not returned."""
        self.ensure(DatasetKind.PROFILE, symbol, until)
        self._check(DatasetKind.PROFILE, symbol, until)
        return self._held.profile(symbol, until=until)

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        self.ensure(DatasetKind.MACRO, series, until)
        self._check(DatasetKind.MACRO, series, until)
        return self._held.macro(series, until=until, count=count)

    def macro_series(self) -> Sequence[str]:
        """Return the names of the archived series, sorted."""
        return self._held.macro_series()

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        return outage_warnings(self.outages([symbol], until), symbol, MARKET_PROXIES)

    def outages(self, symbols: Sequence[str], until: datetime) -> tuple[Outage, ...]:
        """Return the outages that affect queries at `until` about `symbols`, in a fixed order."""
        wanted = {*symbols, *MARKET_PROXIES}
        found = (
            self.outage(kind, key, until)
            for kind, key in self._archive.asked()
            if kind is DatasetKind.MACRO or key in wanted
        )
        return tuple(outage for outage in found if outage is not None)

    def outage(self, kind: DatasetKind, key: str, until: datetime) -> Outage | None:
        """Return the outage that keeps the archive from being up to date at `until`; None if there is none."""
        self._fetches.refresh(kind, key)
        return self._outage_known(kind, key, until)

    def _outage_known(self, kind: DatasetKind, key: str, until: datetime) -> Outage | None:
        """Return the outage according to the cached fetches; for use after `ensure`, which refreshes them."""
        return outage_of(
            self._fetches.known(kind, key), kind, key, required_until(kind, until, self._trading(kind, key))
        )

    def listing_start(self, symbol: str, until: datetime) -> datetime | None:
        """Return the start of the listing that `symbol` denotes at `until`; None if there was no earlier listing."""
        bars = self._held.bars(Symbol(symbol), Interval.DAY, until=until, count=HISTORY[DatasetKind.PRICES_DAILY].days)
        first = self._break(symbol, bars)
        dates = [self._identity(symbol, until).born]
        if first and self._was_asked(symbol, bars[first - 1].known_at, bars[first].start):
            dates.append(midnight(bars[first].session))
        return max((each for each in dates if each), default=None)

    def _break(self, symbol: str, bars: Sequence[Bar]) -> int:
        return (
            last_gap_index(bars, self._sessions(symbol).between(bars[0].session, bars[-1].session), SILENCE)
            if bars
            else 0
        )

    def _was_asked(self, symbol: str, since: datetime, until: datetime) -> bool:
        """Return whether past fetches cover an interval without bars."""
        kind = daily_kind(symbol)
        windows = covered(self._fetches.refresh(kind, symbol), kind)
        return any(window.since <= since and until <= window.until for window in windows)

    def ensure(self, kind: DatasetKind, key: str, until: datetime, *, since: datetime | None = None) -> None:
        """Fetch the data between `since` and `until` that is not yet covered; by default the history of the kind.

        Raises NoData if the ticker did not exist at `until` or has no known exchange; failed fetches do not raise.
        """
        now = self._now()
        gaps = self.missing_windows(kind, key, until, since=since)
        for gap in gaps:
            ask_chain(self._chain, self._archive, self._question(kind, key, until, gap, since), now)
        if gaps:
            self._fetches.refresh(kind, key)

    def missing_windows(
        self, kind: DatasetKind, key: str, until: datetime, *, since: datetime | None = None
    ) -> tuple[Window, ...]:
        """Return the windows that `ensure` would fetch now."""
        now = self._now()
        until = min(until, now)
        fetches = self._fetches.refresh(kind, key)
        if kind is DatasetKind.PROFILE and now - until > PROFILE_LASTS:
            return ()
        who, start = self._wanted(kind, key, until, since)
        windows = covered(fetches, kind)
        gaps = missing(windows, start, required_until(kind, until, self._trading(kind, key)))
        if all(recently_requested(fetches, gap, now) for gap in gaps):
            return ()
        target = now if now - until < RECENT and who.until is None else until
        return tuple(gap for gap in missing(windows, start, target) if not recently_requested(fetches, gap, now))

    def _wanted(
        self, kind: DatasetKind, key: str, until: datetime, since: datetime | None
    ) -> tuple[ListingIdentity, datetime]:
        """Return the listing of `key` at `until`, and the start of the required history."""
        who = self._identity(key, until) if kind is not DatasetKind.MACRO else ListingIdentity(key)
        start = midnight(min(since or until, until - HISTORY[kind]).date())
        return who, max(start, who.born) if who.born else start

    def _question(
        self, kind: DatasetKind, key: str, until: datetime, gap: Window, since: datetime | None
    ) -> FetchRequest:
        who, start = self._wanted(kind, key, min(until, self._now()), since)
        back = OVERLAP.get(kind)
        first = start if back is None else max(start, gap.since - back)
        return FetchRequest(kind, key, who.asked, gap, first, self._trading(kind, key))

    def _facts(
        self, kind: DatasetKind, symbol: Symbol, until: datetime, read: Callable[..., Sequence[D]]
    ) -> Sequence[D]:
        self.ensure(kind, symbol, until)
        self._check(kind, symbol, until)
        return self._of_this_listing(symbol, until, read(symbol, until=until))

    def _check(self, kind: DatasetKind, key: str, until: datetime) -> None:
        """Raise SourceUnavailable if there is an outage and no archived data."""
        outage = self._outage_known(kind, key, until)
        if outage is not None and not outage.held:
            raise SourceUnavailable(outage.text)

    def _check_known(self, kind: DatasetKind, symbol: str, until: datetime) -> None:
        """Raise NoData, with the reason of each vendor, if no vendor knows `symbol`."""
        tried = last_round(self._fetches.known(kind, symbol))
        if tried and not any(fetch.answered for fetch in tried):
            raise NoData(unknown_symbol(tried, symbol, self._identity(symbol, until).hint))

    def _of_this_listing(self, symbol: str, until: datetime, facts: Sequence[D]) -> Sequence[D]:
        born = self.listing_start(symbol, until) if facts else None
        return facts if born is None else tuple(fact for fact in facts if fact.known_at >= born)

    def _confirm(self, kind: DatasetKind, bar: Bar) -> None:
        """Raise InvalidData unless another vendor confirms `bar`; the other vendors of the chain are queried."""
        if is_confirmed(bar, closes_of_others(self._archive, kind, bar)):
            return
        now, day = self._now(), midnight(bar.session)
        stations = [each for each in self._chain.get(kind, ()) if each.name != bar.origin]
        window = Window(day, day + timedelta(days=1))
        who = self._identity(bar.symbol, bar.known_at)
        question = FetchRequest(kind, bar.symbol, who.asked, window, day, self._trading(kind, bar.symbol))
        for slot in stations:
            log = self._fetches.refresh(kind, bar.symbol)
            lately = [each for each in log if each.origin == slot.name]
            if not recently_requested(lately, window, now):
                ask_one(slot, self._archive, question, now)
            if is_confirmed(bar, closes_of_others(self._archive, kind, bar)):
                return
        asked = ", ".join(each.name for each in stations) or "no other vendor could be asked"
        raise unconfirmed(kind, bar, asked)

    def _identity(self, key: str, timestamp: datetime) -> ListingIdentity:
        return resolve_listing(key, timestamp, self._renames)

    def _sessions(self, symbol: str) -> TradingCalendar:
        return trading_calendar(calendar_of(symbol))

    def _trading(self, kind: DatasetKind, key: str) -> TradingCalendar | None:
        return None if kind is DatasetKind.MACRO else self._sessions(key)
