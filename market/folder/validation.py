"""Inspect a market folder: what it covers, what is missing, and every row that cannot be true."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from ...domain.errors import InvalidData
from .layout import (
    DatasetKind,
    find,
    names_of,
    several,
)
from .manifest import MANIFEST, read_manifest
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
    """The rows of one ticker or series; `first` and `last` are None when no row has a date that can be read.

    They are sessions, ex-dates, days of publication (of news and statements), or reference dates, as the kind has them.
    """

    key: str
    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One file: its rows, its tickers or series (sorted), and how many rows never became known."""

    kind: DatasetKind
    file: str
    rows: int
    spans: tuple[Span, ...]
    never_known: int

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the tickers, or the series, of the file."""
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
    """The sessions between its first and its last bar for which a ticker has no bar in a file of `kind`."""

    kind: DatasetKind
    ticker: str
    sessions: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """The kinds of which a ticker with daily bars has no row at all."""

    ticker: str
    kinds: tuple[DatasetKind, ...]


@dataclass(frozen=True, slots=True)
class Defect:
    """A row that cannot be true, or with `row` None a whole file at fault."""

    file: str
    row: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What a folder holds.

    Attributes:
        coverage: one entry for each file that could be read.
        missing: kinds of which the folder has no file.
        unread: names of files that are of no kind, so that a misspelt name is noticed.
        defects: the first ones, one for each row at fault; `defect_count` counts them all.
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
    coverage: list[Coverage] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)


def validate_folder(path: Path, *, max_shown: int = MOST_SHOWN) -> FolderReport:
    """Read every row of the market folder `path`, whenever it is dated, and report without raising InvalidData.

    Raises ConfigError only where there is nothing to inspect (no folder, no price file, parquet without pyarrow) and
    SourceUnavailable where a file cannot be read.
    """
    files = find(path)
    shelf = FolderTables({kind: paths[0] for kind, paths in files.items()}, read_manifest(path).calendars)
    findings = _Findings(defects=[*_clashes_of_files(files)])
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
    """Add what the file of `kind` holds; one track at a time is in memory."""
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
    defects += [_defect(error) for error in shelf.build(kind, "", table.keyless).defects()]
    findings.defects += sorted(defects, key=lambda defect: defect.row or 0)
    rows = sum(span.rows for span in spans) + len(table.keyless)
    findings.coverage.append(Coverage(kind, table.file, rows, tuple(spans), hidden))


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


def _clashes_of_tickers(shelf: FolderTables, coverage: Sequence[Coverage]) -> Iterator[Defect]:
    held = {entry.kind: entry for entry in coverage}
    stocks, crypto = held.get(DatasetKind.PRICES_DAILY), held.get(DatasetKind.CRYPTO_DAILY)
    if stocks and crypto:
        for ticker in sorted(set(stocks.keys) & set(crypto.keys)):
            yield Defect(crypto.file, None, f"{ticker} is in {stocks.file} too; keep it in one of them")


def _unread(path: Path) -> tuple[str, ...]:
    known = {name for kind in DatasetKind for name in names_of(kind)}
    return tuple(sorted(entry.name for entry in path.iterdir() if entry.name not in known | {MANIFEST}))


def _defect(error: InvalidData) -> Defect:
    return Defect(error.file, error.row, error.reason)


def _day(timestamp: date) -> date:
    return timestamp.date() if isinstance(timestamp, datetime) else timestamp
