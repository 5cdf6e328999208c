"""Export of the archive to a market folder, which gives the same decisions without archive and network."""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from ...domain.errors import ConfigError, NoData
from ..folder.layout import (
    LAYOUTS,
    PRICE_KINDS,
    TABLE_ENDINGS,
    DatasetKind,
)
from ..folder.manifest import MANIFEST, Manifest
from ..folder.row import TableRow
from .row_identity import earliest_known_at
from .store import Archive, ArchivedRow
from .tables import row_of, select_owner


@dataclass(frozen=True, slots=True)
class SnapshotFilter:
    """Selection of the rows of a snapshot: those of `tickers`, and all macro series.

    Rows before `since` and rows not yet known at `until` (dated or fetched later) are excluded.
    """

    tickers: Sequence[str]
    since: datetime | None
    until: datetime


def write_snapshot(
    archive: Archive,
    wanted: SnapshotFilter,
    manifest: Manifest,
    folder: Path,
    *,
    keep: Callable[[ArchivedRow], bool] = lambda _: True,
    copied: Iterable[Path] = (),
) -> dict[DatasetKind, int]:
    """Write `folder` atomically and return its number of rows by kind. `keep` filters the archived rows.

    The folder is written completely or not at all, with the files `copied`.

    Raises:
        ConfigError: the folder already exists or cannot be written.
        NoData: the archive has no matching bars.
    """
    if folder.exists():
        raise ConfigError(f"{folder} already exists; specify a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ConfigError(f"{folder} cannot be created: {error.strerror}") from error
    try:
        counts = {kind: _write_kind(archive, kind, wanted, draft, keep) for kind in DatasetKind}
        if not any(counts[kind] for kind in PRICE_KINDS):
            asked = ", ".join(wanted.tickers)
            raise NoData(f"the archive has no bars of {asked} in that window; fetch them with openoutcry data fetch")
        (draft / MANIFEST).write_text(manifest.text(), encoding="utf-8")
        for path in copied:
            shutil.copyfile(path, draft / path.name)
        draft.chmod(0o755)
        draft.rename(folder)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return {kind: count for kind, count in counts.items() if count}


def _write_kind(
    archive: Archive, kind: DatasetKind, wanted: SnapshotFilter, folder: Path, keep: Callable[[ArchivedRow], bool]
) -> int:
    keys = archive.keys(kind) if kind is DatasetKind.MACRO else wanted.tickers
    rows = [
        row_of(held)
        for key in keys
        for held in select_owner(archive.rows(kind, key))
        if keep(held) and _is_wanted(held, wanted)
    ]
    if rows:
        is_table = LAYOUTS[kind].endings == TABLE_ENDINGS
        text = _table(kind, rows) if is_table else "".join(_line(row) + "\n" for row in rows)
        (folder / f"{kind}{LAYOUTS[kind].endings[0]}").write_text(text, encoding="utf-8")
    return len(rows)


def _is_wanted(held: ArchivedRow, wanted: SnapshotFilter) -> bool:
    if held.seen_at is not None and held.seen_at > wanted.until:
        return False
    known = earliest_known_at(held.kind, row_of(held).cells)  # type: ignore[arg-type]
    if known is None:
        return True
    return known <= wanted.until and (wanted.since is None or known >= wanted.since)


def _table(kind: DatasetKind, rows: Iterable[TableRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LAYOUTS[kind].columns)
    writer.writerows([row.cells.get(column, "") for column in LAYOUTS[kind].columns] for row in rows)
    return text.getvalue()


def _line(row: TableRow) -> str:
    """Return a row as a JSON line with all required fields; numbers are kept as written."""
    fields = dict.fromkeys(LAYOUTS[DatasetKind(row.file.removeprefix("archive "))].required, "") | dict(row.cells)
    return "{" + ", ".join(f"{json.dumps(name)}: {_value(cell)}" for name, cell in fields.items()) + "}"


def _value(cell: object) -> str:
    if isinstance(cell, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {_value(value)}" for name, value in cell.items()) + "}"
    return str(cell) if isinstance(cell, Decimal) else json.dumps(cell)
