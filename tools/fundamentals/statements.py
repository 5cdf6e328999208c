"""Statements of one filer as known at `view.as_of`, and derived figures."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from statistics import stdev
from typing import TypeVar, cast

from ...domain.ids import Symbol
from ...domain.market import Filing, Split, Timeframe
from ...domain.trading_calendar import TradingCalendar
from ...market.metrics import (
    LONGEST_QUARTER,
    SHORTEST_QUARTER,
    Metric,
    normalize_metrics,
)
from ...market.provenance import source_names
from ...market.view import MarketView
from .per_share import reconcile, share_growth, split_adjusted

R = TypeVar("R")
YEAR, YEAR_SLACK = 365, 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure with the time from which it could be known; `estimated` if it depends on an assumed filing date."""

    value: Decimal
    known_at: datetime
    estimated: bool

    def __add__(self, other: "Amount") -> "Amount":
        return self._with(other, self.value + other.value)

    def __sub__(self, other: "Amount") -> "Amount":
        return self._with(other, self.value - other.value)

    def times(self, other: "Amount") -> "Amount":
        """Return the product of both amounts."""
        return self._with(other, self.value * other.value)

    def over(self, other: "Amount") -> "Amount":
        """Return the quotient; the caller must ensure that `other` is not zero."""
        return self._with(other, self.value / other.value)

    def _with(self, other: "Amount", value: Decimal) -> "Amount":
        return Amount(value, max(self.known_at, other.known_at), self.estimated or other.estimated)


@dataclass(frozen=True, slots=True)
class Statement:
    """Latest values of one period; per-share figures are adjusted to the shares of the view's last session.

    `first_known_at` is when the period was first reported, `known_at` when its latest value was reported.
    """

    period_end: date
    timeframe: Timeframe
    first_known_at: datetime
    known_at: datetime
    estimated: bool
    values: Mapping[Metric, Decimal]

    def amount(self, metric: Metric) -> Amount | None:
        """Return the value of `metric` in this period, or None if it was not reported."""
        value = self.values.get(metric)
        return None if value is None else Amount(value, self.known_at, self.estimated)

    def restated(self, later: "Statement") -> "Statement":
        """Return this period with its values replaced by those of a later filing."""
        values = {**self.values, **later.values}
        estimated = self.estimated or later.estimated
        return Statement(self.period_end, self.timeframe, self.first_known_at, later.known_at, estimated, values)


@dataclass(frozen=True, slots=True)
class StatementHistory:
    """All periods of one filer by period end; `origin` names the vendors of the statements.

    Derived figures are kept, since several kinds of evidence, and a backtest on many days, ask for the same ones.
    """

    quarters: Mapping[date, Statement]
    years: Mapping[date, Statement]
    origin: str = ""
    _kept: dict[tuple[str, Metric | None], object] = field(default_factory=dict, compare=False, repr=False)

    def _once(self, name: str, metric: Metric | None, derive: Callable[[], R]) -> R:
        """Return `derive()`, which is called once for a name and metric."""
        if (name, metric) not in self._kept:
            self._kept[name, metric] = derive()
        return cast(R, self._kept[name, metric])

    @property
    def ends(self) -> tuple[date, ...]:
        """Return the end dates of all reported periods, oldest first."""
        return self._once("ends", None, lambda: tuple(sorted(self.quarters.keys() | self.years.keys())))

    def at(self, end: date) -> tuple[Statement, ...]:
        """Return the statements of periods that ended on `end`, first the quarter, then the year."""
        return tuple(table[end] for table in (self.quarters, self.years) if end in table)

    def first_known(self, end: date) -> datetime:
        """Return when the period that ended on `end` was first reported."""
        return min(statement.first_known_at for statement in self.at(end))

    def balance(self, metric: Metric, end: date) -> Amount | None:
        """Return a balance sheet figure, or a share count, at the period end `end`."""
        return next((amount for each in self.at(end) if (amount := each.amount(metric))), None)

    def latest_shares(self) -> Amount | None:
        """Return the latest diluted share count."""
        return next((found for end in reversed(self.ends) if (found := self.balance(Metric.SHARES, end))), None)

    def quarterly(self, metric: Metric) -> Mapping[date, Amount]:
        """Return a flow by quarter end, oldest first; a missing fourth quarter is the year minus the other three."""
        return self._once("quarterly", metric, lambda: self._quarterly(metric))

    def _quarterly(self, metric: Metric) -> dict[date, Amount]:
        flows = _amounts(self.quarters, metric)
        reported = sorted(flows)
        for end, year in _amounts(self.years, metric).items():
            earlier = reported[: bisect_left(reported, end)]
            if end not in flows and (three := _run(earlier, _follows(end), 3)):
                flows[end] = year - _total(flows[quarter] for quarter in three)
        return dict(sorted(flows.items()))

    def trailing_year(self, metric: Metric) -> Amount | None:
        """Return a flow over the twelve months to the latest period end, or None if it cannot be derived.

        It is the first of these that is complete: the annual statement; the sum of the last four quarters; the last
        annual statement plus the quarters since, minus the same quarters of the year before.
        """
        return self._once("trailing_year", metric, lambda: self._trailing_year(metric))

    def _trailing_year(self, metric: Metric) -> Amount | None:
        end = self.ends[-1]
        flows, years = self.quarterly(metric), _amounts(self.years, metric)
        if end in years:
            return years[end]
        if four := _run(tuple(flows), lambda last: last == end, 4):
            return _total(flows[quarter] for quarter in four)
        return _bridged(years, flows, end)

    def year_ago(self, metric: Metric, end: date) -> tuple[Amount, Amount] | None:
        """Return a flow of the quarter that ended on `end` and of the same quarter a year before, or None."""
        return _year_apart(self.quarterly(metric), end)

    def surprise(self) -> Amount | None:
        """Return the standardised unexpected earnings of the latest quarter, or None if it cannot be derived.

        Seasonal random walk of Foster, Olsen & Shevlin 1984: (EPS_q - EPS_(q-4)) / sample standard deviation of these
        differences in the previous quarters (up to 8, at least 4).
        """
        return self._once("surprise", None, self._surprise)

    def _surprise(self) -> Amount | None:
        flows = self.quarterly(Metric.EPS)
        pairs = [pair for end in flows if (pair := _year_apart(flows, end))]
        if len(pairs) < 5 or _year_apart(flows, self.ends[-1]) is None:
            return None
        *before, latest = [later - earlier for later, earlier in pairs][-9:]
        spread = stdev(change.value for change in before)
        known = _total([*before, latest])
        return Amount(latest.value / spread, known.known_at, known.estimated) if spread else None


