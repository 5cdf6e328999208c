"""Conversion of the XBRL company facts of a filer to rows of the fundamentals file.

The format is that of `data.sec.gov/api/xbrl/companyfacts`
(https://www.sec.gov/search-filings/edgar-application-programming-interfaces): taxonomy, tag, unit, and one entry per
filing that reports the figure, with its period (`start` to `end`, or `end` only for a balance), the accession number
and the filing date. `fy` and `fp` describe the filing, not the figure, and are not read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ....domain.errors import InvalidData, NoData
from ....domain.market import Timeframe
from ...folder.layout import DatasetKind
from ...folder.row import day_end
from ...metrics import LONGEST_QUARTER, SHORTEST_QUARTER, Metric, aliases
from ..normalize import format_utc, plain
from ..port import Cell, VendorRow
from .submissions import NAME, ODD_SHAPE, EdgarSubmission

TAXONOMIES = ("us-gaap", "ifrs-full")
FORMS = frozenset({"10-K", "10-KT", "10-Q", "10-QT", "20-F", "40-F", "8-K", "6-K"})
SHARES_OF_ANOTHER_KIND = "20-F"
"""Filers of this form mostly trade as depositary receipts for several shares, or for a fraction of one."""
SHORTEST_YEAR, LONGEST_YEAR = 350, 380
LARGEST = 10**18
DOLLARS = "USD"
PER_SHARE = {Metric.EPS: "USD/shares", Metric.SHARES: "shares"}
BALANCES = frozenset({Metric.EQUITY, Metric.DEBT})


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure in one filing; `start` is None for a balance."""

    tag: str
    metric: Metric
    start: date | None
    end: date
    value: Decimal
    accession: str
    form: str
    filed: date

    @property
    def days(self) -> int:
        """Return the length of the period in days; 0 for a balance."""
        return (self.end - self.start).days + 1 if self.start else 0

    @property
    def timeframe(self) -> Timeframe | None:
        """Return the timeframe by the length of the period; None for a balance, a half year or three quarters."""
        if SHORTEST_QUARTER <= self.days <= LONGEST_QUARTER:
            return Timeframe.QUARTERLY
        return Timeframe.ANNUAL if SHORTEST_YEAR <= self.days <= LONGEST_YEAR else None


Period = tuple[date, Timeframe]
Figures = dict[str, Decimal]


@dataclass(slots=True)
class _Reported:
    """Figures of all filings so far: by period, by balance sheet date, and cumulative by (tag, start of the year)."""

    periods: dict[Period, Figures] = field(default_factory=lambda: defaultdict(dict))
    balances: dict[date, Figures] = field(default_factory=lambda: defaultdict(dict))
    running: dict[tuple[str, date], dict[date, Decimal]] = field(default_factory=lambda: defaultdict(dict))

    def timeframe(self, end: date) -> Timeframe | None:
        """Return the reported timeframe of the period that ended on `end`, annual if both were reported."""
        return next((each for each in (Timeframe.ANNUAL, Timeframe.QUARTERLY) if (end, each) in self.periods), None)


def records(key: str, document: Any, submissions: Iterable[EdgarSubmission]) -> Sequence[tuple[datetime, VendorRow]]:
    """Return the statements in `document`, each with its publication time.

    The first filing of a period yields a row. A later filing yields another row, with its own publication time, only if
    it reports new or changed figures. A filing that is not in `submissions` is known at the end of its filing date.

    Raises:
        NoData: the filer does not report in US dollars, so that ratios to a dollar price would be wrong.
        InvalidData: the document does not have the documented format.
    """
    listed = {submission.accession: submission.public_at for submission in submissions}
    filings: defaultdict[tuple[datetime, str], list[Fact]] = defaultdict(list)
    for fact in facts(key, document):
        known = listed.get(fact.accession, day_end(fact.filed))
        if day_end(fact.end) <= known:  # a period that ends after its filing is an error of the filer
            filings[known, fact.accession].append(fact)
    history, rows = _Reported(), dict[tuple[Period, datetime], Figures]()
    dated: dict[datetime, dict[str, str]] = {}
    for known, accession in sorted(filings):
        reported = filings[known, accession]
        exact = accession in listed
        dated.setdefault(known, {"accepted_at": format_utc(known)} if exact else {"filed_at": str(reported[0].filed)})
        for period, figures in _new_facts(reported, history):
            rows.setdefault((period, known), {}).update(figures)  # two filings may become public at the same time
    return [(known, _record(key, period, figures, dated[known])) for (period, known), figures in rows.items()]


def _record(key: str, period: Period, figures: Figures, timestamp: Mapping[str, str]) -> VendorRow:
    end, timeframe = period
    metrics = {tag: plain(value) for tag, value in sorted(figures.items())}
    cells: dict[str, Cell] = {
        "ticker": key,
        "period_end": str(end),
        "timeframe": str(timeframe),
        "metrics": metrics,
        **timestamp,
    }
    return VendorRow(DatasetKind.FUNDAMENTALS, cells)


