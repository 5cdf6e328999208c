"""What makes two fetched rows versions of one row, and since when a row could have been known."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ...domain.errors import InvalidData
from ..folder.layout import LAYOUTS, Kind
from ..folder.row import Row
from ..vendors.port import Cell

_UNIQUE: Mapping[Kind, tuple[str, ...]] = {
    # A statement is told apart by when it was published, and a vintage by when it was released.
    Kind.FUNDAMENTALS: ("ticker", "period_end", "timeframe", "accepted_at", "filed_at", "filed_at_assumed"),
    Kind.MACRO: ("series", "date", "released_at"),
}
_KNOWN: Mapping[Kind, tuple[str, ...]] = {
    Kind.PRICES_HOURLY: ("ts_utc",),
    Kind.NEWS: ("published_at",),
    Kind.FUNDAMENTALS: ("accepted_at", "filed_at", "filed_at_assumed"),
    Kind.FILING_TEXTS: ("accepted_at",),
    Kind.MACRO: ("released_at",),
}
_DATED: Mapping[Kind, str] = {
    Kind.PRICES_DAILY: "date",
    Kind.CRYPTO_DAILY: "date",
    Kind.SPLITS: "ex_date",
    Kind.DIVIDENDS: "ex_date",
}


def canonical(cells: Mapping[str, Cell]) -> str:
    """Return the cells as JSON text that is the same for the same cells; empty cells are left out."""
    held = {name: cell for name, cell in cells.items() if cell not in ("", None)}
    return json.dumps(held, sort_keys=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    """Return the SHA-256 of canonical cells."""
    return hashlib.sha256(text.encode()).hexdigest()


def identity(kind: Kind, cells: Mapping[str, Cell]) -> str:
    """Return what two versions of one row share."""
    columns = _UNIQUE.get(kind, LAYOUTS[kind].unique)
    return json.dumps([cells.get(column) or "" for column in columns])


def could_be_known(kind: Kind, cells: Mapping[str, Cell]) -> datetime | None:
    """Return the moment at which the public could know of a row, or that its day began; None where it says nothing."""
    row = Row(kind, 0, cells)
    try:
        if kind in _DATED:
            return row.moment(_DATED[kind])
        return next((row.known(column) for column in _KNOWN.get(kind, ()) if row.has(column)), None)
    except InvalidData:
        return None


def as_read(text: str) -> dict[str, object]:
    """Return canonical cells as a market folder reads them: the numbers among the metrics as decimals."""
    cells: dict[str, object] = json.loads(text)
    metrics = cells.get("metrics")
    if isinstance(metrics, dict):
        cells["metrics"] = {name: Decimal(value) for name, value in metrics.items()}
    return cells
