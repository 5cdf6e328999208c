"""A local HTTP server in place of a webhook: it records requests and fails on demand."""

import json
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """What the server received, and how it answers next."""

    def __init__(self, url):
        self.url, self.received, self.status, self.reply, self.headers = url, [], 200, b"ok", {}
        self.hangs, self.drips, self.released = False, 0, threading.Event()

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.received]


@contextmanager
def webhook(path="/services/T0001234/B0005678/verysecretsentinel", certificate=None):
    """Run a server on this machine and yield its `Webhook`; with a file of key and certificate, over TLS."""
    state = Webhook("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            state.received.append((self.path, dict(self.headers), body))
            if state.hangs:
                state.released.wait(30)
                self.close_connection = True
                return
            while state.drips and not state.released.wait(0.05):  # one byte of a header at a time, without an end
                try:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nx: " if not state.drips - 1 else b"y")
                    self.wfile.flush()
                except OSError:
                    break
                state.drips += 1
            if state.drips:
                self.close_connection = True
                return
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(state.reply)))
            self.end_headers()
            try:
                self.wfile.write(state.reply)
            except OSError:
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    scheme = "http" if certificate is None else "https"
    state.url = f"{scheme}://127.0.0.1:{server.server_port}{path}"
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
