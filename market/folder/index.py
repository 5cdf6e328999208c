"""Cached index of the rows of a market folder by ticker or series, so that only the requested rows are read.

An index file holds the unparsed lines of one file, grouped by key. They are parsed and checked by the same code as the
lines of the file itself. An index is used only if the identity of the file (path, device, inode, size, times of change)
is unchanged, and if the index was written well after the last change: within the resolution of file system timestamps,
two states of a file can have the same times. Parquet files, which can be read by column, are not indexed.
"""

import json
import os
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from ... import __version__
from ...domain.errors import SourceUnavailable
from ...domain.trading_calendar import TradingCalendar, trading_calendar
from ...storage.packed import (
    DamagedPack,
    Pack,
    open_pack,
    write_pack,
)
from .checked import Placement
from .layout import LAYOUTS, DatasetKind, Layout
from .row import TableRow
from .table import (
    FolderTable,
    RowReader,
    has_json_lines,
    load,
    read_lines,
    row_reader,
    table_of,
)

SETTLED_NS = 2_000_000_000
"""Minimum age difference of an index and its file; FAT has the coarsest common timestamps, of two seconds."""

HEADER, KEYLESS, KEY, PLACED = "header", "keyless", "key/", "placed"


class FolderIndex:
    """Reads files through an index in `cache`; a missing, outdated or damaged index is rebuilt.

    `settled_ns` is the minimum time, in nanoseconds, between the last change of a file and the writing of its index.
    """

    def __init__(self, cache: Path, *, settled_ns: int = SETTLED_NS) -> None:
        self._cache, self._settled_ns = cache / "markets", settled_ns
        self._states: dict[Path, _State] = {}

    def load(self, path: Path, layout: Layout) -> FolderTable:
        """Return the table of `path`; results and errors are those of `table.load`."""
        state = _State.of(path)
        if state is None or path.suffix == ".parquet":
            return load(path, layout)
        pack = self._opened(self._target(path), state, _stamp(state, layout))
        if pack is not None:
            with suppress(DamagedPack, KeyError):
                table = _indexed(path, layout, pack, lambda: self._read_again(path, layout, state))
                self._states[path] = state
                return table
        return self._read(path, layout, state)

    def slot(self, path: Path, kind: DatasetKind, key: str, sessions: TradingCalendar | None) -> "PlacementSlot | None":
        """Return the storage of the placement of `key` in the loaded table of `path`; None if `path` is not indexed."""
        state = self._states.get(path)
        if state is None:
            return None
        stamp = f"{_stamp(state, LAYOUTS[kind])} {kind} {sys.byteorder} {sessions and _calendar_digest(sessions.name)}"
        name = blake2b(f"{kind} {key}".encode(), digest_size=12).hexdigest()
        target = self._target(path).with_suffix("") / f"{name}.pack"
        return PlacementSlot(target, f"{stamp} {key}", lambda: self._opened(target, state, f"{stamp} {key}"))

    def _read(self, path: Path, layout: Layout, state: "_State") -> FolderTable:
        """Read the file itself, and write its index unless the file changed during the read."""
        lines = read_lines(path)
        table = table_of(path, layout, lines)
        if _State.of(path) == state:
            self._states[path] = state
            write_pack(self._target(path), _stamp(state, layout), _blocks(path, table, lines))
        return table

    def _read_again(self, path: Path, layout: Layout, state: "_State") -> FolderTable:
        """Read the file itself instead of a damaged index; raises SourceUnavailable if the file has changed."""
        if _State.of(path) != state:
            raise SourceUnavailable(f"{path.name} changed while it was being read; try again")
        return self._read(path, layout, state)

    def _target(self, path: Path) -> Path:
        digest = blake2b(os.fsencode(path.absolute()), digest_size=8).hexdigest()
        return self._cache / f"{path.name}-{digest}.pack"

    def _opened(self, target: Path, state: "_State", stamp: str) -> Pack | None:
        """Return the cache file `target` if it matches `stamp` and was written `settled_ns` after the file changed."""
        pack = open_pack(target, stamp)
        try:
            written = target.stat().st_mtime_ns
        except OSError:
            return None
        return pack if written - state.changed_ns >= self._settled_ns else None


@dataclass(frozen=True, slots=True)
class _State:
    """The state of a file: its identity, and the time of its last change in nanoseconds."""

    identity: str
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> "_State | None":
        """Return the state of a file; None if it cannot be read."""
        try:
            found = path.stat()
        except OSError:
            return None
        numbers = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        identity = f"{path.absolute()} {numbers}".encode(errors="backslashreplace").decode()
        return cls(identity, max(found.st_mtime_ns, found.st_ctime_ns))


