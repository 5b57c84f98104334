"""A language model server for tests: the real wire formats of Ollama (NDJSON) and OpenAI (SSE), driven by a script.

    with LLMServer([Say('{"reason": …}')]) as server:
        chat_from(f"ollama/tiny@{server.url}")      or      chat_from(f"openai/tiny@{server.url}/v1")

Each chat request takes the next answer of the script; the last one stays. An answer may also be a function of the
request's body. `server.requests` holds what was asked, `server.open` how many connections are open now.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import log
from typing import Any

from cielr.reasoning.chats.protocol import count_tokens


@dataclass(frozen=True)
class Say:
    """A good answer, in pieces of `piece` characters; `pause` seconds before each.

    `prompt_tokens` is what the server says of the prompt: None counts what was sent. `progress` tells how it is read
    before, as llama.cpp does; `first` are probabilities of the first token, told where they are asked for; `quiet`
    seconds pass before the first piece, in which `pings` comments are sent.
    """

    text: str
    thinking: str = ""
    piece: int = 40
    pause: float = 0.0
    prompt_tokens: int | None = None
    finish: str = "stop"
    usage: bool = True
    progress: tuple[tuple[int, int], ...] = ()
    quiet: float = 0.0
    pings: int = 0
    first: dict[str, float] | None = None


@dataclass(frozen=True)
class Fail:
    """An HTTP status with a body."""

    status: int
    body: str = ""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Silent:
    """Nothing at all, or nothing after the headers, or nothing after a few tokens, until the client goes."""

    headers: bool = False
    tokens: int = 0


@dataclass(frozen=True)
class Drip:
    """A good answer, one byte every `every` seconds."""

    text: str
    every: float = 1.0


@dataclass(frozen=True)
class Drop:
    """A good beginning; then the connection is cut in mid-token, or ended as if all were said."""

    text: str
    politely: bool = False


@dataclass(frozen=True)
class Flood:
    """`size` bytes of text in one answer; in one single line where `line` is set."""

    size: int
    line: bool = False


@dataclass(frozen=True)
class Raw:
    """These bytes, so many times, in place of an answer."""

    data: bytes
    times: int = 1


Answer = Say | Fail | Silent | Drip | Drop | Flood | Raw
Script = Sequence[Answer | Callable[[dict[str, Any]], Answer]]


class LLMServer:
    """A server on this machine, on a free port unless one is given; a context manager."""

    def __init__(
        self,
        script: Script = (),
        models: Sequence[str] = ("tiny",),
        capabilities: Sequence[str] = ("completion",),
        context: int = 32768,
        show: Answer | None = None,
        port: int = 0,
        parameters: int = 8_000_000_000,
    ) -> None:
        self.parameters = parameters
        self.script = list(script)
        self.models = list(models)
        self.capabilities = list(capabilities)
        self.context = context
        self.show = show
        self.running: Sequence[str] = ()
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.unloaded = 0
        self.open = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        server = self

        class Handler(_Handler):
            owner = server

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = True

            def handle_error(self, request, client_address):
                """Clients that go away are the point of many tests."""

        self._http = Quiet(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="llm-server")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """Bodies of the chat requests."""
        return [request for request in self.requests if "messages" in request]

    def next(self, body: dict[str, Any]) -> Answer:
        with self.lock:
            step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return step(body) if callable(step) else step

    def settles(self, seconds: float = 2.0) -> bool:
        """Whether no connection is open, waiting for that."""
        until = time.monotonic() + seconds
        while self.open and time.monotonic() < until:
            time.sleep(0.01)
        return self.open == 0

    def __enter__(self) -> LLMServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def counted(body: dict[str, Any]) -> int:
    """About so many tokens a tokenizer makes of a request's messages."""
    return sum(round(0.7 * count_tokens(text_of(message))) + 4 for message in body.get("messages", ()))


def text_of(message: dict[str, Any]) -> str:
    """What a message says, without its pictures."""
    content = message["content"]
    return content if isinstance(content, str) else content[0]["text"]


def wire(dialect: str, answer: Say) -> list[bytes]:
    """The lines of a good answer, as the two kinds of servers write them."""
    pieces = [("thinking", part) for part in _cut(answer.thinking, answer.piece)]
    pieces += [("content", part) for part in _cut(answer.text, answer.piece)]
    lines: list[dict[str, Any]] = []
    likely = [{"token": token, "logprob": log(share)} for token, share in (answer.first or {}).items()]
    told = [{**likely[0], "top_logprobs": likely}] if likely else None
    if dialect == "ollama":
        for kind, part in pieces:
            message = {"role": "assistant", "content": "", kind: part}
            more = {"logprobs": told} if told else {}
            lines.append(
                more | {"model": "tiny", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False}
            )
        end: dict[str, Any] = {"model": "tiny", "created_at": "2026-01-01T00:00:00Z", "done": True}
        end |= {"message": {"role": "assistant", "content": ""}, "done_reason": answer.finish}
        if answer.usage:
            end |= {"prompt_eval_count": answer.prompt_tokens, "eval_count": len(pieces), "total_duration": 1}
        return [json.dumps(line).encode() + b"\n" for line in [*lines, end]]
    for done, total in answer.progress:
        state = {"processed": done, "total": total, "cache": 0, "time_ms": 1}
        lines.append({"choices": [{"index": 0, "delta": {}, "finish_reason": None}], "prompt_progress": state})
    for kind, part in pieces:
        delta = {"reasoning_content" if kind == "thinking" else "content": part}
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        lines.append({"choices": [choice | ({"logprobs": {"content": told}} if told else {})]})
    lines.append({"choices": [{"index": 0, "delta": {}, "finish_reason": answer.finish}]})
    if answer.usage:
        usage = {"prompt_tokens": answer.prompt_tokens, "completion_tokens": len(pieces)}
        lines.append({"choices": [], "usage": usage})
    events = [b"data: " + json.dumps({"object": "chat.completion.chunk", **line}).encode() + b"\n\n" for line in lines]
    return [b": a comment, as proxies send them\n\n", *events, b"data: [DONE]\n\n"]


