"""A small server that speaks ComfyUI's wire format, and fails when asked to.

HTTP and websocket are written by hand here, so that the client is not tested against its own libraries. Bodies and
messages have the shapes that ComfyUI 0.3.64 sends.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
import time
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from faulty_http import Listening
from websocket_frames import frame, read_until_close

ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def info(required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A node as /object_info describes it."""
    return {"input": {"required": required, "optional": optional or {}, "hidden": {"prompt": "PROMPT"}}, **more}


NODES: dict[str, dict[str, Any]] = {
    "LoadImage": info({"image": [["example.png"], {"image_upload": True}]}),
    "CIELR_SceneParse": info({"image": ["IMAGE"], "labels": ["STRING", {"default": ""}]}),
    "CIELR_Reason": info({"scene": ["CIELR_SCENE"], "instruction": ["STRING", {"multiline": True}]}),
    "CIELR_EditExecutor": info(
        {"image": ["IMAGE"], "seed": ["INT", {"min": 0}], "share": ["FLOAT"], "on": ["BOOLEAN"]}
    ),
    "Loader": info(
        {"ckpt_name": [["sd15.safetensors", "sdxl.safetensors"]], "mode": ["COMBO", {"options": ["a", "b"]}]}
    ),
    "SaveImage": info({"images": ["IMAGE"], "filename_prefix": ["STRING"]}, output_node=True),
    "PreviewImage": info({"images": ["IMAGE"]}, output_node=True),
}


