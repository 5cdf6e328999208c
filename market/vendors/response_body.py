"""Reading and decompression of response bodies within a size limit."""

from collections.abc import Iterable, Iterator

from ...storage.expansion import WINDOW_BITS, BoundedDecoder, CorruptCompression, ExpandedTooLarge


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
    """Yield the decompressed body in pieces; raises UnreadableBody."""
    if encoding not in WINDOW_BITS:
        raise UnreadableBody(f"is encoded as {encoding!r}, which is not supported")
    packed = BoundedDecoder(encoding, max_bytes)
    try:
        for chunk in chunks:
            yield from packed.feed(chunk)
    except ExpandedTooLarge:
        raise UnreadableBody(f"is longer than {max_bytes} bytes") from None
    except CorruptCompression as error:
        raise UnreadableBody("cannot be decompressed", may_pass=True) from error
    try:
        packed.finish()
    except CorruptCompression:
        raise UnreadableBody("is truncated", may_pass=True) from None