def facts(key: str, document: Any) -> Sequence[Fact]:
    """Return every figure with a known metric, in US dollars; the rest of the document is ignored.

    Raises NoData for a filer that does not report in dollars, and InvalidData for another format.
    """
    owners = {name: metric for metric, known in aliases().items() for name in known}
    found, foreign = [], 0
    try:
        for taxonomy in TAXONOMIES:
            for tag, concept in document["facts"].get(taxonomy, {}).items():
                if (metric := owners.get(tag)) is not None:
                    units = concept["units"]
                    unit = PER_SHARE.get(metric, DOLLARS)
                    found += [_fact(tag, metric, entry) for entry in units.get(unit, ())]
                    foreign += sum(len(entries) for other, entries in units.items() if _is_foreign(other))
    except ODD_SHAPE as error:
        raise InvalidData(NAME, None, f"the facts of {key} do not have the documented format ({error!r})") from error
    if foreign > sum(fact.metric not in PER_SHARE for fact in found):
        raise NoData(f"{key} does not report in US dollars; use another source for its statements")
    return [fact for fact in found if fact.form.removesuffix("/A") in FORMS and not _of_another_kind(fact)]


def _fact(tag: str, metric: Metric, entry: Mapping[str, Any]) -> Fact:
    value = entry["val"]
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError(f"{tag} is {value!r}, which is not a number")
    if not -LARGEST <= value <= LARGEST:
        raise ValueError(f"{tag} is {value:.3e}, which is out of range")
    start = entry.get("start")
    fact = Fact(
        tag,
        metric,
        date.fromisoformat(start) if start else None,
        date.fromisoformat(entry["end"]),
        Decimal(value),
        str(entry["accn"]),
        str(entry["form"]),
        date.fromisoformat(entry["filed"]),
    )
    if fact.start and fact.start > fact.end:
        raise ValueError(f"{tag} has the period {fact.start} to {fact.end}")
    return fact


def _is_foreign(unit: str) -> bool:
    return len(unit) == len(DOLLARS) and unit.isupper() and unit != DOLLARS


def _of_another_kind(fact: Fact) -> bool:
    return fact.metric in PER_SHARE and fact.form.startswith(SHARES_OF_ANOTHER_KIND)


def _new_facts(reported: Sequence[Fact], history: _Reported) -> Iterator[tuple[Period, Figures]]:
    """Yield the periods with new or changed figures in one filing, each with all its figures in that filing."""
    flows: defaultdict[Period, Figures] = defaultdict(dict)
    for fact in reported:
        if fact.timeframe and fact.metric not in BALANCES:
            flows[fact.end, fact.timeframe][fact.tag] = fact.value
    _derive_quarters(reported, history, flows)
    balances = [fact for fact in reported if fact.start is None and fact.metric in BALANCES]
    for fact in balances:
        if period := _period_of_balance(fact.end, flows, history):
            flows[period][fact.tag] = fact.value
    for period, figures in sorted(flows.items()):
        known = history.periods[period] | history.balances[period[0]]
        if any(known.get(tag) != value for tag, value in figures.items()):
            yield period, figures
        history.periods[period].update(figures)
    for fact in balances:
        history.balances[fact.end][fact.tag] = fact.value


def _derive_quarters(reported: Sequence[Fact], history: _Reported, flows: dict[Period, Figures]) -> None:
    """Add to `flows` the quarters of figures that are reported year-to-date only, such as cash flows.

    The second quarter is the half year less the first quarter; the third is three quarters less the half year. The
    newest figures public at that time are used. The fourth quarter is not derived here.
    """
    since = [fact for fact in reported if fact.start and fact.metric not in PER_SHARE and fact.metric not in BALANCES]
    for fact in since:
        if fact.start:
            history.running[fact.tag, fact.start][fact.end] = fact.value
    for fact in since:
        period = fact.end, Timeframe.QUARTERLY
        if fact.start is None or fact.timeframe or fact.days > SHORTEST_YEAR or fact.tag in flows[period]:
            continue
        for end, value in history.running[fact.tag, fact.start].items():
            if SHORTEST_QUARTER <= (fact.end - end).days <= LONGEST_QUARTER:
                flows[period][fact.tag] = fact.value - value
    for period in [period for period, figures in flows.items() if not figures]:
        del flows[period]


def _period_of_balance(end: date, flows: Mapping[Period, Figures], history: _Reported) -> Period | None:
    """Return the statement period that ends on the date of a balance, from this filing or an earlier one."""
    for timeframe in (Timeframe.ANNUAL, Timeframe.QUARTERLY):
        if (end, timeframe) in flows:
            return end, timeframe
    earlier = history.timeframe(end)
    return (end, earlier) if earlier else None
