"""A local OpenAI-compatible server over real sockets, in a thread of this process or as a process of its own.

`python -m stub.server --port 0 --latency-ms 200` (with `tests` on PYTHONPATH) prints its address and serves until it
is stopped. From outside it is read and steered by `GET /_requests` and `POST /_program`, whose JSON body may hold
`latency_ms`, `answer_characters`, `values`, `refuses`, `replies` (a list of contents to give next), `faults` (a list
of objects with the fields of Fault), and the flags `release` and `clear`.
"""

import argparse
import asyncio
import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Self

from .answers import Filler
from .http_log import (
    ChatRequest,
    Fault,
    Record,
    Reply,
    ToolCall,
)
from .openai_replies import completion, events, head

Responder = Callable[[ChatRequest], Reply | str]
Personality = Callable[[ChatRequest], Fault | None]
FEATURES = ("json_schema", "json_object", "tools")


class StubServer:
    """Answers `POST /v1/chat/completions`, `POST /v1/embeddings` and `GET /v1/models` on 127.0.0.1.

    Use it as a context manager; `url` is the base URL for a client.

    Args:
        latency_ms: time between the arrival of a request and the first byte of its answer.
        answer_characters: length of the free text in one answer of the default responder.
        responder: what answers instead of the default one, which fills the JSON schema that it is given.
        values: what the default responder writes for properties of these names.
        refuses: features that are answered with status 400: any of `json_schema`, `json_object`, `tools`.
        personality: returns how a request goes wrong at this kind of endpoint, or None for one that is served.
        port: 0 for any free one.
    """

    def __init__(
        self,
        *,
        latency_ms: float = 0,
        answer_characters: int = 160,
        responder: Responder | None = None,
        values: Mapping[str, object] | None = None,
        refuses: Iterable[str] = (),
        personality: Personality | None = None,
        port: int = 0,
    ) -> None:
        self.latency_ms = latency_ms
        self.filler = Filler(answer_characters, values or {})
        self.responder = responder
        self.refuses = frozenset(refuses)
        self.personality = personality
        self.requests: list[Record] = []
        self.connections = 0
        self._faults: deque[Fault | None] = deque()
        self._replies: deque[Reply] = deque()
        self._waiting: set[asyncio.Event] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._socket = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="stub-server", daemon=True)
        self._stop = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def chats(self) -> list[ChatRequest]:
        """Return the chat requests so far, in order of arrival."""
        return [record.request for record in self.requests]

    def fail(self, *faults: Fault | None) -> None:
        """Let the next requests go wrong, one fault each; None lets one pass."""
        self._faults.extend(faults)

    def reply(self, *replies: Reply | str) -> None:
        """Give these answers to the next requests that go well, before the responder is asked."""
        self._replies.extend(Reply(reply) if isinstance(reply, str) else reply for reply in replies)

    def release(self) -> None:
        """Let every request that hangs go on."""
        self._loop.call_soon_threadsafe(self._release)

    def heal(self) -> None:
        """Let nothing go wrong from now on, and every request that hangs go on."""
        self._faults.clear()
        self.release()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, sock=self._socket, limit=2**24)
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await _Connection(self, self.connections, reader, writer).serve()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    def _release(self) -> None:
        for waiting in self._waiting:
            waiting.set()

    async def hang(self) -> None:
        """Wait for `release`."""
        waiting = asyncio.Event()
        self._waiting.add(waiting)
        try:
            await waiting.wait()
        finally:
            self._waiting.discard(waiting)

    def next_fault(self) -> Fault | None:
        """Take the fault that is meant for this request, if any."""
        return self._faults.popleft() if self._faults else None

    def refusal(self, request: ChatRequest) -> str | None:
        """Return why a request asks for something that this server was told not to have."""
        if request.format in self.refuses:
            return f"response_format.type {request.format} is not supported by this model"
        if "tools" in self.refuses and request.tools:
            return "this model does not support tools"
        return None

    def respond(self, request: ChatRequest) -> Reply:
        """Return what the model says: queued replies first, then the responder, then a filled schema."""
        if self._replies:
            return self._replies.popleft()
        if self.responder is not None:
            said = self.responder(request)
            return Reply(said) if isinstance(said, str) else said
        return fill(self.filler, request)

    def program(self, orders: Mapping[str, Any]) -> None:
        """Do what a `POST /_program` asks."""
        self.latency_ms = orders.get("latency_ms", self.latency_ms)
        self.filler = replace(
            self.filler,
            characters=orders.get("answer_characters", self.filler.characters),
            values=orders.get("values", self.filler.values),
        )
        self.refuses = frozenset(orders.get("refuses", self.refuses))
        self.fail(*(Fault(**fault) if fault else None for fault in orders.get("faults", ())))
        self.reply(*orders.get("replies", ()))
        if orders.get("clear"):
            self.requests.clear()
        if orders.get("release"):
            self._release()


def fill(filler: Filler, request: ChatRequest) -> Reply:
    """Answer with the schema filled: as a function call where one is forced, else as content."""
    schema = request.schema
    if schema is None:
        return Reply("There is no schema to fill."[: max(filler.characters, 1)])
    answer = json.dumps(filler.fill(schema, request.prompt))
    if request.forced_tool:
        return Reply(tool_calls=(ToolCall(request.forced_tool, answer),))
    return Reply(answer)


