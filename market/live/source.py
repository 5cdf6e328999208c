"""Public sources as a market: missing data is fetched, and every answer comes from the archive."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from ...domain.errors import NoData, SourceUnavailable
from ...domain.ids import Symbol
from ...domain.market import (
    Bar,
    Dividend,
    Filing,
    FilingText,
    InsiderTrade,
    Interval,
    MacroPoint,
    NewsItem,
    Profile,
    RenameRecord,
    Split,
)
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ..archive.answered import RECENT, STEPWISE
from ..archive.store import Archive
from ..archive.tables import ArchiveTables
from ..folder.accepted_jumps import AcceptedJumps
from ..folder.layout import DatasetKind
from ..folder.manifest import Manifest, Outage, outage_warnings
from ..folder.row import midnight
from ..folder.source import FolderSource
from ..price_history import MARKET_PROXIES
from ..symbology import calendar_of
from ..view import HasKnownAt
from .confirmation import FetchTarget, confirm
from .coverage import (
    HISTORY,
    OVERLAP,
    PROFILE_LASTS,
    Window,
    covered,
    is_covered,
    last_round,
    missing,
    newest_moment,
    recently_requested,
    required_until,
)
from .fallback_chain import FallbackChain, FetchRequest, StatedTime, ask_chain, unstated
from .fetch_cache import FetchCache
from .insiders import left_out, require_seen
from .listing import ListingIdentity, Rename, daily_kind, is_crypto, known_renames, rename_records, resolve_listing
from .listing_history import ListingHistory, interval_of
from .outages import outage_of, unknown_symbol
from .outliers import find_outliers

NAME = "live"
D = TypeVar("D", bound=HasKnownAt)


class LiveSource:
    """Market source that reads from the archive after fetching missing data; implements `MarketSource`.

    Only windows not yet covered are fetched, from the vendors in the chain of the kind, in order. If all vendors fail,
    archived data is returned with a warning; without any, and for outdated prices, SourceUnavailable is raised.
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
        accepted: AcceptedJumps = AcceptedJumps(),  # noqa: B008 -- frozen
        stated: StatedTime = unstated,
    ) -> None:
        self._archive, self._chain, self._now, self._stated = archive, chain, now, stated
        self._fetches = FetchCache(archive)
        self._renames = known_renames() if renames is None else renames
        self._held = FolderSource(ArchiveTables(archive, calendar_of), Manifest(name=NAME), accepted)
        self._history = ListingHistory(self._held, now)

    def server_time(self) -> datetime | None:
        """Return the time that the vendors stated last, running on; None if none has stated one."""
        return self._stated()

    def symbols(self) -> Sequence[Symbol]:
        """Return every ticker with archived daily bars, sorted."""
        return self._held.symbols()

    def calendar_name(self, symbol: Symbol, *, until: datetime | None = None) -> str:
        """Return the exchange calendar of a ticker by its spelling; raises NoData for an unknown exchange."""
        return calendar_of(symbol)

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        """Return the last `count` bars.

        Raises SourceUnavailable where those of the last session cannot be had, NoData where no vendor knows the ticker,
        and InvalidData where one is an outlier and no second vendor confirms it.
        """
        kind = DatasetKind.PRICES_HOURLY if interval is Interval.HOUR else daily_kind(symbol)
        self.ensure(kind, symbol, until)
        self._check(kind, symbol, until, stale=False)
        if interval is Interval.HOUR:
            self.ensure(daily_kind(symbol), symbol, until)
        found = self._held_bars(kind, symbol, until, count)
        if interval is Interval.HOUR:
            return self._of_this_listing(symbol, until, found)
        born = self._identity(symbol, until).born
        found = tuple(bar for bar in found if born is None or bar.known_at >= born)
        if not found:
            self._check_known(kind, symbol, until)
            return found
        # The splits are read only if a bar is an outlier: a question about bars alone is none about splits.
        for bar in find_outliers(found, ()) and find_outliers(found, self.splits(symbol, until=until)):
            asked = self._identity(symbol, bar.known_at).asked
            target = FetchTarget(kind, asked, self._sessions(symbol))
            confirm(self._chain, self._archive, self._fetches, bar, target, self._now(), self._stated)
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

    def insider_trades(self, symbol: Symbol, *, until: datetime) -> Sequence[InsiderTrade]:
        """Return the trades archived by `until`; raises NoData if they had not been fetched by then."""
        if is_crypto(symbol):
            raise NoData(f"{symbol} is a coin, which has no insiders")
        found = self._facts(DatasetKind.INSIDER, symbol, until, self._held.insider_trades)
        if not found:
            require_seen(self._fetches.known(DatasetKind.INSIDER, symbol), symbol, until)
        return found

    def profile(self, symbol: Symbol, *, until: datetime) -> Profile | None:
        """Return the profile archived by `until`; a profile fetched later is not evidence for that time."""
        self.ensure(DatasetKind.PROFILE, symbol, until)
        self._check(DatasetKind.PROFILE, symbol, until)
        return self._held.profile(symbol, until=until)

    def macro(self, series: str, *, until: datetime, count: int) -> Sequence[MacroPoint]:
        self.ensure(DatasetKind.MACRO, series, until)
        self._check(DatasetKind.MACRO, series, until)
        first = self._history.start(DatasetKind.MACRO, until).date()
        return tuple(point for point in self._held.macro(series, until=until, count=count) if point.period >= first)

    def macro_series(self) -> Sequence[str]:
        """Return the names of the archived series, sorted."""
        return self._held.macro_series()

    def warnings(self, symbol: Symbol, *, until: datetime) -> Sequence[str]:
        warnings = outage_warnings(self.outages([symbol], until), symbol, MARKET_PROXIES)
        insiders = left_out(self._fetches.known(DatasetKind.INSIDER, symbol), symbol, until)
        return (*warnings, *insiders, *self._history.warnings(symbol, until))

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
        until = min(until, self._now())
        try:
            _, start = self._wanted(kind, key, until, None)
        except NoData:  # the ticker had another name at `until`
            start = self._history.start(kind, until)
        window = Window(start, newest_moment(kind, until, self._trading(kind, key)))
        return outage_of(self._fetches.known(kind, key), kind, key, window)

    def listing_start(self, symbol: str, until: datetime) -> datetime | None:
        """Return the start of the listing that `symbol` denotes at `until`; None if there was no earlier listing."""
        dates = [self._identity(symbol, until).born]
        found = self._history.break_at(Symbol(symbol), until)
        fetches = self._fetches.refresh(kind := daily_kind(symbol), symbol)
        if found is not None and is_covered(fetches, kind, Window(found[0].known_at, found[1].start)):
            dates.append(midnight(found[1].session))
        return max((each for each in dates if each), default=None)

    def _held_bars(self, kind: DatasetKind, symbol: Symbol, until: datetime, count: int) -> tuple[Bar, ...]:
        """Return the last bars that belong to an answer at `until`; splits are fetched if prices jump."""
        if not is_crypto(symbol) and self._held.has_jump(symbol, interval_of(kind), until):
            self.ensure(DatasetKind.SPLITS, symbol, until)
            self._check(DatasetKind.SPLITS, symbol, until)
        return self._history.bars(kind, symbol, until, count)

    def ensure(self, kind: DatasetKind, key: str, until: datetime, *, since: datetime | None = None) -> None:
        """Fetch the data between `since` and `until` that is not yet covered; by default the history of the kind.

        Raises NoData if the ticker did not exist at `until` or has no known exchange; failed fetches do not raise.
        """
        now, gaps = self._now(), self.missing_windows(kind, key, until, since=since)
        for gap in gaps:
            ask_chain(self._chain, self._archive, self._question(kind, key, until, gap, since), now, self._stated)
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
        answered = covered(fetches, kind)
        gaps = missing(answered, start, required_until(kind, until, self._trading(kind, key)))
        changed_at = newest_moment(kind, until, self._trading(kind, key)) if kind in STEPWISE else None
        if all(recently_requested(fetches, gap, now, changed_at) for gap in gaps):
            return ()
        target = now if now - until < RECENT and who.until is None else until
        return tuple(
            gap for gap in missing(answered, start, target) if not recently_requested(fetches, gap, now, changed_at)
        )

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
        first = self._history.start(kind, until)
        facts = tuple(fact for fact in read(symbol, until=until) if fact.known_at >= first)
        return self._of_this_listing(symbol, until, facts)

    def _check(self, kind: DatasetKind, key: str, until: datetime, *, stale: bool = True) -> None:
        """Raise SourceUnavailable if no vendor answered; with `stale` only if nothing older is archived."""
        outage = self._outage_known(kind, key, until)
        if outage is not None and not (stale and outage.held):
            raise SourceUnavailable(outage.text)

    def _check_known(self, kind: DatasetKind, symbol: str, until: datetime) -> None:
        """Raise NoData, with the reason of each vendor, if no vendor knows `symbol`."""
        tried = last_round(self._fetches.known(kind, symbol))
        if tried and not any(fetch.answered for fetch in tried):
            raise NoData(unknown_symbol(tried, symbol, self._identity(symbol, until).hint))

    def _of_this_listing(self, symbol: str, until: datetime, facts: Sequence[D]) -> Sequence[D]:
        if not facts:
            return facts
        kind = daily_kind(symbol)
        self.ensure(kind, symbol, until)
        self._check(kind, symbol, until, stale=False)
        born = self.listing_start(symbol, until)
        return facts if born is None else tuple(fact for fact in facts if fact.known_at >= born)

    def _identity(self, key: str, timestamp: datetime) -> ListingIdentity:
        return resolve_listing(key, timestamp, self._renames)

    def _sessions(self, symbol: str) -> TradingCalendar:
        return trading_calendar(calendar_of(symbol))

    def _trading(self, kind: DatasetKind, key: str) -> TradingCalendar | None:
        return None if kind is DatasetKind.MACRO else self._sessions(key)
