"""Readers of reply bytes: one JSON document, or a stream of events."""

from collections.abc import Mapping

from ..chat import ChatRequest, TokenObserver
from ..completion import CHARACTERS_PER_TOKEN, NO_TOKENS, Completion, TokenUsage, parse_completion
from ..streaming import EventLines, StreamAssembler

LARGEST_BODY = 16_000_000


class OversizedBody(Exception):
    """The body is larger than allowed.

    Attributes:
        limit: the largest allowed size in bytes.
    """

    def __init__(self, limit: int = LARGEST_BODY) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class WholeReader:
    """Reads a reply that is one JSON document."""

    def __init__(self, prompt_characters: int) -> None:
        self._prompt_characters, self._body = prompt_characters, bytearray()

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes; raises OversizedBody."""
        self._body += chunk
        if len(self._body) > LARGEST_BODY:
            raise OversizedBody

    @property
    def is_complete(self) -> bool:
        """Return whether the rest of the reply need not be read; False, since its end is not known before."""
        return False

    def completion(self) -> Completion:
        return parse_completion(bytes(self._body), self._prompt_characters)

    def tokens_so_far(self) -> TokenUsage:
        """Return the prompt tokens, estimated, if part of the answer arrived; else no tokens."""
        if not self._body:
            return NO_TOKENS
        return TokenUsage(self._prompt_characters // CHARACTERS_PER_TOKEN, 0, 0, estimated=True)


class StreamReader:
    """Reads a reply that is a stream of events, or nevertheless one JSON document.

    With a `limit`, a streamed answer of more tokens is cut off: the rest is not read.
    """

    def __init__(self, prompt_characters: int, observer: TokenObserver | None, limit: int | None = None) -> None:
        self._limit, self._cut = limit, False
        self._lines, self._assembler = EventLines(), StreamAssembler(prompt_characters)
        self._whole, self._observer, self._streamed = WholeReader(prompt_characters), observer, False
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """Add the next bytes; raises OversizedBody, and MalformedReply for an invalid event."""
        self._size += len(chunk)
        if self._size > LARGEST_BODY:
            raise OversizedBody
        if not self._streamed:
            self._whole.feed(chunk)
        for data in self._lines.feed(chunk):
            if not self._cut:
                self._take(data)

    @property
    def is_complete(self) -> bool:
        """Return whether the rest of the reply need not be read, because the answer was cut off."""
        return self._cut

    def completion(self) -> Completion:
        if self._cut and self._limit is not None:
            return self._assembler.cut(self._limit)
        for data in self._lines.flush():
            self._take(data)
        return self._assembler.completion() if self._streamed else self._whole.completion()

    def tokens_so_far(self) -> TokenUsage:
        return self._assembler.tokens_so_far() if self._streamed else NO_TOKENS

    def _take(self, data: str) -> None:
        self._streamed = True
        piece = self._assembler.add(data)
        if piece and self._observer is not None:
            self._observer(piece)
        if self._limit is not None and not self._assembler.is_finished:
            self._cut = self._assembler.written_tokens > self._limit


def reply_reader(body: Mapping[str, object], request: ChatRequest) -> WholeReader | StreamReader:
    """Return the reader for the reply to `body`."""
    if body.get("stream"):
        limit = request.parameters.max_tokens if request.bounded else None
        return StreamReader(request.characters, request.observer, limit)
    return WholeReader(request.characters)