class _Connection:
    """One keep-alive connection: reads requests and writes answers until either side closes."""

    def __init__(
        self, server: StubServer, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.number, self.reader, self.writer = server, number, reader, writer

    async def serve(self) -> None:
        while head := await self._head():
            method, path, headers = head
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
            if not await self._answer(method, path, headers, body):
                return

    async def _head(self) -> tuple[str, str, dict[str, str]] | None:
        try:
            raw = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = raw.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        return method, path, {name.strip().lower(): value.strip() for name, value in pairs}

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bool:
        match method, path.removeprefix("/v1"):
            case "GET", "/models":
                await self._json(200, {"object": "list", "data": [{"id": "stub", "object": "model"}]})
            case "GET", "/_requests":
                await self._json(200, [asdict(record) for record in self.server.requests])
            case "POST", "/_program":
                self.server.program(json.loads(body))
                await self._json(200, {})
            case "POST", "/chat/completions":
                return await self._chat(path, headers, json.loads(body))
            case "POST", "/embeddings":
                return await self._embed(path, headers, json.loads(body))
            case _:
                await self._json(404, {"error": {"message": f"no such path: {path}"}})
        return True

    async def _chat(self, path: str, headers: dict[str, str], body: Any) -> bool:
        arrived = time.monotonic()
        request = ChatRequest(body, headers)
        record = Record(path, arrived, None, 0, len(request.prompt), self.number, headers, body)
        self.server.requests.append(record)
        fault = self.server.next_fault()
        wait = self.server.latency_ms / 1000 - (time.monotonic() - arrived)
        if wait > 0:
            await asyncio.sleep(wait)
        try:
            return await self._fail(fault, record, request) if fault else await self._reply(record, request)
        finally:
            record.finished = record.finished or time.monotonic()

    async def _embed(self, path: str, headers: dict[str, str], body: Any) -> bool:
        record = Record(path, time.monotonic(), None, 200, sum(map(len, body["input"])), self.number, headers, body)
        self.server.requests.append(record)
        if fault := self.server.next_fault():
            return await self._fail(fault, record, ChatRequest(body, headers))
        rows = [
            {"index": n, "object": "embedding", "embedding": _letters(text)} for n, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": record.prompt_characters // 4, "total_tokens": record.prompt_characters // 4}
        await self._json(200, {"object": "list", "model": body["model"], "data": rows[::-1], "usage": usage})
        return True

    async def _fail(self, fault: Fault, record: Record, request: ChatRequest) -> bool:
        record.status = fault.status
        match fault.kind:
            case "hang":
                await self.server.hang()
                return await self._reply(record, request)
            case "reset":
                raw = self.writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.writer.transport.abort()
                return False
            case "broken_stream":
                await self._stream(self.server.respond(request), record, request, share=0.9)
                return False
            case "stream":
                await self._stream(self.server.respond(request), record, request)
                return True
            case "flood":
                await self._flood(fault.status)
                return False
            case "truncated":
                self.writer.write(head(200, {"content-length": "4096"}) + b'{"choices": [{"mess')
                await self.writer.drain()
                return False
        record.finished = time.monotonic()
        body = fault.body.encode() if isinstance(fault.body, str) else fault.body
        await self._send(fault.status, {"content-type": "application/json", **fault.headers}, body)
        return True

    async def _reply(self, record: Record, request: ChatRequest) -> bool:
        if self.server.personality and (fault := self.server.personality(request)):
            return await self._fail(fault, record, request)
        if refusal := self.server.refusal(request):
            record.status = 400
            await self._json(400, {"error": {"message": refusal, "type": "invalid_request_error"}})
            return True
        reply = self.server.respond(request)
        record.status, record.reply = 200, reply.message()
        if request.body.get("stream"):
            await self._stream(reply, record, request)
        else:
            record.finished = time.monotonic()  # before the client can know, so that a test finds it set
            await self._json(200, completion(reply, record, request))
        return True

    async def _stream(self, reply: Reply, record: Record, request: ChatRequest, share: float = 1.0) -> None:
        self.writer.write(head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}))
        whole = list(events(reply, record, request))
        for event in whole[: int(len(whole) * share)]:
            data = f"data: {event}\n\n".encode()
            self.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await self.writer.drain()
        if share < 1.0:
            return
        record.finished = time.monotonic()
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def _flood(self, status: int) -> None:
        part, parts = b" " * 50_000, 500
        self.writer.write(head(status, {"content-type": "application/json", "content-length": str(len(part) * parts)}))
        for _ in range(parts):
            self.writer.write(part)
            await self.writer.drain()

    async def _json(self, status: int, document: object) -> None:
        await self._send(status, {"content-type": "application/json"}, json.dumps(document).encode())

    async def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.writer.write(head(status, {**headers, "content-length": str(len(body))}) + body)
        await self.writer.drain()


def _letters(text: str) -> list[float]:
    """Return how often each letter occurs: like texts have like vectors, which is all that a stub must know."""
    return [float(text.lower().count(chr(code))) for code in range(97, 123)]


def main() -> None:
    """Serve from the command line until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--answer-characters", type=int, default=160)
    parser.add_argument("--refuses", nargs="*", choices=FEATURES, default=())
    given = parser.parse_args()
    server = StubServer(
        port=given.port,
        latency_ms=given.latency_ms,
        answer_characters=given.answer_characters,
        refuses=given.refuses,
    )
    with server:
        print(server.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