class ComfyServer(Listening):
    """As much of a ComfyUI as a client sees. What its nodes do is set by attributes.

    Attributes:
        nodes: what /object_info tells; saves: node id -> the files it gives, as [(filename, subfolder, type)].
        files: (filename, subfolder, type) -> bytes; uploads: name -> bytes.
        seconds: that each node takes; fails: node id -> (exception type, message).
        refuses: the answer of POST /prompt instead of taking it; warns: node_errors beside a prompt that is taken.
        header: (name, value) that every request must bear.
        sockets: whether a websocket is let in; late: seconds from the end to the history.
        silent: node ids that say nothing until they are interrupted.
    """

    def __init__(self, port: int = 0):
        self.nodes = dict(NODES)
        self.saves: dict[str, list[tuple[str, str, str]]] = {}
        self.files: dict[tuple[str, str, str], bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.seconds = 0.0
        self.fails: dict[str, tuple[str, str]] = {}
        self.blocks: dict[str, str] = {}
        self.refuses: dict[str, Any] | None = None
        self.warns: dict[str, Any] = {}
        self.header: tuple[str, str] | None = None
        self.sockets = True
        self.late = 0.0
        self.silent: set[str] = set()
        self.prompts: list[dict[str, Any]] = []
        self.interrupted: list[str] = []
        self.deleted: list[str] = []
        self.lines: dict[str, socket.socket] = {}
        self.lines_opened = 0
        self.stands = False
        """Whether a silent node is waiting."""
        self.hold = threading.Event()
        """Cleared, the queue stands still."""
        self.hold.set()
        self._pending: list[dict[str, Any]] = []
        self._running: dict[str, Any] | None = None
        self._history: dict[str, Any] = {}
        self._stop_running = threading.Event()
        self._changed = threading.Condition()
        super().__init__(port)
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def close(self) -> None:
        super().close()
        self.hold.set()
        self._stop_running.set()
        with self._changed:
            self._changed.notify_all()
        self._worker.join(5)

    def forget(self) -> None:
        """As after a restart."""
        with self._changed:
            self._pending.clear()
            self._history.clear()
            self._running = None
        self._stop_running.set()

    def drop_lines(self) -> None:
        """Every websocket breaks, without a goodbye."""
        for line in list(self.lines.values()):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    @property
    def busy(self) -> bool:
        return bool(self._running or self._pending)

    # ------------------------------------------------------------------------------------------------------- requests

    def answer(self, to: Any, method: str, body: bytes) -> None:
        parts = urlsplit(to.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if self.header is not None and to.headers.get(self.header[0]) != self.header[1]:
            return to.send(401, b"Unauthorized", "text/plain")
        path = parts.path
        if method == "GET" and path == "/ws":
            return self._line(to, query.get("clientId", ""))
        if method == "GET" and path.startswith("/object_info/"):
            kind = unquote(path.rpartition("/")[2])
            return to.json({kind: self.nodes[kind]} if kind in self.nodes else {})
        if method == "GET" and path == "/queue":
            return to.json({"queue_running": self._items([self._running]), "queue_pending": self._items(self._pending)})
        if method == "GET" and path.startswith("/history/"):
            name = path.rpartition("/")[2]
            return to.json({name: self._history[name]} if name in self._history else {})
        if method == "GET" and path == "/view":
            data = self.files.get((query["filename"], query.get("subfolder", ""), query.get("type", "output")))
            return to.send(404, b"", "text/plain") if data is None else to.send(200, data, "image/png")
        if method == "POST" and path == "/upload/image":
            return to.json(self._take_upload(to.headers["Content-Type"], body))
        if method == "POST" and path == "/prompt":
            return self._take_prompt(to, json.loads(body))
        if method == "POST" and path == "/queue":
            with self._changed:
                for name in json.loads(body).get("delete", ()):
                    self.deleted.append(name)
                    self._pending = [one for one in self._pending if one["prompt_id"] != name]
            return to.send(200, b"", "application/octet-stream")
        if method == "POST" and path == "/interrupt":
            name = json.loads(body or b"{}").get("prompt_id")
            self.interrupted.append(name)
            if self._running and name in (None, self._running["prompt_id"]):
                self._stop_running.set()
            return to.send(200, b"", "application/octet-stream")
        return to.send(404, b"404: Not Found", "text/plain; charset=utf-8")

    @staticmethod
    def _items(prompts):
        return [[number, one["prompt_id"], one["prompt"], {}, []] for number, one in enumerate(prompts) if one]

    def _take_upload(self, kind: str, body: bytes) -> dict[str, str]:
        form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        found = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        name, folder = found["image"].get_filename(), found["subfolder"].get_content().strip()
        self.uploads[f"{folder}/{name}"] = found["image"].get_payload(decode=True)
        return {"name": name, "subfolder": folder, "type": "input"}

    def _take_prompt(self, to: Any, body: dict[str, Any]) -> None:
        if self.refuses is not None:
            return to.json(self.refuses, 400)
        with self._changed:
            self.prompts.append(body)
            self._pending.append(body)
            self._changed.notify_all()
        return to.json({"prompt_id": body["prompt_id"], "number": len(self.prompts), "node_errors": self.warns})

    # ------------------------------------------------------------------------------------------------------- websocket

    def _line(self, to: Any, client: str) -> None:
        if not self.sockets:
            return to.send(403, b"Forbidden", "text/plain")
        key = base64.b64encode(hashlib.sha1((to.headers["Sec-WebSocket-Key"] + ACCEPT).encode()).digest()).decode()
        to.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", key)):
            to.send_header(name, value)
        to.end_headers()
        line = to.connection
        self.lines[client] = line
        self.lines_opened += 1
        self.say(client, "status", {"status": {"exec_info": {"queue_remaining": 0}}, "sid": client})
        with suppress(OSError, struct.error):
            read_until_close(line)
        to.close_connection = True
        if self.lines.get(client) is line:
            del self.lines[client]

    def say(self, client: str, kind: str, data: dict[str, Any]) -> None:
        line = self.lines.get(client)
        if line is not None:
            with suppress(OSError):
                line.sendall(frame(1, json.dumps({"type": kind, "data": data}).encode()))

    # -------------------------------------------------------------------------------------------------------- the runs

    def _work(self) -> None:
        while not self.closing.is_set():
            with self._changed:
                while not self._pending and not self.closing.is_set():
                    self._changed.wait(0.1)
            if not self.hold.wait(0.05):
                continue
            with self._changed:
                if not self._pending or self.closing.is_set():
                    continue
                self._stop_running.clear()
                body = self._running = self._pending.pop(0)
            entry = self._execute(body)
            if self.late:
                self.closing.wait(self.late)
            with self._changed:
                if self._running is body:
                    self._running = None
                    self._history[body["prompt_id"]] = entry

    def _execute(self, body: dict[str, Any]) -> dict[str, Any]:
        client, name, prompt = body["client_id"], body["prompt_id"], body["prompt"]
        messages: list[Any] = []
        outputs: dict[str, Any] = {}

        def tell(kind: str, data: dict[str, Any], keep: bool = False) -> None:
            data = {**data, "prompt_id": name, **({"timestamp": time.time_ns() // 10**6} if keep else {})}
            if keep:
                messages.append([kind, data])
            self.say(client, kind, data)

        def ended(status: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
            tell(kind, data, keep=True)
            self.say(client, "executing", {"node": None, "prompt_id": name})
            status = {"status_str": status, "completed": status == "success", "messages": messages}
            return {"prompt": [0, name, prompt, {}, []], "outputs": outputs, "status": status, "meta": {}}

        tell("execution_start", {}, keep=True)
        tell("execution_cached", {"nodes": []}, keep=True)
        for node, one in prompt.items():
            self._preview(client)
            tell("executing", {"node": node, "display_node": node})
            place = {"node_id": node, "node_type": one["class_type"], "executed": []}
            if node in self.silent:
                self.stands = True
                self._stop_running.wait(30)
                self.stands = False
            for step in range(4):
                if self._stop_running.wait(self.seconds / 4):
                    return ended("error", "execution_interrupted", place)
                state = {"value": step + 1, "max": 4, "state": "running", "node_id": node, "display_node_id": node}
                tell("progress_state", {"nodes": {node: state}})
                tell("progress", {"value": step + 1, "max": 4, "node": node})
            if node in self.fails:
                kind, message = self.fails[node]
                # what is raised in a node ends with a newline here
                error = {"exception_type": kind, "exception_message": f"{message}\n", "traceback": []}
                return ended(
                    "error", "execution_error", {**place, **error, "current_inputs": {}, "current_outputs": []}
                )
            if node in self.blocks:
                said = {"exception_type": "ExecutionBlocked", "exception_message": self.blocks[node]}
                tell("execution_error", {**place, **said, "traceback": []})
                continue
            if one["class_type"] in ("SaveImage", "PreviewImage"):
                files = self.saves.get(node, [(f"{node}_00001_.png", "", "output")])
                for file in files:
                    self.files.setdefault(file, hashlib.sha256(repr((name, file)).encode()).digest() * 200)
                images = [{"filename": a, "subfolder": b, "type": c} for a, b, c in files]
                outputs[node] = {"images": images}
                tell("executed", {"node": node, "display_node": node, "output": outputs[node]})
        return ended("success", "execution_success", {})

    def _preview(self, client: str) -> None:
        line = self.lines.get(client)
        if line is not None:
            with suppress(OSError):
                line.sendall(frame(2, struct.pack(">II", 1, 2) + bytes(200)))
