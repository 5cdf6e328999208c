"""Layout of a market folder: the kinds of files, their columns, and their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ...domain.errors import ConfigError
from ..symbology import normalize_ticker

TICKER = "ticker"

ARCHIVE_COLUMNS = ("seen_at", "origin")
"""Columns that any row may have: when it was first fetched (it is not known earlier), and its vendor."""

TABLE_ENDINGS = (".csv", ".csv.gz", ".parquet")
LINES_ENDINGS = (".jsonl", ".jsonl.gz")


class DatasetKind(StrEnum):
    """A kind of file; its value is the file name without the extension."""

    PRICES_DAILY = "prices_daily"
    PRICES_HOURLY = "prices_hourly"
    CRYPTO_DAILY = "crypto_daily"
    SPLITS = "splits"
    DIVIDENDS = "dividends"
    NEWS = "news"
    FUNDAMENTALS = "fundamentals"
    MACRO = "macro"
    FILING_TEXTS = "filing_texts"
    PROFILE = "profile"
    INSIDER = "insider"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns (or, in JSON lines, the fields) of one kind of file. Other columns are ignored.

    Attributes:
        key: the column with the ticker or series of a row.
        required: required columns, including `key`.
        optional: columns that are read if present.
        unique: columns whose combination must be unique.
        endings: permitted file extensions.
    """

    key: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    unique: tuple[str, ...]
    endings: tuple[str, ...]

    def canonical_key(self, key: str) -> str:
        """Return a key in canonical spelling: tickers are normalized, names of series are not."""
        return normalize_ticker(key) if self.key == TICKER else key

    @property
    def columns(self) -> tuple[str, ...]:
        """Return every column that is read."""
        return self.required + self.optional + ARCHIVE_COLUMNS


def _bars(timestamp: str) -> Layout:
    columns = ("ticker", timestamp, "open", "high", "low", "close", "volume")
    return Layout("ticker", columns, (), ("ticker", timestamp), TABLE_ENDINGS)


LAYOUTS: Mapping[DatasetKind, Layout] = {
    DatasetKind.PRICES_DAILY: _bars("date"),
    DatasetKind.PRICES_HOURLY: _bars("ts_utc"),
    DatasetKind.CRYPTO_DAILY: _bars("date"),
    DatasetKind.SPLITS: Layout("ticker", ("ticker", "ex_date", "ratio"), (), ("ticker", "ex_date"), TABLE_ENDINGS),
    DatasetKind.DIVIDENDS: Layout(
        "ticker", ("ticker", "ex_date", "amount"), ("pay_date",), ("ticker", "ex_date"), TABLE_ENDINGS
    ),
    DatasetKind.NEWS: Layout(
        "ticker",
        ("ticker", "published_at", "title", "summary", "source", "url"),
        ("precision",),
        ("ticker", "published_at", "title", "summary", "source", "url"),
        LINES_ENDINGS,
    ),
    DatasetKind.FUNDAMENTALS: Layout(
        "ticker",
        ("ticker", "period_end", "metrics"),
        ("accepted_at", "filed_at", "filed_at_assumed", "timeframe"),
        ("ticker", "period_end", "timeframe", "moment of publication"),
        LINES_ENDINGS,
    ),
    DatasetKind.MACRO: Layout(
        "series", ("series", "date", "value"), ("released_at",), ("series", "date"), TABLE_ENDINGS
    ),
    DatasetKind.FILING_TEXTS: Layout(
        "ticker",
        ("ticker", "accepted_at", "form", "item", "title", "text", "url"),
        (),
        ("ticker", "accepted_at", "form", "item", "url"),
        LINES_ENDINGS,
    ),
    DatasetKind.PROFILE: Layout(
        "ticker",
        ("ticker", "name"),
        ("sector", "industry", "country", "currency", "exchange", "shares_outstanding", "market_cap", "summary"),
        ("ticker",),
        LINES_ENDINGS,
    ),
    DatasetKind.INSIDER: Layout(
        "ticker",
        ("ticker", "filed_at", "person", "role", "side", "shares", "price"),
        ("traded_on",),
        ("ticker", "filed_at", "person", "role", "side", "shares", "price"),
        TABLE_ENDINGS,
    ),
}

PRICE_KINDS = (DatasetKind.PRICES_DAILY, DatasetKind.CRYPTO_DAILY, DatasetKind.PRICES_HOURLY)


def find(folder: Path) -> Mapping[DatasetKind, Sequence[Path]]:
    """Return the files of each kind in `folder`; a kind may have several files, see `require_unique`.

    Raises ConfigError if the folder is missing, not a folder, unreadable, empty, or without a price file.
    """
    names = _names(folder)
    found = {kind: [folder / name for name in names_of(kind) if name in names] for kind in DatasetKind}
    if not any(found[kind] for kind in PRICE_KINDS):
        wanted = ", ".join(f"{kind}.csv" for kind in PRICE_KINDS)
        state = "has no price file" if names else "is empty"
        raise ConfigError(f"the market folder {folder} {state}; add at least one of {wanted}")
    return {kind: paths for kind, paths in found.items() if paths}


def require_unique(found: Mapping[DatasetKind, Sequence[Path]]) -> Mapping[DatasetKind, Path]:
    """Return the file of each kind; raises ConfigError if a kind has several files."""
    for kind, paths in found.items():
        if len(paths) > 1:
            raise ConfigError(several(kind, paths))
    return {kind: paths[0] for kind, paths in found.items()}


def several(kind: DatasetKind, paths: Sequence[Path]) -> str:
    """Return the message for a kind with several files."""
    return f"the market folder has several {kind} files ({', '.join(path.name for path in paths)}); keep one of them"


def names_of(kind: DatasetKind) -> tuple[str, ...]:
    """Return the permitted file names of `kind`."""
    return tuple(f"{kind}{ending}" for ending in LAYOUTS[kind].endings)


def _names(folder: Path) -> frozenset[str]:
    if not folder.exists():
        raise ConfigError(f"there is no market folder {folder}; check the path")
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; specify the folder with the market files")
    try:
        return frozenset(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError as error:
        raise ConfigError(
            f"the market folder {folder} cannot be listed: {error.strerror}; check its permissions"
        ) from error
