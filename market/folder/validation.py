"""Validation of a market folder: coverage, missing data and invalid rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from ...domain.errors import InvalidData
from ...domain.market import Bar
from .accepted_jumps import ACCEPTED_JUMPS, AcceptedJumps, read_accepted_jumps
from .delistings import DELISTINGS, read_delistings
from .layout import (
    DatasetKind,
    find,
    names_of,
    several,
)
from .manifest import MANIFEST, read_manifest
from .point_in_time import PointInTimeSeries
from .quarantine import blocks, judge
from .renames import RENAMES, read_renames
from .tables import FolderTables

MOST_SHOWN = 100
BAR_KINDS = (DatasetKind.PRICES_DAILY, DatasetKind.CRYPTO_DAILY, DatasetKind.PRICES_HOURLY)
TICKER_KINDS = (
    DatasetKind.PRICES_HOURLY,
    DatasetKind.SPLITS,
    DatasetKind.DIVIDENDS,
    DatasetKind.NEWS,
    DatasetKind.FUNDAMENTALS,
)


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one ticker or series; `first` and `last` are None if no row has a valid date.

    Depending on the kind they are sessions, ex-dates, publication dates (news and statements) or reference dates.
    """

    key: str
    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of one file: number of rows, tickers or series (sorted), and number of rows that never became known."""

    kind: DatasetKind
    file: str
    rows: int
    spans: tuple[Span, ...]
    never_known: int

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the tickers or series of the file."""
        return tuple(span.key for span in self.spans)

    @property
    def first(self) -> date | None:
        """Return the earliest date in the file."""
        return min((span.first for span in self.spans if span.first), default=None)

    @property
    def last(self) -> date | None:
        """Return the latest date in the file."""
        return max((span.last for span in self.spans if span.last), default=None)


@dataclass(frozen=True, slots=True)
class Gap:
    """The sessions without a bar between the first and the last bar of a ticker in the file of `kind`."""

    kind: DatasetKind
    ticker: str
    sessions: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """The kinds for which a ticker with daily bars has no rows."""

    ticker: str
    kinds: tuple[DatasetKind, ...]


@dataclass(frozen=True, slots=True)
class Defect:
    """An invalid row, or, if `row` is None, an invalid file."""

    file: str
    row: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class FolderReport:
    """Result of the validation of a folder.

    Attributes:
        coverage: one entry per readable file.
        missing: kinds without a file.
        unread: names of unrecognized files, to reveal misspelt names.
        gaps: missing sessions by ticker.
        absences: missing kinds by ticker.
        defects: the first defects, one per invalid row.
        defect_count: number of all defects.
    """

    coverage: tuple[Coverage, ...]
    missing: tuple[DatasetKind, ...]
    unread: tuple[str, ...]
    gaps: tuple[Gap, ...]
    absences: tuple[Absence, ...]
    defects: tuple[Defect, ...]
    defect_count: int


@dataclass(slots=True)
class _Findings:
    accepted: AcceptedJumps
    coverage: list[Coverage] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)


def validate_folder(path: Path, *, max_shown: int = MOST_SHOWN) -> FolderReport:
    """Read every row of the market folder `path` and return a report with at most `max_shown` defects.

    Defects of rows and files are reported and do not raise InvalidData.

    Raises:
        ConfigError: there is no folder or no price file, the manifest is invalid, or a Parquet file requires pyarrow.
        SourceUnavailable: a file cannot be read.
    """
    files = find(path)
    shelf = FolderTables({kind: paths[0] for kind, paths in files.items()}, read_manifest(path).calendars)
    findings = _Findings(read_accepted_jumps(path), defects=[*_clashes_of_files(files), *_defects_of_listings(path)])
    for kind in shelf.files:
        _inspect(shelf, kind, findings)
    findings.defects += _clashes_of_tickers(shelf, findings.coverage)
    return FolderReport(
        coverage=tuple(findings.coverage),
        missing=tuple(kind for kind in DatasetKind if kind not in files),
        unread=_unread(path),
        gaps=tuple(findings.gaps),
        absences=tuple(_absences(findings.coverage)),
        defects=tuple(islice(findings.defects, max_shown)),
        defect_count=len(findings.defects),
    )


