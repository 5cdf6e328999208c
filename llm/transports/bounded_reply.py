"""A size limit for every HTTP reply of an endpoint, counted after decompression and while it arrives.

Import this module only where a client is created: httpx2 takes long to import.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2

from ...storage.expansion import WINDOW_BITS, BoundedDecoder, CorruptCompression, ExpandedTooLarge
from .readers import OversizedBody

LARGEST_ERROR = 1_000_000
"""Number of bytes that are read of the body of an HTTP error; the rest is ignored."""

ACCEPTED_ENCODINGS = "gzip, deflate"


def limit_replies(max_bytes: int) -> Callable[[httpx2.Response], Awaitable[None]]:
    """Return a response hook of an HTTP client that limits each body.

    Reading a body of more than `max_bytes` raises OversizedBody; the body of an error status ends at LARGEST_ERROR.
    """

    async def limit(response: httpx2.Response) -> None:
        encoding = response.headers.pop("content-encoding", "").strip().lower()
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = BoundedBody(response.stream, encoding, max_bytes, cut=response.is_error)

    return limit


class BoundedBody(httpx2.AsyncByteStream):
    """The decompressed body of one reply.

    Iteration raises OversizedBody after `max_bytes`, or with `cut` ends at LARGEST_ERROR; it raises DecodingError for
    a body that cannot be decompressed.
    """

    def __init__(self, inner: httpx2.AsyncByteStream, encoding: str, max_bytes: int, *, cut: bool) -> None:
        self._inner, self._encoding, self._cut = inner, encoding, cut
        self._limit = LARGEST_ERROR if cut else max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._limit
        try:
            async for piece in self._pieces():
                if len(piece) > left:
                    raise ExpandedTooLarge(self._limit)
                left -= len(piece)
                yield piece
        except ExpandedTooLarge:
            if not self._cut:
                raise OversizedBody(self._limit) from None
        except CorruptCompression as error:
            raise httpx2.DecodingError(str(error)) from error

    async def _pieces(self) -> AsyncIterator[bytes]:
        if self._encoding in {"", "identity"}:
            async for chunk in self._inner:
                yield chunk
            return
        if self._encoding not in WINDOW_BITS:
            raise CorruptCompression(f"the encoding {self._encoding!r:.60} is not supported")
        decoder = BoundedDecoder(self._encoding, self._limit)
        async for chunk in self._inner:
            for piece in decoder.feed(chunk):
                yield piece
        decoder.finish()

    async def aclose(self) -> None:
        """Close the connection's stream."""
        await self._inner.aclose()
