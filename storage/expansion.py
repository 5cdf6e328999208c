"""Decompression within a size limit, which is checked while reading: a small input cannot exhaust the memory."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PIECE = 1 << 16
"""Number of bytes that one step of a decompression returns at most."""

WINDOW_BITS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
"""Supported content encodings, with zlib's argument for each."""


class ExpandedTooLarge(Exception):
    """The content is larger than allowed once decompressed.

    Attributes:
        limit: the largest allowed size in bytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"expands to more than {size_text(limit)}")
        self.limit = limit


class CorruptCompression(Exception):
    """The content cannot be decompressed, or ends before its end marker."""


@dataclass(frozen=True, slots=True)
class ExpansionLimit:
    """The largest decompressed size of a file: `ratio` times its size on disk, between `floor` and `ceiling` bytes.

    Tables of prices compress to a fifth or tenth of their size, a file made to exhaust the memory to a thousandth.
    """

    floor: int = 64 << 20
    ratio: int = 50
    ceiling: int = 16 << 30

    def of(self, packed: int) -> int:
        """Return the largest decompressed size of a file of `packed` bytes."""
        return min(self.ceiling, max(self.floor, self.ratio * packed))


DEFAULT_LIMIT = ExpansionLimit()


def read_gzip(path: Path, limit: ExpansionLimit = DEFAULT_LIMIT) -> bytes:
    """Return the decompressed content of a gzip file of one or more members.

    Raises ExpandedTooLarge, CorruptCompression, and OSError if the file cannot be read.
    """
    most, content = limit.of(path.stat().st_size), bytearray()
    try:
        with gzip.open(path) as source:
            while piece := source.read(PIECE):
                content += piece
                if len(content) > most:
                    raise ExpandedTooLarge(most)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorruptCompression(str(error)) from error
    return bytes(content)


def inflate(packed: bytes, limit: ExpansionLimit = DEFAULT_LIMIT) -> Iterator[bytes]:
    """Yield the pieces of zlib data; raises ExpandedTooLarge and CorruptCompression."""
    decoder = BoundedDecoder("deflate", limit.of(len(packed)))
    yield from decoder.feed(packed)
    decoder.finish()


class BoundedDecoder:
    """Decompresses a stream that arrives in chunks, up to `max_bytes` of compressed and of decompressed content."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        """Create the decoder for an encoding of `WINDOW_BITS`; raises KeyError for any other."""
        self._packed = zlib.decompressobj(WINDOW_BITS[encoding])
        self._limit, self._read, self._written = max_bytes, 0, 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the content that `chunk` completes, in pieces; raises ExpandedTooLarge and CorruptCompression.

        Bytes after the end of the stream are ignored.
        """
        self._read += len(chunk)
        if self._read > self._limit:
            raise ExpandedTooLarge(self._limit)
        while not self._packed.eof:
            piece = self._next(chunk)
            self._written += len(piece)
            if self._written > self._limit:
                raise ExpandedTooLarge(self._limit)
            if piece:
                yield piece
            chunk = self._packed.unconsumed_tail
            if not chunk and len(piece) < PIECE:
                return

    def finish(self) -> None:
        """Raise CorruptCompression if the stream has no end marker, which zlib alone does not report."""
        if not self._packed.eof:
            raise CorruptCompression("the end is missing")

    def _next(self, chunk: bytes) -> bytes:
        try:
            return self._packed.decompress(chunk, PIECE)
        except zlib.error as error:
            raise CorruptCompression(str(error)) from error


def size_text(size: int) -> str:
    """Return a size with a binary unit, such as `256 MiB`."""
    for unit, scale in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:.4g} {unit}"
    return f"{size} bytes"