def _inspect(shelf: FolderTables, kind: DatasetKind, findings: _Findings) -> None:
    """Add the findings of the file of `kind`; one series at a time is in memory."""
    try:
        table = shelf.table(kind)
    except InvalidData as error:
        findings.defects.append(_defect(error))
        return
    spans, hidden, defects = [], 0, []
    for key, positions in sorted(table.index.items()):
        track = shelf.build(kind, key, positions)
        days = sorted({_day(timestamp) for timestamp in track.orders})
        spans.append(Span(key, len(positions), days[0] if days else None, days[-1] if days else None))
        hidden += track.hidden
        defects += [_defect(error) for error in track.defects()]
        if days and kind in BAR_KINDS:
            findings.gaps += _gap(shelf, kind, key, days)
            defects += _jumps(shelf, table.file, key, track, findings.accepted)
    defects += [_defect(error) for error in shelf.build(kind, "", table.keyless).defects()]
    findings.defects += sorted(defects, key=lambda defect: defect.row or 0)
    rows = sum(span.rows for span in spans) + len(table.keyless)
    findings.coverage.append(Coverage(kind, table.file, rows, tuple(spans), hidden))


def _jumps(
    shelf: FolderTables, file: str, key: str, track: PointInTimeSeries[Bar], accepted: AcceptedJumps
) -> Iterator[Defect]:
    """Yield a defect for each block of bars that is withheld at the end of the file."""
    numbers = {id(bar): (number, bar) for number, bar in track.numbered_facts()}
    bars = [bar for _, bar in numbers.values()]
    splits = shelf.build(DatasetKind.SPLITS, key, shelf.table(DatasetKind.SPLITS).index.get(key, ()))
    recorded = [split for _, split in splits.numbered_facts()]
    _, withheld = judge(bars, recorded, lambda bar: accepted.accepts(bar, datetime.max.replace(tzinfo=UTC)))
    for first, count in blocks(withheld):
        more = f"; it and the {count - 1} bars after it are not served" if count > 1 else "; it is not served"
        advice = f"correct it, record the split, or accept it in {ACCEPTED_JUMPS}"
        yield Defect(file, numbers[id(first.bar)][0], f"{first.reason}{more}: {advice}")


def _gap(shelf: FolderTables, kind: DatasetKind, key: str, days: Sequence[date]) -> Iterator[Gap]:
    held = frozenset(days)
    sessions = shelf.calendar(kind, key).between(days[0], days[-1])
    if missing := tuple(session for session in sessions if session not in held):
        yield Gap(kind, key, missing)


def _absences(coverage: Sequence[Coverage]) -> Iterator[Absence]:
    held = {entry.kind: frozenset(entry.keys) for entry in coverage}
    tickers = held.get(DatasetKind.PRICES_DAILY, frozenset()) | held.get(DatasetKind.CRYPTO_DAILY, frozenset())
    for ticker in sorted(tickers):
        if lacking := tuple(kind for kind in TICKER_KINDS if ticker not in held.get(kind, frozenset())):
            yield Absence(ticker, lacking)


def _clashes_of_files(files: Mapping[DatasetKind, Sequence[Path]]) -> Iterator[Defect]:
    for kind, paths in files.items():
        if len(paths) > 1:
            yield Defect(paths[1].name, None, several(kind, paths))


def _defects_of_listings(folder: Path) -> Iterator[Defect]:
    for read in (read_renames, read_delistings):
        try:
            read(folder)
        except InvalidData as error:
            yield _defect(error)


def _clashes_of_tickers(shelf: FolderTables, coverage: Sequence[Coverage]) -> Iterator[Defect]:
    held = {entry.kind: entry for entry in coverage}
    stocks, crypto = held.get(DatasetKind.PRICES_DAILY), held.get(DatasetKind.CRYPTO_DAILY)
    if stocks and crypto:
        for ticker in sorted(set(stocks.keys) & set(crypto.keys)):
            yield Defect(crypto.file, None, f"{ticker} is in {stocks.file} too; keep it in one of them")


def _unread(path: Path) -> tuple[str, ...]:
    known = {name for kind in DatasetKind for name in names_of(kind)}
    return tuple(
        sorted(
            entry.name
            for entry in path.iterdir()
            if entry.name not in known | {MANIFEST, ACCEPTED_JUMPS, RENAMES, DELISTINGS}
        )
    )


def _defect(error: InvalidData) -> Defect:
    return Defect(error.file, error.row, error.reason)


def _day(timestamp: date) -> date:
    return timestamp.date() if isinstance(timestamp, datetime) else timestamp
