"""A vendor's server that answers what a test tells it to, over real HTTP on a loopback port.

with VendorServer() as server:
    server.serve("/fred/series", {"seriess": []})          # JSON; more answers are given in turn, the last one for ever
    server.serve("/feed.xml", Served(body=b"<rss/>"))
    server.serve("/page", lambda request: Served(body=request.query["page"].encode()))
    server.fail(Served(503), times=2)                       # whatever is asked next
    ... server.url, server.requests
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. Header names are in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Served:
    """One answer.

    Attributes:
        claimed: the Content-Length that is sent, where it shall not be the true one.
        hang: answer nothing until the server closes.
        endless: go on sending the body until the other side has enough.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed: int | None = None
    hang: bool = False
    endless: bool = False

    @classmethod
    def json(cls, document: object, status: int = 200, **headers: str) -> "Served":
        return cls(status, json.dumps(document).encode(), {"content-type": "application/json", **headers})


Answer = Served | Callable[[Request], object] | Mapping[str, object] | list[object]


class VendorServer:
    """Answers by path; a path that nobody serves is 404. `requests` holds everything that was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._routes: dict[str, deque[Answer]] = {}
        self._fault: tuple[Served, float] | None = None
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "VendorServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def serve(self, path: str, *answers: Answer) -> None:
        """Answer `path`, with one answer after the other, and then with the last one for ever."""
        self._routes[path] = deque(answers)

    def fail(self, fault: Served, times: float = float("inf")) -> None:
        """Answer the next requests with `fault`, whatever they ask."""
        self._fault = (fault, times)

    def _answer(self, request: Request) -> Served:
        with self._lock:
            self.requests.append(request)
            if self._fault and self._fault[1] > 0:
                self._fault = (self._fault[0], self._fault[1] - 1)
                return self._fault[0]
            queue = self._routes.get(request.path)
            if not queue:
                return Served(404, b'{"detail": "Not found."}', {"content-type": "application/json"})
            answer = queue.popleft() if len(queue) > 1 else queue[0]
        found = answer(request) if callable(answer) else answer
        return found if isinstance(found, Served) else Served.json(found)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return type("Bound", (_Handler,), {"owner": self, "closing": self._closing})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms for an acknowledgement
    owner: VendorServer
    closing: threading.Event

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        served = self.owner._answer(Request(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers))
        if served.hang:
            self.closing.wait()
            self.close_connection = True
            return
        try:
            self._head(served)
            self.wfile.write(served.body)
            while served.endless and not self.closing.is_set():
                self.wfile.write(served.body)
        except OSError:  # the other side had enough
            self.close_connection = True

    def _head(self, served: Served) -> None:
        self.send_response(served.status)
        for name, value in served.headers.items():
            self.send_header(name, value)
        length = len(served.body) if served.claimed is None else served.claimed
        if not served.endless and served.status != 304:
            self.send_header("content-length", str(length))
        self.end_headers()
        if served.endless or length != len(served.body):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Stay silent."""
