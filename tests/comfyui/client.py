"""A client of a ComfyUI server: queue a prompt, listen to what happens, fetch what comes out."""

from __future__ import annotations

import asyncio
import io
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np

SOON = 10.0
"""Seconds in which an interrupted run ends: two are promised, and a machine that does other work too may need more."""
ENDS = ("execution_success", "execution_error", "execution_interrupted")

Prompt = dict[str, dict[str, Any]]
"""ComfyUI's API format: id -> {"class_type", "inputs"}."""


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def with_inputs(prompt: Prompt, name: str, **inputs: Any) -> Prompt:
    """A prompt with other or further inputs of one node; the given one stays as it is."""
    return {**prompt, name: {**prompt[name], "inputs": {**prompt[name]["inputs"], **inputs}}}


def begins(name: str) -> Callable[[str, dict[str, Any]], bool]:
    """Tells the message that a node begins to work."""
    return lambda kind, data: kind == "executing" and data.get("node") == name


def progresses(ending: str, above: int = 0) -> Callable[[str, dict[str, Any]], bool]:
    """Tells a message of progress past so many steps, of a node whose id ends so."""
    return lambda kind, data: kind == "progress" and data["node"].endswith(ending) and data["value"] > above


class Refused(Exception):
    """The server did not take a prompt; `text` holds all that it said, `errors` what it said on each node."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.errors = answer.get("node_errors") or {}
        said = [answer.get("error", {}).get("message", "")]
        for one in self.errors.values():
            said += [f"{error['message']}: {error['details']}" for error in one["errors"]]
        self.text = "\n".join(said)
        super().__init__(self.text)


@dataclass
class Run:
    """What happened to one prompt.

    Attributes:
        end: "execution_success", "execution_error" or "execution_interrupted".
        executed: ids of the nodes that ran, in their order, those of expanded graphs included; cached ones are absent.
        messages: (type, data) of all websocket messages; outputs: node id -> its `ui` values, from the history.
        error: the data of `execution_error`, or None.
        stopped_after: seconds from the interrupt to its effect, or None.
    """

    prompt_id: str
    end: str
    executed: list[str]
    messages: list[tuple[str, dict[str, Any]]]
    outputs: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    stopped_after: float | None = None

    @property
    def sentence(self) -> str:
        """What the user reads of an error."""
        assert self.error is not None, f"There was no error: {self.end}."
        return self.error["exception_message"].strip()

    def ran(self, *names: str) -> None:
        """Asserts that exactly these nodes ran (each id as its own set member)."""
        assert set(self.executed) == set(names)


class Client:
    """One browser tab, as far as the server can tell."""

    def __init__(self, base: str, name: str = "tests") -> None:
        self.base = base
        self.name = name

    # ------------------------------------------------------------------------------------------------------- requests

    def get(self, path: str, **query: str) -> bytes:
        url = f"{self.base}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read()

    def get_json(self, path: str, **query: str) -> Any:
        return json.loads(self.get(path, **query))

    def post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except HTTPError as error:
            raise Refused(json.loads(error.read() or b"{}")) from error
        return json.loads(text) if text else None

    def upload(self, source: Path | bytes, name: str) -> str:
        """An image into the input folder; returns the name that LoadImage knows it by."""
        data = source if isinstance(source, bytes) else source.read_bytes()
        edge = "----cielr-tests"
        head = (
            f'Content-Disposition: form-data; name="image"; filename="{name}"\r\nContent-Type: application/octet-stream'
        )
        more = 'Content-Disposition: form-data; name="overwrite"'
        body = f"--{edge}\r\n{head}\r\n\r\n".encode() + data
        body += f"\r\n--{edge}\r\n{more}\r\n\r\ntrue\r\n--{edge}--\r\n".encode()
        request = urllib.request.Request(
            f"{self.base}/upload/image", body, {"Content-Type": f"multipart/form-data; boundary={edge}"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())["name"]

    def fetch(self, file: dict[str, str]) -> bytes:
        """A file that an output names: {"filename", "subfolder", "type"}."""
        return self.get("/view", **{key: file[key] for key in ("filename", "subfolder", "type")})

    def text(self, file: str) -> str:
        """A text of the output folder, by its path below it as nodes tell it."""
        folder, _, name = file.rpartition("/")
        return self.get("/view", filename=name, subfolder=folder, type="output").decode()

    def pixels(self, file: dict[str, str]) -> np.ndarray:
        """An output picture as uint8 [H, W, 3]."""
        from PIL import Image

        return np.asarray(Image.open(io.BytesIO(self.fetch(file))).convert("RGB"))

    def array(self, run: Run, name: str) -> np.ndarray:
        """What a `CIELRTest_Keep` node got: float32, every bit of it."""
        return np.load(io.BytesIO(self.fetch(run.outputs[name]["arrays"][0])))

    # ---------------------------------------------------------------------------------------------------------- runs

    def run(
        self,
        prompt: Prompt,
        timeout: float = 120,
        interrupt_at: Callable[[str, dict[str, Any]], bool] | None = None,
        after: float = 0.0,
    ) -> Run:
        """Queues a prompt and waits for its end.

        Args:
            interrupt_at: told every message (type, data); where it first says True, the run is interrupted,
                `after` so many seconds.

        Raises:
            Refused: where the prompt does not validate; TimeoutError: where it does not end.
        """
        # in a thread of its own: the browser's driver keeps a loop in the tests' own one
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._run(prompt, timeout, interrupt_at, after)).result()

    def check(self, prompt: Prompt, timeout: float = 120) -> Run:
        """As `run`, and asserts that it succeeded."""
        run = self.run(prompt, timeout)
        assert run.end == "execution_success", run.error and "".join(
            [*run.error.get("traceback", ())[-3:], run.sentence]
        )
        return run

    def interrupted(
        self, prompt: Prompt, at: Callable[[str, dict[str, Any]], bool], after: float = 0.0, timeout: float = 120
    ) -> Run:
        """As `run`, interrupted where `at` says so, and asserts that it ended soon after that."""
        run = self.run(prompt, timeout, at, after)
        assert run.end == "execution_interrupted"
        assert run.stopped_after < SOON
        return run

    async def _run(self, prompt, timeout, interrupt_at, after) -> Run:
        import aiohttp

        messages: list[tuple[str, dict[str, Any]]] = []
        interrupted: list[float] = []

        async def interrupt() -> None:
            await asyncio.sleep(after)
            interrupted.append(time.monotonic())
            async with session.post(f"{self.base}/interrupt", json={}) as answer:
                answer.raise_for_status()

        async def listen(socket, prompt_id) -> float:
            waiting = None
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                told = json.loads(message.data)
                kind, data = told["type"], told.get("data") or {}
                if data.get("prompt_id", prompt_id) != prompt_id:
                    continue
                messages.append((kind, data))
                if interrupt_at is not None and waiting is None and interrupt_at(kind, data):
                    waiting = asyncio.ensure_future(interrupt())
                if kind in ENDS:
                    return time.monotonic()
            raise ConnectionError("The server closed the connection.")

        address = f"{self.base.replace('http', 'ws', 1)}/ws?clientId={self.name}"
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
            body = {"prompt": prompt, "client_id": self.name}
            async with session.post(f"{self.base}/prompt", json=body) as answer:
                told = await answer.json()
            if "prompt_id" not in told or told.get("node_errors"):
                raise Refused(told)
            prompt_id = told["prompt_id"]
            ended = await asyncio.wait_for(listen(socket, prompt_id), timeout)
        return self._told(prompt_id, messages, ended - interrupted[0] if interrupted else None)

    def _told(self, prompt_id: str, messages, stopped_after: float | None) -> Run:
        end, data = messages[-1]
        executed = [data["node"] for kind, data in messages if kind == "executing" and data.get("node")]
        # the end can be told before the history has it
        for _ in range(100):
            entry = self.get_json(f"/history/{prompt_id}").get(prompt_id)
            if entry:
                break
            time.sleep(0.05)
        else:
            raise TimeoutError(f"The history has no {prompt_id}.")
        error = data if end == "execution_error" else None
        return Run(prompt_id, end, executed, messages, entry["outputs"], error, stopped_after)
