"""Public sources as a market: whatever is asked for is fetched where it must be, and answered from the archive."""

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
from .fallback_chain import (
    FallbackChain,
    FetchRequest,
    ask_chain,
    ask_one,
)
from .fetch_cache import FetchCache
from .outages import outage_of, unknown_symbol
from .outliers import closes_of_others, find_outliers, is_confirmed, last_gap_index, unconfirmed
from .symbology import (
    ListingIdentity,
    Rename,
    calendar_of,
    daily_kind,
    is_crypto,
    known_renames,
    rename_records,
    resolve_listing,
)

NAME = "live"
SILENCE = 30
"""Sessions without a bar after which a ticker is taken for another listing."""
D = TypeVar("D", bound=HasKnownAt)


class LiveSource:
    """Answers from the archive, after making sure that it holds what could be known; the contract is `MarketSource`'s.

    Only what no vendor has answered for yet is asked for, vendor after vendor of the chain of its kind, at `now()`.
    Where
    all of them fail, what is held is answered, with a caveat; prices that are not of the last session are not, and
    neither is silence taken for an empty answer. A moment in the past is answered as the archive and the vendors' own
    dates allow: what says only how things are now was known when it was fetched.
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

    def calendar_name(self, symbol: Symbol) -> str:
        """Return the calendar that the spelling of a ticker tells; raises NoData for one of no known exchange."""
        return calendar_of(symbol)

    def bars(self, symbol: Symbol, interval: Interval, *, until: datetime, count: int) -> Sequence[Bar]:
        """Return the last `count` bars.

        Raises SourceUnavailable where those of the last session cannot be had, NoData where no vendor knows the ticker,
        and InvalidData where one stands out and no second vendor confirms it.
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
        # The splits are read only where something stands out: bars alone are no question about splits.
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
        """Return the profile that was archived by `until`; one that is fetched now says nothing of then."""
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
        """Return what was asked for in vain, for answers at `until` about `symbols`, in a fixed order."""
        wanted = {*symbols, *MARKET_PROXIES}
        found = (
            self.outage(kind, key, until)
            for kind, key in self._archive.asked()
            if kind is DatasetKind.MACRO or key in wanted
        )
        return tuple(outage for outage in found if outage is not None)

    def outage(self, kind: DatasetKind, key: str, until: datetime) -> Outage | None:
        """Return why what is archived is not up to date at `until`, or None where it is, or no vendor was asked."""
        self._fetches.refresh(kind, key)
        return self._outage_known(kind, key, until)

    def _outage_known(self, kind: DatasetKind, key: str, until: datetime) -> Outage | None:
        """Return the outage by the fetches that are in memory: for use after `ensure`, which has read them."""
        return outage_of(
            self._fetches.known(kind, key), kind, key, required_until(kind, until, self._trading(kind, key))
        )

    def listing_start(self, symbol: str, until: datetime) -> datetime | None:
        """Return from when on `symbol` is whom it is at `until`, where it was somebody else before."""
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
        """Return whether vendors were asked about a stretch without bars."""
        kind = daily_kind(symbol)
        told = covered(self._fetches.refresh(kind, symbol), kind)
        return any(window.since <= since and until <= window.until for window in told)

    def ensure(self, kind: DatasetKind, key: str, until: datetime, *, since: datetime | None = None) -> None:
        """Ask for what no vendor has answered for yet between `since` and `until`; by default over the desk's history.

        It raises only NoData, for a ticker that was not called so at `until`, or that trades nowhere.
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
        """Return what `ensure` would ask for at this moment."""
        now = self._now()
        until = min(until, now)
        fetches = self._fetches.refresh(kind, key)
        if kind is DatasetKind.PROFILE and now - until > PROFILE_LASTS:
            return ()
        who, start = self._wanted(kind, key, until, since)
        told = covered(fetches, kind)
        gaps = missing(told, start, required_until(kind, until, self._trading(kind, key)))
        if all(recently_requested(fetches, gap, now) for gap in gaps):
            return ()
        target = now if now - until < RECENT and who.until is None else until
        return tuple(gap for gap in missing(told, start, target) if not recently_requested(fetches, gap, now))

    def _wanted(
        self, kind: DatasetKind, key: str, until: datetime, since: datetime | None
    ) -> tuple[ListingIdentity, datetime]:
        """Return who `key` is at `until`, and from when its rows are wanted."""
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
        """Raise SourceUnavailable where nothing is held because no vendor could be asked."""
        outage = self._outage_known(kind, key, until)
        if outage is not None and not outage.held:
            raise SourceUnavailable(outage.text)

    def _check_known(self, kind: DatasetKind, symbol: str, until: datetime) -> None:
        """Raise NoData, with what each vendor said, where none knows `symbol`."""
        tried = last_round(self._fetches.known(kind, symbol))
        if tried and not any(fetch.answered for fetch in tried):
            raise NoData(unknown_symbol(tried, symbol, self._identity(symbol, until).hint))

    def _of_this_listing(self, symbol: str, until: datetime, facts: Sequence[D]) -> Sequence[D]:
        born = self.listing_start(symbol, until) if facts else None
        return facts if born is None else tuple(fact for fact in facts if fact.known_at >= born)

    def _confirm(self, kind: DatasetKind, bar: Bar) -> None:
        """Raise InvalidData unless another vendor says the same of `bar`; vendors further down the chain are asked."""
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
