"""Parsing of server-sent events, and assembly of a streamed answer."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from .completion import Completion, MalformedReply, TokenUsage, check_for_error, served_by, token_usage
from .messages import message_in, text_in

DONE = "[DONE]"
CUT_OFF = "length"
BYTES_PER_TOKEN = 4
_TEXTS = frozenset({"content", "reasoning_content", "reasoning", "refusal"})


class BrokenStream(MalformedReply):
    """A stream ended before the answer was complete."""


class EventLines:
    """Splits the bytes of an event stream into the data of its events."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the data of every line completed by `chunk`; comments and other fields are skipped."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[len(b"data:") :].decode("utf-8", "replace").strip()

    def flush(self) -> Iterator[str]:
        """Yield the data of a last line without a line end."""
        yield from self.feed(b"\n")


class StreamAssembler:
    """Collects the chunks of one streamed answer."""

    def __init__(self, prompt_characters: int) -> None:
        self._prompt_characters = prompt_characters
        self._message: dict[str, Any] = {}
        self._calls: list[dict[str, Any]] = []
        self._finish = ""
        self._usage: object = None
        self._named: dict[str, Any] = {}
        self._done = False
        self._pieces = self._bytes = 0

    def add(self, data: str) -> str:
        """Add the data of one event and return its piece of content.

        Raises:
            UpstreamError: the event contains an error.
            MalformedReply: the event is not a chunk of a chat completion.
        """
        if data == DONE:
            self._done = True
            return ""
        try:
            chunk = json.loads(data)
            check_for_error(chunk)
            return self._add(chunk)
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            raise MalformedReply(f"an event of the stream is not a chunk of an answer: {data[:200]}") from None

    def completion(self) -> Completion:
        """Return the complete answer; raises BrokenStream if the stream ended without a finish reason or end marker."""
        if not self._done and not self._finish:
            raise BrokenStream("the stream broke off in the middle of the answer")
        message = message_in(self._message | {"tool_calls": self._calls}, self._finish or None)
        tokens = token_usage(self._usage, self._prompt_characters, message.characters)
        return Completion(message, tokens, served_by(self._named), streamed=True)

    @property
    def is_finished(self) -> bool:
        """Return whether the endpoint has ended the answer."""
        return self._done or bool(self._finish)

    @property
    def written_tokens(self) -> int:
        """Return the least tokens that the answer has so far: one per piece, or one for 4 bytes if that is more."""
        return max(self._pieces, self._bytes // BYTES_PER_TOKEN)

    def cut(self, limit: int) -> Completion:
        """Return the answer so far as one that ended at the length limit of `limit` tokens."""
        message = message_in(self._message | {"tool_calls": self._calls}, CUT_OFF)
        prompt = token_usage(self._usage, self._prompt_characters, 0).prompt
        tokens = TokenUsage(prompt, 0, limit, estimated=True)
        return Completion(message, tokens, served_by(self._named), streamed=True)

    def tokens_so_far(self) -> TokenUsage:
        """Return the tokens that the endpoint may have charged so far: as reported, or estimated from characters."""
        written = sum(len(str(self._message.get(name) or "")) for name in _TEXTS)
        written += sum(len(call["function"]["arguments"]) for call in self._calls)
        return token_usage(self._usage, self._prompt_characters, written)

    def _add(self, chunk: dict[str, Any]) -> str:
        self._usage = chunk.get("usage") or self._usage
        self._named |= {name: chunk[name] for name in ("model", "system_fingerprint") if chunk.get(name)}
        if not chunk.get("choices"):
            return ""
        choice = chunk["choices"][0]
        self._finish = text_in(choice.get("finish_reason")) or self._finish
        delta = choice.get("delta") or choice.get("message") or {}
        for call in delta.get("tool_calls") or ():
            self._merge_call(call)
        self._count([*(delta.get(name) for name in _TEXTS), *_argument_texts(delta)])
        _merge(self._message, {name: value for name, value in delta.items() if name not in {"role", "tool_calls"}})
        return text_in(delta.get("content"))

    def _count(self, texts: Sequence[object]) -> None:
        written = sum(len(text.encode("utf-8", "replace")) for text in texts if isinstance(text, str))
        self._pieces, self._bytes = self._pieces + bool(written), self._bytes + written

    def _merge_call(self, delta: dict[str, Any]) -> None:
        call = self._call_for(delta)
        function = dict(delta.get("function") or {})
        arguments = function.pop("arguments", None) or ""
        target = call["function"]
        target["arguments"] += arguments if isinstance(arguments, str) else json.dumps(arguments)
        target |= {name: value for name, value in function.items() if value}
        _merge(call, {name: value for name, value in delta.items() if name not in {"index", "function", "id", "type"}})
        call["id"] = delta.get("id") or call["id"]

    def _call_for(self, delta: dict[str, Any]) -> dict[str, Any]:
        """Return the call of a delta: by index, by id, or the last one; an unknown index or id starts a new call."""
        index, given = delta.get("index"), delta.get("id")
        for call in self._calls:
            if (index is not None and call["index"] == index) or (index is None and given and call["id"] == given):
                return call
        if index is None and not given and self._calls:
            return self._calls[-1]
        self._calls.append({"index": index, "id": given, "function": {"name": "", "arguments": ""}})
        return self._calls[-1]


def _argument_texts(delta: dict[str, Any]) -> list[object]:
    return [(call.get("function") or {}).get("arguments") for call in delta.get("tool_calls") or ()]


def _merge(target: dict[str, Any], delta: dict[str, Any]) -> None:
    """Merge `delta` into `target`: texts and lists are appended, objects merged, other values replaced."""
    for name, value in delta.items():
        present = target.get(name)
        if value is None:
            continue
        if isinstance(present, str) and isinstance(value, str) and name in _TEXTS:
            target[name] = present + value
        elif isinstance(present, list) and isinstance(value, list):
            target[name] = [*present, *value]
        elif isinstance(present, dict) and isinstance(value, dict):
            target[name] = {**present, **value}
        else:
            target[name] = value
