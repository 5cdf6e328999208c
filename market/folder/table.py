"""Reading of a file into rows, indexed by ticker or series, with their line numbers.

Rows are independent of each other: every line is split and decoded separately, so that a stray quote or an invalid byte
affects its own line only, and column types are not inferred.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from ...domain.errors import ConfigError, InvalidData, SourceUnavailable
from ...storage.expansion import (
    DEFAULT_LIMIT,
    CorruptCompression,
    ExpandedTooLarge,
    ExpansionLimit,
    read_gzip,
)
from .layout import Layout
from .row import TableRow, is_unicode

BATCH_ROWS = 4096
"""Number of Parquet rows that are read at a time."""

RowReader = Callable[[int, str], TableRow]


@dataclass(frozen=True, slots=True)
class FolderTable:
    """The rows of one file.

    Attributes:
        index: positions of the rows of each ticker or series, in file order.
        keyless: positions of the rows without a valid key.
        read: returns the row at a position.
    """

    file: str
    layout: Layout
    index: Mapping[str, Sequence[int]]
    keyless: Sequence[int]
    read: Callable[[int], TableRow]


def load(path: Path, layout: Layout) -> FolderTable:
    """Return the table of `path`.

    Raises:
        InvalidData: the file or its header is invalid.
        SourceUnavailable: the file cannot be read.
        ConfigError: the file is Parquet and pyarrow is not installed.
    """
    return _load_parquet(path, layout) if path.suffix == ".parquet" else table_of(path, layout, read_lines(path))


def table_of(path: Path, layout: Layout, lines: Sequence[str]) -> FolderTable:
    """Return the table of a text file with the given `lines`; raises InvalidData for an invalid header."""
    read = row_reader(path, layout, lines[0])
    load_form = _load_json if has_json_lines(path) else _load_csv
    return load_form(path.name, lines, layout, read)


def row_reader(path: Path, layout: Layout, header: str) -> RowReader:
    """Return a function that converts a position and line of `path` to a row; InvalidData for an invalid header.

    Positions count the lines of the file from 0; JSON lines have no header.
    """
    if has_json_lines(path):
        return lambda position, line: _json_row(path.name, position, line, layout)
    return _csv_reader(path.name, header, layout)


def has_json_lines(path: Path) -> bool:
    """Return whether each line of a file is a JSON object."""
    return ".jsonl" in path.suffixes


def read_lines(path: Path, limit: ExpansionLimit = DEFAULT_LIMIT) -> list[str]:
    """Return the lines of a text file, decompressed if necessary. Invalid UTF-8 bytes become lone surrogates.

    Raises InvalidData if the file cannot be decompressed or exceeds `limit`, and SourceUnavailable if it cannot be
    read.
    """
    try:
        data = read_gzip(path, limit) if path.suffix == ".gz" else path.read_bytes()
    except ExpandedTooLarge as error:
        raise InvalidData(path.name, None, _too_large(error)) from error
    except CorruptCompression as error:
        raise InvalidData(
            path.name, None, f"the file cannot be decompressed ({error}); download or compress it again"
        ) from error
    except OSError as error:
        raise SourceUnavailable(
            f"{path.name} cannot be read: {error.strerror}; check the file and its permissions"
        ) from error
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="surrogateescape")
    return text.replace("\r\n", "\n").split("\n")


def _too_large(error: ExpandedTooLarge) -> str:
    return f"the file {error}, far beyond what its size suggests; check it, or provide it uncompressed or in parts"


def _index(keys: Iterable[tuple[int, object]], layout: Layout) -> tuple[Mapping[str, Sequence[int]], Sequence[int]]:
    index: dict[str, list[int]] = {}
    keyless = []
    for position, key in keys:
        if isinstance(key, str) and key and is_unicode(key):
            index.setdefault(layout.canonical_key(key), []).append(position)
        else:
            keyless.append(position)
    return index, keyless


def _load_csv(file: str, lines: Sequence[str], layout: Layout, read: RowReader) -> FolderTable:
    at = _places(file, _header(lines[0]), layout)[layout.key]

    def key(line: str) -> str:
        cells = _cells(line) if '"' in line else line.split(",", at + 1)
        return cells[at].strip() if at < len(cells) else ""

    filled = ((position, key(lines[position])) for position in range(1, len(lines)) if lines[position].strip())
    return FolderTable(file, layout, *_index(filled, layout), lambda position: read(position, lines[position]))


def _csv_reader(file: str, first_line: str, layout: Layout) -> RowReader:
    header = _header(first_line)
    places = _places(file, header, layout)

    def read(position: int, line: str) -> TableRow:
        cells = _cells(line)
        flaw = None if is_unicode(line) else "the line is not UTF-8 text"
        if len(cells) != len(header):
            flaw = f"the line has {len(cells)} cells and the header {len(header)}"
        found: dict[str, object] = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
        return _row(file, position + 1, found, layout, flaw)

    return read


def _header(line: str) -> list[str]:
    return [name.strip() for name in _cells(line)]


def _cells(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]))
    except csv.Error:
        return []


def _places(file: str, header: Sequence[str], layout: Layout) -> Mapping[str, int]:
    if not any(header):
        raise InvalidData(file, None, f"there is no header; the first line must name {', '.join(layout.required)}")
    for name in layout.columns:
        if header.count(name) > 1:
            raise InvalidData(file, 1, f"the column {name} occurs twice; keep one")
    if missing := [name for name in layout.required if name not in header]:
        raise InvalidData(
            file, 1, f"the column {missing[0]} is missing; the file must have {', '.join(layout.required)}"
        )
    return {name: header.index(name) for name in layout.columns if name in header}


def _load_json(file: str, lines: Sequence[str], layout: Layout, read: RowReader) -> FolderTable:
    rows = {place: read(place, line) for place, line in enumerate(lines) if line.strip()}
    keys = ((place, _stripped(row.cells.get(layout.key))) for place, row in rows.items())
    return FolderTable(file, layout, *_index(keys, layout), rows.__getitem__)


def _stripped(key: object) -> object:
    return key.strip() if isinstance(key, str) else key


def _json_row(file: str, position: int, line: str, layout: Layout) -> TableRow:
    # Numbers are kept as written. NaN, which is not valid JSON but common, becomes a Decimal too.
    try:
        found = json.loads(line, parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        return TableRow(file, position + 1, {}, "the line is not valid JSON")
    if not isinstance(found, dict):
        return TableRow(file, position + 1, {}, "the line is not a JSON object")
    flaw = None if is_unicode(line) else "the line is not UTF-8 text"
    if missing := [name for name in layout.required if name not in found]:
        flaw = f"the field {missing[0]} is missing"
    return _row(file, position + 1, {name: found[name] for name in layout.columns if name in found}, layout, flaw)


def _row(file: str, number: int, cells: dict[str, object], layout: Layout, flaw: str | None = None) -> TableRow:
    """Return a row with its key in canonical spelling."""
    if isinstance(key := cells.get(layout.key), str):
        cells[layout.key] = layout.canonical_key(key)
    return TableRow(file, number, cells, flaw)


def _load_parquet(path: Path, layout: Layout, limit: ExpansionLimit = DEFAULT_LIMIT) -> FolderTable:
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError as error:
        raise ConfigError(
            f"{path.name} requires pyarrow: install it with `pip install 'openoutcry[parquet]'`, or provide a .csv file"
        ) from error
    try:
        with path.open("rb") as handle:
            source = parquet.ParquetFile(handle)
            places = _places(path.name, source.schema_arrow.names, layout)
            columns = _parquet_columns(source, list(places), limit.of(path.stat().st_size))
    except ExpandedTooLarge as error:
        raise InvalidData(path.name, None, _too_large(error)) from error
    except OSError as error:
        raise SourceUnavailable(f"{path.name} cannot be read: {error}; check the file and its permissions") from error
    except ValueError as error:  # pyarrow errors are ValueErrors
        raise InvalidData(path.name, None, f"the file is not valid Parquet: {error}") from error

    def read(position: int) -> TableRow:
        # As in CSV files, the first row has the number 2.
        row: dict[str, object] = {name: _as_text(cells[position]) for name, cells in columns.items()}
        return _row(path.name, position + 2, row, layout)

    keys = ((position, _as_text(key).strip()) for position, key in enumerate(columns[layout.key]))
    return FolderTable(path.name, layout, *_index(keys, layout), read)


def _parquet_columns(source: Any, names: Sequence[str], most: int) -> Mapping[str, Sequence[object]]:
    """Return the values of the columns; raises ExpandedTooLarge once they take more than `most` bytes in memory."""
    columns: dict[str, list[object]] = {name: [] for name in names}
    size = 0
    for batch in source.iter_batches(batch_size=BATCH_ROWS, columns=list(names)):
        size += batch.nbytes
        if size > most:
            raise ExpandedTooLarge(most)
        for name, values in batch.to_pydict().items():
            columns[name].extend(values)
    return columns


def _as_text(cell: object) -> str:
    """Return a cell as in a CSV file: shortest round-trip digits for a float, ISO 8601 for dates, "" for null."""
    if cell is None:
        return ""
    isoformat = getattr(cell, "isoformat", None)
    return str(isoformat()) if isoformat else str(cell)
