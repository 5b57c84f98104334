"""A proxy to put before a ComfyUI, a real one or a stand-in; it fails when asked to."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from faulty_http import Listening


class Proxy(Listening):
    """Passes everything on to another server, until it is told to fail; `drop_lines` breaks the websockets."""

    def __init__(self, upstream: str):
        parts = urlsplit(upstream)
        self.host, self.to = parts.hostname or "", parts.port or 80
        self.lines: list[socket.socket] = []
        self.lines_opened = 0
        super().__init__()

    def drop_lines(self) -> None:
        for line in self.lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self.lines.clear()

    def close(self) -> None:
        self.drop_lines()
        super().close()

    def answer(self, to: Any, method: str, body: bytes) -> None:
        headers = {name: value for name, value in to.headers.items() if name.lower() != "host"}
        if "upgrade" in headers.get("Connection", "").lower():
            return self._tunnel(to)
        upstream = http.client.HTTPConnection(self.host, self.to, timeout=60)
        try:
            upstream.request(method, to.path, body or None, headers)
            got = upstream.getresponse()
            data = got.read()
            to.send(got.status, data, got.getheader("Content-Type") or "application/octet-stream")
        finally:
            upstream.close()

    def _tunnel(self, to: Any) -> None:
        upstream = socket.create_connection((self.host, self.to), 30)
        head = [f"GET {to.path} HTTP/1.1", *(f"{name}: {value}" for name, value in to.headers.items())]
        upstream.sendall("\r\n".join([*head, "", ""]).encode())
        self.lines += [to.connection, upstream]
        self.lines_opened += 1
        other = threading.Thread(target=_pump, args=(upstream, to.connection), daemon=True)
        other.start()
        _pump(to.connection, upstream)
        other.join()
        upstream.close()
        to.close_connection = True


def _pump(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            goal.sendall(data)
    for one in (source, goal):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