def _cut(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


class _Handler(BaseHTTPRequestHandler):
    owner: LLMServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        with self.owner.lock:
            self.owner.open += 1

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            with self.owner.lock:
                self.owner.open -= 1

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def do_GET(self) -> None:
        if self.path == "/api/tags":
            self._json({"models": [{"model": name, "name": name} for name in self.owner.models]})
        elif self.path == "/api/ps":
            self._json({"models": [{"model": name, "name": name} for name in self.owner.running]})
        elif self.path == "/v1/models":
            self._json({"object": "list", "data": [{"id": "tiny", "meta": {"n_params": self.owner.parameters}}]})
        else:
            self._json({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
        with self.owner.lock:
            self.owner.requests.append({"path": self.path, **body})
            self.owner.headers.append({key.lower(): value for key, value in self.headers.items()})
        if self.path == "/api/show":
            self._show(body)
        elif self.path == "/api/generate":
            self.owner.unloaded += body.get("keep_alive") == 0
            self._json({"model": "tiny", "created_at": "2026-01-01T00:00:00Z", "response": "", "done": True})
        elif self.path in ("/api/chat", "/v1/chat/completions"):
            answer = self.owner.next(body)
            if isinstance(answer, Say) and answer.prompt_tokens is None:
                answer = replace(answer, prompt_tokens=counted(body))
            self._answer(answer, "ollama" if self.path == "/api/chat" else "openai")
        else:
            self._json({"error": "not found"}, 404)

    def _show(self, body: dict[str, Any]) -> None:
        if self.owner.show is not None:
            self._answer(self.owner.show, "ollama")
        elif body.get("model") not in self.owner.models:
            self._json({"error": f"model '{body.get('model')}' not found"}, 404)
        else:
            info = {"general.architecture": "tiny", "tiny.context_length": self.owner.context}
            info["general.parameter_count"] = self.owner.parameters
            self._json({"capabilities": self.owner.capabilities, "model_info": info, "details": {}})

    def _answer(self, answer: Answer, dialect: str) -> None:
        if isinstance(answer, Fail):
            self._json(answer.body, answer.status, answer.kind, answer.headers)
        elif isinstance(answer, Silent):
            if answer.headers or answer.tokens:
                self._begin(dialect)
                for line in wire(dialect, Say("a few words " * 20, piece=12))[: answer.tokens]:
                    self._chunk(line)
            self._until_gone()
        elif isinstance(answer, Say):
            self._say(answer, dialect)
        elif isinstance(answer, Drip):
            self._begin(dialect)
            for byte in b"".join(wire(dialect, Say(answer.text))):
                if self._gone(answer.every):
                    return
                self._chunk(bytes([byte]))
            self._chunk(b"")
        elif isinstance(answer, Drop):
            self._begin(dialect)
            lines = wire(dialect, Say(answer.text, piece=5))
            for line in lines[: len(lines) // 2]:
                self._chunk(line)
            if answer.politely:
                self._chunk(b"")
            else:
                self._chunk(lines[len(lines) // 2][:9])
                self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif isinstance(answer, Raw):
            self._begin(dialect)
            for _ in range(answer.times):
                self._chunk(answer.data)
            self._chunk(b"")
        else:
            self._flood(answer, dialect)

    def _say(self, answer: Say, dialect: str) -> None:
        self._begin(dialect)
        for _ in range(answer.pings):
            if self._gone(answer.quiet / answer.pings):
                return
            self._chunk(b": still there\n\n")
        if answer.quiet and not answer.pings and self._gone(answer.quiet):
            return
        for line in wire(dialect, answer):
            if answer.pause and self._gone(answer.pause):
                return
            self._chunk(line)
        self._chunk(b"")

    def _flood(self, answer: Flood, dialect: str) -> None:
        self._begin(dialect)
        if answer.line:
            block = b"x" * 65536
            for _ in range(answer.size // len(block)):
                self._chunk(block)
        else:
            line = wire(dialect, Say("x" * 8000, piece=8000))[0 if dialect == "ollama" else 1]
            for _ in range(answer.size // 8000):
                self._chunk(line)
        self._chunk(b"")

    # ------------------------------------------------------------------------------------------------- HTTP itself

    def _begin(self, dialect: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson" if dialect == "ollama" else "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _json(
        self,
        value: Any,
        status: int = 200,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        data = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def _until_gone(self) -> None:
        while not self._gone(0.02):
            pass
        self.close_connection = True

    def _gone(self, seconds: float) -> bool:
        """Waits that long, and tells whether the client has closed the connection or the server is to end."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            ready, _, _ = select.select([self.connection], [], [], max(0.0, min(left, 0.02)))
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                return True
            if self.owner.closing.is_set():
                return True
            if left <= 0:
                return False


__all__ = ["Answer", "Drip", "Drop", "Fail", "Flood", "LLMServer", "Raw", "Say", "Silent", "text_of", "wire"]
