"""A local HTTP server that plays the Hugging Face hub, with its wire format and its misfortunes."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def safetensors(size: int, seed: int = 0) -> bytes:
    """A file of that format that holds one tensor of `size` bytes."""
    header = json.dumps({"a": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    body = hashlib.shake_256(str(seed).encode()).digest(size)
    return len(header).to_bytes(8, "little") + header + body


@dataclass
class Hub:
    """What the hub holds, how it misbehaves, and what it was asked.

    Attributes:
        files: name -> content of the one repository; large: those that count as large files there.
        listed: names that its list holds and its folder does not.
        answer: (status, headers, body) for every request in place of the files, or None.
        answer_files: the same, for the files alone.
        cut: bytes after which a connection breaks off, for as many requests as `cuts`.
        spoil: names of files that arrive with other bytes.
        piece, pause: bytes sent at a time, with a rest after each.
        ranges: whether it goes on in the middle of a file; zipped: whether it sends texts zipped.
    """

    repository: str
    files: dict[str, bytes]
    large: tuple[str, ...] = (".safetensors", ".bin", ".h5")
    listed: tuple[str, ...] = ()
    answer: tuple[int, dict[str, str], bytes] | None = None
    answer_files: tuple[int, dict[str, str], bytes] | None = None
    cut: int = 0
    cuts: int = 0
    spoil: tuple[str, ...] = ()
    piece: int = 1 << 16
    pause: float = 0.0
    ranges: bool = True
    zipped: bool = False
    url: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def fetched(self) -> list[str]:
        """The names of the files that were asked for."""
        return [path.rpartition("/")[2] for path, _ in self.asked if "/resolve/" in path]

    @property
    def went_on_at(self) -> int:
        """The byte at which the last request for a file began."""
        return int(self.asked[-1][1].get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))

    def metadata(self) -> bytes:
        siblings = []
        for name in [*self.files, *self.listed]:
            data = self.files.get(name, b"{}")
            blob = hashlib.sha1(f"blob {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()
            one = {"rfilename": name, "size": len(data), "blobId": blob}
            if name.endswith(self.large):
                one["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 134}
            siblings.append(one)
        told = {"id": self.repository, "modelId": self.repository, "sha": COMMIT, "siblings": siblings}
        return json.dumps({"_id": "1", "private": False, "tags": [], "downloads": 0, "likes": 0, **told}).encode()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlsplit(self.path).path
        self.hub.asked.append((path, dict(self.headers)))
        if self.hub.answer is not None:
            return self.said(*self.hub.answer)
        if path == f"/api/models/{self.hub.repository}/revision/main":
            return self.said(200, {"Content-Type": "application/json"}, self.hub.metadata())
        start = f"/{self.hub.repository}/resolve/{COMMIT}/"
        if not path.startswith(start):
            return self.said(404, {"X-Error-Code": "RepoNotFound"}, b"{}")
        if self.hub.answer_files is not None:
            return self.said(*self.hub.answer_files)
        name = path.removeprefix(start)
        if name not in self.hub.files:
            return self.said(404, {"X-Error-Code": "EntryNotFound"}, b"Entry not found")
        return self.file(name, self.hub.files[name])

    def file(self, name, data):
        if name in self.hub.spoil:
            data = bytes(len(data))
        headers, first, status = {"ETag": '"x"'}, 0, 200
        if self.hub.ranges and self.headers.get("Range", "").startswith("bytes="):
            first = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0])
            status = 206
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        data = data[first:]
        if self.hub.zipped and name.endswith((".json", ".txt")):
            data = gzip.compress(data)
            headers["Content-Encoding"] = "gzip"
        self.said(status, headers, data, breaks=True)

    def said(self, status, headers, body, breaks=False):
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        last = len(body)
        if breaks and self.hub.cuts > 0 and len(body) > self.hub.cut:
            self.hub.cuts -= 1
            last = self.hub.cut
        try:
            for k in range(0, last, self.hub.piece):
                piece = body[k : min(k + self.hub.piece, last)]
                self.wfile.write(piece)
                self.wfile.flush()
                if self.hub.pause and k + self.hub.piece < last and self.hub.stop.wait(self.hub.pause):
                    break
        except OSError:
            # the other end has hung up
            last = -1
        if last < len(body):
            self.close_connection = True

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Who hangs up in the middle is what some of the tests are about."""


@contextmanager
def playing(hub: Hub) -> Iterator[Hub]:
    """The hub on a port of this machine, at `hub.url`."""

    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.stop.set()
        server.shutdown()
        server.server_close()
