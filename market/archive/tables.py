"""Adapter of the archive to the `TableStore` protocol of market folders."""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import Any

from ...domain.trading_calendar import trading_calendar
from ..folder.layout import LAYOUTS, DatasetKind
from ..folder.point_in_time import PointInTimeSeries
from ..folder.row import TableRow
from ..folder.table import FolderTable
from ..folder.tables import row_reader_for
from ..symbology import CRYPTO
from .row_identity import decode_cells
from .store import Archive, ArchivedRow


class ArchiveTables:
    """Cache of point-in-time series, each rebuilt when the archive has new rows of it; thread-safe.

    `calendar_of` returns the exchange calendar of a ticker.
    """

    def __init__(self, archive: Archive, calendar_of: Callable[[str], str]) -> None:
        self._archive, self._calendar_of = archive, calendar_of
        self._tracks: dict[tuple[DatasetKind, str], tuple[int, PointInTimeSeries[Any]]] = {}
        self._lock = Lock()

    def tickers(self) -> frozenset[str]:
        """Return every ticker with daily bars."""
        return frozenset((*self._archive.keys(DatasetKind.PRICES_DAILY), *self._archive.keys(DatasetKind.CRYPTO_DAILY)))

    def daily_kind(self, ticker: str) -> DatasetKind | None:
        """Return the kind of the daily bars of `ticker`; None if there are none."""
        kind = DatasetKind.CRYPTO_DAILY if self._calendar_of(ticker) == CRYPTO else DatasetKind.PRICES_DAILY
        return kind if self._archive.newest(kind, ticker) else None

    def keys(self, kind: DatasetKind) -> Collection[str]:
        """Return every ticker or series with rows of `kind`."""
        return self._archive.keys(kind)

    def track(self, kind: DatasetKind, key: str) -> PointInTimeSeries[Any]:
        """Return the point-in-time rows of `kind` for `key`."""
        newest = self._archive.newest(kind, key)
        with self._lock:
            held, track = self._tracks.get((kind, key), (-1, None))
        if track is None or held != newest:
            track = self._made(kind, key)
            with self._lock:
                self._tracks[kind, key] = newest, track
        return track

    def _made(self, kind: DatasetKind, key: str) -> PointInTimeSeries[Any]:
        rows = [row_of(held) for held in select_owner(self._archive.rows(kind, key))]
        table = FolderTable(f"archive {kind}", LAYOUTS[kind], {key: range(len(rows))}, (), rows.__getitem__)
        return PointInTimeSeries(
            table, range(len(rows)), row_reader_for(kind, lambda: trading_calendar(self._calendar_of(key)), rows)
        )


def select_owner(rows: Sequence[ArchivedRow]) -> tuple[ArchivedRow, ...]:
    """Return the rows to read: for each identity, the versions of the first vendor that provided it.

    Rows of other vendors are used only to confirm it; they do not replace it.
    """
    owners: dict[str, str] = {}
    return tuple(held for held in rows if owners.setdefault(held.identity, held.origin) == held.origin)


def row_of(held: ArchivedRow) -> TableRow:
    """Return an archived row as a row of a market folder."""
    cells: Mapping[str, object] = decode_cells(held.cells) | {"origin": held.origin}
    if held.seen_at is not None:
        cells = {**cells, "seen_at": held.seen_at.isoformat()}
    return TableRow(f"archive {held.kind}", held.number, cells)
