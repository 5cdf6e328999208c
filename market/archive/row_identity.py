"""Identity of archived rows across versions, and the time at which a row became public."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ...domain.errors import InvalidData
from ..folder.layout import LAYOUTS, DatasetKind
from ..folder.row import TableRow
from ..vendors.port import Cell

_UNIQUE: Mapping[DatasetKind, tuple[str, ...]] = {
    # The identity of a statement includes its publication date; that of a macro vintage its release date.
    DatasetKind.FUNDAMENTALS: ("ticker", "period_end", "timeframe", "accepted_at", "filed_at", "filed_at_assumed"),
    DatasetKind.MACRO: ("series", "date", "released_at"),
    DatasetKind.INSIDER: ("ticker", "filed_at", "traded_on", "person", "role", "side", "shares", "price"),
}
_KNOWN: Mapping[DatasetKind, tuple[str, ...]] = {
    DatasetKind.PRICES_HOURLY: ("ts_utc",),
    DatasetKind.NEWS: ("published_at",),
    DatasetKind.FUNDAMENTALS: ("accepted_at", "filed_at", "filed_at_assumed"),
    DatasetKind.FILING_TEXTS: ("accepted_at",),
    DatasetKind.INSIDER: ("filed_at",),
    DatasetKind.MACRO: ("released_at",),
}
_DATED: Mapping[DatasetKind, str] = {
    DatasetKind.PRICES_DAILY: "date",
    DatasetKind.CRYPTO_DAILY: "date",
    DatasetKind.SPLITS: "ex_date",
    DatasetKind.DIVIDENDS: "ex_date",
}


def canonical_json(cells: Mapping[str, Cell]) -> str:
    """Return the cells as canonical JSON text, without empty cells."""
    held = {name: cell for name, cell in cells.items() if cell not in ("", None)}
    return json.dumps(held, sort_keys=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    """Return the SHA-256 hex digest of canonical JSON text."""
    return hashlib.sha256(text.encode()).hexdigest()


def identity(kind: DatasetKind, cells: Mapping[str, Cell]) -> str:
    """Return the identity shared by all versions of one row, as a JSON list."""
    columns = _UNIQUE.get(kind, LAYOUTS[kind].unique)
    return json.dumps([cells.get(column) or "" for column in columns])


def earliest_known_at(kind: DatasetKind, cells: Mapping[str, Cell]) -> datetime | None:
    """Return the time at which a row became public, or the beginning of its day; None if the row does not state it."""
    row = TableRow(kind, 0, cells)
    try:
        if kind in _DATED:
            return row.moment(_DATED[kind])
        return next((row.known(column) for column in _KNOWN.get(kind, ()) if row.has(column)), None)
    except InvalidData:
        return None


def decode_cells(text: str) -> dict[str, object]:
    """Return the cells of canonical JSON text as read from a market folder; metrics are Decimal."""
    cells: dict[str, object] = json.loads(text)
    metrics = cells.get("metrics")
    if isinstance(metrics, dict):
        cells["metrics"] = {name: Decimal(value) for name, value in metrics.items()}
    return cells