@dataclass(frozen=True, slots=True)
class PlacementSlot:
    """Stores the placement of one key in its own cache file."""

    target: Path
    stamp: str
    opened: Callable[[], Pack | None]

    def read(self) -> Placement | None:
        """Return the stored placement if it is valid for the current file; otherwise None."""
        pack = self.opened()
        try:
            return None if pack is None else Placement.from_bytes(pack.read(PLACED))
        except DamagedPack:
            return None

    def keep(self, placement: Placement) -> None:
        """Write the cache file."""
        write_pack(self.target, self.stamp, {PLACED: placement.to_bytes()})


class _Indexed(Mapping[str, Sequence[int]]):
    """The index of a table: the positions of the rows of each key. Access to a key loads its lines."""

    def __init__(self, pack: Pack, read: RowReader, read_whole: Callable[[], FolderTable]) -> None:
        self._pack, self._read_line, self._read_whole = pack, read, read_whole
        self._names = {name.removeprefix(KEY): name for name in pack.names if name.startswith(KEY)}
        self._positions: dict[str, Sequence[int]] = {}
        self._lines: dict[int, str] = {}
        self._whole: FolderTable | None = None

    def __getitem__(self, key: str) -> Sequence[int]:
        if key not in self._positions:
            if self._whole is None:
                try:
                    self._positions[key] = self.load(self._names[key])
                    return self._positions[key]
                except DamagedPack:
                    self._whole = self._read_whole()
            self._positions[key] = self._whole.index[key]
        return self._positions[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def load(self, name: str) -> Sequence[int]:
        """Load the lines of a block and return their positions; raises DamagedPack."""
        positions, lines = _unpacked(self._pack.read(name))
        self._lines.update(zip(positions, lines, strict=True))
        return positions

    def read(self, position: int) -> TableRow:
        """Return the row at `position`; it is read from the file unless its key has been loaded."""
        line = self._lines.get(position)
        if line is not None:
            return self._read_line(position, line)
        return (self._whole or self._read_whole()).read(position)


def _indexed(path: Path, layout: Layout, pack: Pack, read_whole: Callable[[], FolderTable]) -> FolderTable:
    """Return a table that loads rows from `pack`; raises DamagedPack if the header block is damaged."""
    read = row_reader(path, layout, _text(pack.read(HEADER)))
    index = _Indexed(pack, read, read_whole)
    keyless = index.load(KEYLESS)
    # Parsed JSON rows are cached, because parsing is expensive; CSV lines are parsed on each access.
    return FolderTable(
        path.name, layout, index, keyless, lru_cache(None)(index.read) if has_json_lines(path) else index.read
    )


def _stamp(state: _State, layout: Layout) -> str:
    """Return a stamp of the state of a file and of the code that reads it."""
    return f"{__version__} {_source_digest()} {layout.key} {state.identity}"


@lru_cache(maxsize=1)
def _source_digest() -> str:
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return blake2b(b"".join(source.read_bytes() for source in sources), digest_size=8).hexdigest()


@lru_cache(maxsize=8)
def _calendar_digest(name: str) -> str:
    """Return a digest of the sessions of a calendar, on which the timing of bars depends."""
    table = trading_calendar(name)
    numbers = array("d", [day.toordinal() for day in table.sessions])
    numbers.extend(timestamp.timestamp() for timestamp in chain(table.opens, table.closes))
    return blake2b(numbers.tobytes(), digest_size=8).hexdigest()


def _blocks(path: Path, table: FolderTable, lines: Sequence[str]) -> Mapping[str, bytes]:
    header = "" if has_json_lines(path) else lines[0]
    blocks = {HEADER: _bytes(header), KEYLESS: _packed(table.keyless, lines)}
    return blocks | {KEY + key: _packed(positions, lines) for key, positions in table.index.items()}


def _packed(positions: Sequence[int], lines: Sequence[str]) -> bytes:
    """Return the lines at `positions`, preceded by a line with their positions as JSON runs of [first, count]."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and position == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([position, 1])
    return _bytes("\n".join(chain([json.dumps(runs)], (lines[position] for position in positions))))


def _unpacked(block: bytes) -> tuple[Sequence[int], Sequence[str]]:
    """Return positions and lines of a block; raises DamagedPack unless there is a line for every position."""
    head, *lines = _text(block).split("\n")
    try:
        runs = [(int(first), int(count)) for first, count in json.loads(head)]
    except (ValueError, TypeError, RecursionError) as error:
        raise DamagedPack(head[:40]) from error
    if min((count for _, count in runs), default=0) < 0 or sum(count for _, count in runs) != len(lines):
        raise DamagedPack(head[:40])
    return [*chain.from_iterable(range(first, first + count) for first, count in runs)], lines


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")


def _text(block: bytes) -> str:
    return block.decode("utf-8", errors="surrogateescape")
