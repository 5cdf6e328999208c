"""A cache file: named blocks of bytes with a digest each, written at once and read one block at a time.

Layout: MAGIC, the digest and the length of the directory, the directory as JSON, the blocks. A file that is torn,
damaged, of another format or of another stamp is treated as absent; what it holds is bytes, never code.
"""

import json
import os
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import BinaryIO

MAGIC = b"openoutcry-pack/1\n"
DIGEST_SIZE = 16
LENGTH_SIZE = 8
LARGEST_DIRECTORY = 1 << 28


class DamagedPack(Exception):
    """A block of a cache file is not what was written; the caller makes it anew from the original."""


class Pack:
    """An open cache file. It stays readable after the path was replaced by a newer file."""

    def __init__(self, handle: BinaryIO, start: int, directory: Mapping[str, tuple[int, int, str]]) -> None:
        self._handle, self._start, self._directory, self._lock = handle, start, directory, Lock()
        weakref.finalize(self, handle.close)

    @property
    def names(self) -> Iterable[str]:
        """Return the names of the blocks, in the order in which they were written."""
        return self._directory.keys()

    def read(self, name: str) -> bytes:
        """Return a block; raises KeyError for an unknown name and DamagedPack for bytes that were not written so."""
        offset, length, digest = self._directory[name]
        try:
            with self._lock:
                self._handle.seek(self._start + offset)
                block = self._handle.read(length)
        except OSError as error:
            raise DamagedPack(name) from error
        if _digest(block).hex() != digest:
            raise DamagedPack(name)
        return block


def open_pack(path: Path, stamp: str) -> Pack | None:
    """Return the cache file `path` if it was written in full and with this `stamp`, else None."""
    try:
        handle = path.open("rb")
    except OSError:
        return None
    try:
        directory = _directory(handle, stamp)
        if directory is not None:
            return Pack(handle, handle.tell(), directory)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    handle.close()
    return None


def write_pack(path: Path, stamp: str, blocks: Mapping[str, bytes]) -> bool:
    """Write `blocks` to `path` in one atomic step; return False, with nothing changed, where that is not possible."""
    directory, offset = dict[str, tuple[int, int, str]](), 0
    for name, block in blocks.items():
        directory[name] = (offset, len(block), _digest(block).hex())
        offset += len(block)
    head = json.dumps({"stamp": stamp, "blocks": directory}).encode()
    parts = (MAGIC, _digest(head), len(head).to_bytes(LENGTH_SIZE, "big"), head, *blocks.values())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".partial", dir=path.parent)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as target:
            target.writelines(parts)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        return False
    return True


def _directory(handle: BinaryIO, stamp: str) -> Mapping[str, tuple[int, int, str]] | None:
    """Read the directory, which ends where the blocks begin; None for a file that cannot be used."""
    if handle.read(len(MAGIC)) != MAGIC:
        return None
    digest, length = handle.read(DIGEST_SIZE), int.from_bytes(handle.read(LENGTH_SIZE), "big")
    if length > LARGEST_DIRECTORY:
        return None
    head = handle.read(length)
    if _digest(head) != digest:
        return None
    written = json.loads(head)
    return written["blocks"] if written["stamp"] == stamp else None


def _digest(block: bytes) -> bytes:
    return blake2b(block, digest_size=DIGEST_SIZE).digest()