def read_statements(view: MarketView, symbol: Symbol) -> StatementHistory | None:
    """Return the statements of the filer known at `view.as_of`, or None without filings.

    Per-share figures are adjusted for splits between the filing and the view's last session, the same basis as the last
    raw close. A later filing for a period replaces its figures from the time it became known.
    """
    splits, session = view.splits(symbol), view.session(symbol)
    effective = tuple(split for split in splits if split.ex_date <= session)
    inputs = (view.filings(symbol), effective)
    return view.derived(("statements", symbol), inputs, lambda: _history(*inputs, view.calendar(symbol), session))


def _history(
    filings: Sequence[Filing], splits: Sequence[Split], calendar: TradingCalendar, session: date
) -> StatementHistory | None:
    """Return the statements of `filings`; `splits` are those up to `session`, and no later one has an effect."""
    tables: dict[Timeframe, dict[date, Statement]] = {Timeframe.QUARTERLY: {}, Timeframe.ANNUAL: {}}
    for statement in _split_adjusted(filings, splits, calendar, session):
        periods = tables[statement.timeframe]
        earlier = periods.get(statement.period_end)
        periods[statement.period_end] = earlier.restated(statement) if earlier else statement
    origin = source_names(filings)
    history = StatementHistory(tables[Timeframe.QUARTERLY], tables[Timeframe.ANNUAL], origin)
    return history if history.ends else None


def _split_adjusted(
    filings: Sequence[Filing], splits: Sequence[Split], calendar: TradingCalendar, session: date
) -> Iterable[Statement]:
    usual: Decimal | None = None
    for filing in sorted(filings, key=_order):
        first_open = bisect_right(calendar.opens, filing.known_at)
        growth = share_growth(splits, calendar.sessions[first_open], session)
        reconciled = reconcile(normalize_metrics(filing.metrics), None if usual is None else usual / growth)
        values = split_adjusted(reconciled, growth)
        usual = values.get(Metric.SHARES, usual)
        if values:
            known_at = filing.known_at
            yield Statement(filing.period_end, filing.timeframe, known_at, known_at, filing.estimated, values)


def _order(filing: Filing) -> tuple[datetime, date, str]:
    return filing.known_at, filing.period_end, filing.timeframe


def _amounts(table: Mapping[date, Statement], metric: Metric) -> dict[date, Amount]:
    return {end: amount for end, statement in table.items() if (amount := statement.amount(metric))}


def _total(amounts: Iterable[Amount]) -> Amount:
    first, *rest = amounts
    for amount in rest:
        first += amount
    return first


def _follows(end: date) -> Callable[[date], bool]:
    """Return a predicate for the end of the quarter directly before the one that ended on `end`."""
    return lambda before: SHORTEST_QUARTER <= (end - before).days <= LONGEST_QUARTER


def _run(ends: Sequence[date], fits: Callable[[date], bool], count: int) -> tuple[date, ...]:
    """Return the last `count` of `ends` if the last one fits and they are consecutive quarters; else empty."""
    chosen = tuple(ends[-count:])
    if len(chosen) < count or not fits(chosen[-1]):
        return ()
    return chosen if all(_follows(after)(before) for before, after in pairwise(chosen)) else ()


def _same_quarter_before(ends: Iterable[date], end: date) -> date | None:
    return next((each for each in ends if abs((end - each).days - YEAR) <= YEAR_SLACK), None)


def _year_apart(flows: Mapping[date, Amount], end: date) -> tuple[Amount, Amount] | None:
    before = _same_quarter_before(flows, end)
    return None if end not in flows or before is None else (flows[end], flows[before])


def _bridged(years: Mapping[date, Amount], flows: Mapping[date, Amount], end: date) -> Amount | None:
    """Return the last year plus the quarters since, minus the same quarters of the year before; None if incomplete."""
    closed = max((year for year in years if year < end), default=None)
    since = [quarter for quarter in flows if closed and closed < quarter <= end]
    if closed is None or not 0 < len(since) < 4 or since[-1] != end:
        return None
    before = [_same_quarter_before(flows, quarter) for quarter in since]
    if not _run(since, lambda last: last == end, len(since)) or not _follows(since[0])(closed):
        return None
    if any(quarter is None for quarter in before):
        return None
    return years[closed] + _total(flows[q] for q in since) - _total(flows[q] for q in before if q)
