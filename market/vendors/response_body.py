"""The body of an answer: read no further than a limit, unpacked no further either, and whole."""

import zlib
from collections.abc import Callable, Iterable, Iterator

ENCODINGS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class UnreadableBody(Exception):
    """A body that is too long, cut short, or packed in a way that was not asked for; the text says which.

    Attributes:
        may_pass: whether asking again may help.
    """

    def __init__(self, reason: str, *, may_pass: bool = False) -> None:
        self.may_pass = may_pass
        super().__init__(reason)


def read_body(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """Return the unpacked body. Raises Unreadable; never holds much more than `most_bytes`."""
    encoding = encoding.strip().lower()
    unpacked = chunks if encoding in {"", "identity"} else _unpack(chunks, encoding, max_bytes)
    body = bytearray()
    for chunk in unpacked:
        body += chunk
        if len(body) > max_bytes:
            raise UnreadableBody(f"is longer than {max_bytes} bytes")
    return bytes(body)


def _unpack(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Yield unpacked pieces, each of at most `most_bytes` + 1, so that a small packed body cannot fill the memory.

    A stream that ends before its own end mark is cut short, which zlib alone would pass over in silence.
    """
    if encoding not in ENCODINGS:
        raise UnreadableBody(f"is packed as {encoding!r}, which was not asked for")
    packed = zlib.decompressobj(ENCODINGS[encoding])
    for chunk in chunks:
        yield _checked(packed.decompress, chunk, max_bytes)
        while packed.unconsumed_tail:
            yield _checked(packed.decompress, packed.unconsumed_tail, max_bytes)
    if not packed.eof:
        raise UnreadableBody("is cut short", may_pass=True)


def _checked(decompress: Callable[[bytes, int], bytes], data: bytes, max_bytes: int) -> bytes:
    try:
        return decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise UnreadableBody("cannot be unpacked", may_pass=True) from error
