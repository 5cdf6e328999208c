"""Reading and decompression of response bodies within a size limit."""

import zlib
from collections.abc import Callable, Iterable, Iterator

ENCODINGS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class UnreadableBody(Exception):
    """A body that is too long, truncated, corrupt, or in an unsupported encoding; the message states the reason.

    Attributes:
        may_pass: whether a retry may succeed.
    """

    def __init__(self, reason: str, *, may_pass: bool = False) -> None:
        self.may_pass = may_pass
        super().__init__(reason)


def read_body(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> bytes:
    """Return the decompressed body; raises UnreadableBody. Memory use is bounded by about `max_bytes`."""
    encoding = encoding.strip().lower()
    unpacked = chunks if encoding in {"", "identity"} else _unpack(chunks, encoding, max_bytes)
    body = bytearray()
    for chunk in unpacked:
        body += chunk
        if len(body) > max_bytes:
            raise UnreadableBody(f"is longer than {max_bytes} bytes")
    return bytes(body)


def _unpack(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Yield decompressed chunks of at most `max_bytes` + 1 bytes, so that a small body cannot exhaust the memory.

    A stream without its end marker raises UnreadableBody; zlib alone does not report it.
    """
    if encoding not in ENCODINGS:
        raise UnreadableBody(f"is encoded as {encoding!r}, which is not supported")
    packed = zlib.decompressobj(ENCODINGS[encoding])
    for chunk in chunks:
        yield _checked(packed.decompress, chunk, max_bytes)
        while packed.unconsumed_tail:
            yield _checked(packed.decompress, packed.unconsumed_tail, max_bytes)
    if not packed.eof:
        raise UnreadableBody("is truncated", may_pass=True)


def _checked(decompress: Callable[[bytes, int], bytes], data: bytes, max_bytes: int) -> bytes:
    try:
        return decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise UnreadableBody("cannot be decompressed", may_pass=True) from error
