"""The rows of a market folder by ticker or series, kept in a cache so that a process reads only what it is asked for.

A cache file holds the lines of one file, unparsed, grouped by key; they are parsed and checked by the same code as the
file's own lines. It is used only while the file's identity (path, device, inode, size, times of change) is what it
was, and only if it was written well after the file last changed: within the resolution of a file system's clock two
states of a file can have the same times. Parquet files, which can be read by column, are not indexed.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from ... import __version__
from ..packed import DamagedPack, Pack, open_pack, write_pack
from .layout import Layout
from .row import Row
from .table import RowReader, Table, has_json_lines, load, read_lines, row_reader, table_of

SETTLED_NS = 2_000_000_000
"""How much later than its file an index must be written; the coarsest common clock (FAT) steps by two seconds."""

HEADER, KEYLESS, KEY = "header", "keyless", "key/"


class FolderIndex:
    """Reads files through an index in `cache`; a missing, outdated or damaged index is written anew."""

    def __init__(self, cache: Path, *, settled_ns: int = SETTLED_NS) -> None:
        self._cache, self._settled_ns = cache, settled_ns

    def load(self, path: Path, layout: Layout) -> Table:
        """Return the table of `path`, equal to that of `table.load`, and raise the same errors."""
        state = _identity(path)
        if state is None or path.suffix == ".parquet":
            return load(path, layout)
        target, stamp = self._target(path), _stamp(state, layout)
        pack = self._usable(target, stamp, path)
        if pack is not None:
            try:
                return _indexed(path, layout, pack, lambda: self._read_anew(path, layout))
            except (DamagedPack, KeyError):
                pass
        return self._read_anew(path, layout)

    def _read_anew(self, path: Path, layout: Layout) -> Table:
        """Read the file itself, and write its index unless it changed meanwhile."""
        state = _identity(path)
        lines = read_lines(path)
        table = table_of(path, layout, lines)
        if state is not None and _identity(path) == state:
            write_pack(self._target(path), _stamp(state, layout), _blocks(path, table, lines))
        return table

    def _target(self, path: Path) -> Path:
        digest = blake2b(os.fsencode(path.absolute()), digest_size=8).hexdigest()
        return self._cache / "markets" / f"{path.name}-{digest}.pack"

    def _usable(self, target: Path, stamp: str, path: Path) -> Pack | None:
        """Return the index if it is of this state of the file, and younger than the file by more than a clock step."""
        pack = open_pack(target, stamp)
        try:
            written, changed = target.stat().st_mtime_ns, path.stat()
        except OSError:
            return None
        return pack if written - max(changed.st_mtime_ns, changed.st_ctime_ns) >= self._settled_ns else None


class _Indexed(Mapping[str, Sequence[int]]):
    """The index of a table: the positions of a key's rows. Asking for a key loads its lines."""

    def __init__(self, pack: Pack, read: RowReader, read_whole: Callable[[], Table]) -> None:
        self._pack, self._read_line, self._read_whole = pack, read, read_whole
        self._names = {name.removeprefix(KEY): name for name in pack.names if name.startswith(KEY)}
        self._positions: dict[str, Sequence[int]] = {}
        self._lines: dict[int, str] = {}
        self._whole: Table | None = None

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
        """Take in the lines of a block and return their positions; raises DamagedPack."""
        positions, lines = _unpacked(self._pack.read(name))
        self._lines.update(zip(positions, lines, strict=True))
        return positions

    def read(self, position: int) -> Row:
        """Return the row at a position of a key that was asked for."""
        line = self._lines.get(position)
        if line is not None:
            return self._read_line(position, line)
        return (self._whole or self._read_whole()).read(position)


def _indexed(path: Path, layout: Layout, pack: Pack, read_whole: Callable[[], Table]) -> Table:
    """Return a table that loads rows from `pack`; raises DamagedPack where it cannot begin."""
    read = row_reader(path, layout, _text(pack.read(HEADER)))
    index = _Indexed(pack, read, read_whole)
    keyless = index.load(KEYLESS)
    # Parsing JSON costs much more than the few bytes of a parsed row; a CSV line is parsed again each time.
    return Table(path.name, layout, index, keyless, lru_cache(None)(index.read) if has_json_lines(path) else index.read)


def _identity(path: Path) -> str | None:
    """Return what tells this state of a file from another; None for a file that cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    numbers = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    return f"{path.absolute()!s} {numbers}".encode(errors="backslashreplace").decode()


def _stamp(state: str, layout: Layout) -> str:
    """Return a stamp of a state of a file, and of the code that finds the keys in it."""
    return f"{__version__} {_source_digest()} {layout.key} {state}"


@lru_cache(maxsize=1)
def _source_digest() -> str:
    sources = (Path(__file__).with_name(f"{name}.py") for name in ("index", "layout", "row", "table"))
    return blake2b(b"".join(source.read_bytes() for source in sources), digest_size=8).hexdigest()


def _blocks(path: Path, table: Table, lines: Sequence[str]) -> Mapping[str, bytes]:
    header = "" if has_json_lines(path) else lines[0]
    blocks = {HEADER: _bytes(header), KEYLESS: _packed(table.keyless, lines)}
    return blocks | {KEY + key: _packed(positions, lines) for key, positions in table.index.items()}


def _packed(positions: Sequence[int], lines: Sequence[str]) -> bytes:
    """Return lines after a first line that says where they stand, as runs of [first position, count]."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and position == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([position, 1])
    return _bytes("\n".join(chain([json.dumps(runs)], (lines[position] for position in positions))))


def _unpacked(block: bytes) -> tuple[Sequence[int], Sequence[str]]:
    runs, *lines = _text(block).split("\n")
    return [*chain.from_iterable(range(first, first + count) for first, count in json.loads(runs))], lines


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")


def _text(block: bytes) -> str:
    return block.decode("utf-8", errors="surrogateescape")
