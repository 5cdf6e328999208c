"""A market folder out of the archive: the same rows, so the same decisions, without the archive or a network."""

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
    """Which rows go into a snapshot: those of `tickers` and all macro series.

    Rows of before `since` are left out, as are those that were not known at `until`: of a later day, or seen later.
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
) -> dict[DatasetKind, int]:
    """Write `folder` and return how many rows of each kind are in it.

    It appears whole or not at all. Raises ConfigError where it exists already or cannot be written, and NoData where
    the archive holds no bars to write.
    """
    if folder.exists():
        raise ConfigError(f"{folder} exists already; name a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}") from error
    try:
        counts = {kind: _write_kind(archive, kind, wanted, draft, keep) for kind in DatasetKind}
        if not any(counts[kind] for kind in PRICE_KINDS):
            asked = ", ".join(wanted.tickers)
            raise NoData(f"the archive holds no bars of {asked} then; fetch them with openoutcry data fetch")
        (draft / MANIFEST).write_text(manifest.text(), encoding="utf-8")
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
    """Return a row as JSON; the readers want every field that must be there, and numbers as they were written."""
    fields = dict.fromkeys(LAYOUTS[DatasetKind(row.file.removeprefix("archive "))].required, "") | dict(row.cells)
    return "{" + ", ".join(f"{json.dumps(name)}: {_value(cell)}" for name, cell in fields.items()) + "}"


def _value(cell: object) -> str:
    if isinstance(cell, dict):
        return "{" + ", ".join(f"{json.dumps(name)}: {_value(value)}" for name, value in cell.items()) + "}"
    return str(cell) if isinstance(cell, Decimal) else json.dumps(cell)
