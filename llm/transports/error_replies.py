"""Reading of replies with an error status: the beginning of the body, whatever its size."""

from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

LARGEST_ERROR = 2_000_000
"""Bytes of an error document that are read. Servers that echo a rejected request send as much as the request has."""


class ErrorReply(Exception):
    """The endpoint answered with an error status; the message omits the body, which may contain secrets.

    Attributes:
        status: the HTTP status.
        body: the beginning of the body.
        headers: the headers of the response.
    """

    def __init__(self, status: int, body: str, headers: Mapping[str, str]) -> None:
        super().__init__(f"status {status}")
        self.status, self.body, self.headers = status, body, headers


async def refuse_error_status(response: "httpx2.Response") -> None:
    """Raise ErrorReply for an error status or a redirect. The OpenAI client would read the whole body into memory."""
    if response.is_success:
        return
    body = bytearray()
    async with aclosing(response.aiter_bytes()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) >= LARGEST_ERROR:
                break
    raise ErrorReply(response.status_code, body[:LARGEST_ERROR].decode("utf-8", "replace"), response.headers)
