"""A local HTTP server that fails when asked to: `Listening`, the base of the stand-in and of the proxy."""

from __future__ import annotations

import json
import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Fault:
    """What happens to the next `times` requests whose "METHOD /path" fits.

    Attributes:
        status: answered in the place of what was asked, with `body`; 0 answers nothing and closes the connection.
        seconds: waited before.
        after: the request is carried out all the same, and only its answer is lost.
        cut: the right answer, but only its first half.
    """

    fits: str
    status: int | None = None
    body: str | bytes = "Internal Server Error"
    kind: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    after: bool = False
    cut: bool = False
    times: int = 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, format, *args):
        pass

    def setup(self):
        super().setup()
        self.server.owner.connections.add(self.connection)

    def finish(self):
        self.server.owner.connections.discard(self.connection)
        with suppress(OSError, ValueError):
            super().finish()

    def handle(self):
        with suppress(OSError):
            super().handle()

    def do_GET(self):
        self._serve("GET")

    def do_POST(self):
        self._serve("POST")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        owner = self.server.owner
        owner.requests.append((method, self.path, dict(self.headers.items())))
        fault = owner.fault(f"{method} {self.path}")
        if fault is None:
            return owner.answer(self, method, body)
        if fault.seconds and owner.closing.wait(fault.seconds):
            return None
        if fault.after:
            owner.answer(_Deaf(self), method, body)
        if fault.cut:
            return owner.answer(_Deaf(self, half=True), method, body)
        if fault.status == 0:
            return self.drop()
        if fault.status is None:
            return owner.answer(self, method, body)
        return self.send(
            fault.status,
            fault.body if isinstance(fault.body, bytes) else fault.body.encode(),
            fault.kind,
            fault.headers,
        )

    def drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def send(self, status: int, data: bytes, kind: str = "application/json", headers: dict[str, str] | None = None):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def json(self, value: Any, status: int = 200) -> None:
        self.send(status, json.dumps(value).encode(), "application/json; charset=utf-8")


class _Deaf:
    """A handler whose answer never arrives, or only half of it."""

    def __init__(self, handler: _Handler, half: bool = False):
        self._handler, self._half = handler, half
        self.path, self.headers = handler.path, handler.headers

    def send(self, status, data, kind="application/json", headers=None):
        if self._half:
            self._handler.send(status, data[: len(data) // 2], kind, {"Content-Length": str(len(data))})
            self._handler.drop()

    def json(self, value, status=200):
        self.send(status, json.dumps(value).encode())


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    owner: Any

    def handle_error(self, request, client_address):
        pass


class Listening:
    """Shared by the server and the proxy."""

    def __init__(self, port: int = 0):
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.faults: list[Fault] = []
        self.connections: set[socket.socket] = set()
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", port), _Handler)
        self._http.owner = self
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.closing.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
            self._http.server_close()
        for one in list(self.connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def fault(self, request: str) -> Fault | None:
        with self._lock:
            for one in self.faults:
                if one.times > 0 and re.search(one.fits, request):
                    one.times -= 1
                    return one
        return None

    def count(self, fits: str) -> int:
        """How many requests fitted so far."""
        return sum(bool(re.search(fits, f"{method} {path}")) for method, path, _ in self.requests)

    def answer(self, to: Any, method: str, body: bytes) -> None:
        raise NotImplementedError
