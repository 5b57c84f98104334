"""One ComfyUI server as something that runs workflows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import ComfyError
from .failures import failure, question, refusal
from .job import RunningJob
from .limits import Limits, TimedOut, Watch
from .needs import missing, settled
from .progress import Following, Progress
from .results import File, Output, Result, Text
from .server import DEFAULT, Server, ServerLacks, ServerUnreachable
from .socket import Listener
from .workflow import Fill, Prompt, Workflow

TEXTS = ("text", "said", "string")
"""Under what nodes show texts: core nodes and most packs, and ours."""


class ComfyClient:
    """Runs workflows on one server; thread-safe.

    Args:
        url: such as "http://127.0.0.1:8188"; "https://user:password@host/comfy" is understood as well.
        headers: sent with every request and never printed. `CIELR_COMFY_AUTH` in the environment is one more: a whole
            header, or the value of Authorization.
        limits: of time.

    Raises:
        ComfyError: for what is no address or no header; MissingDependency: without httpx or websockets.
    """

    def __init__(self, url: str = DEFAULT, headers: Mapping[str, str] | None = None, limits: Limits | None = None):
        self.limits = limits or Limits()
        most = min(self.limits.request, self.limits.total or self.limits.request)
        self.server = Server(url, headers, most, self.limits.connect)

    def __repr__(self) -> str:
        return f"ComfyClient({self.url!r})"

    def __enter__(self) -> ComfyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address, without credentials."""
        return self.server.url

    def close(self) -> None:
        self.server.close()

    def missing(
        self,
        workflow: str | Path | Mapping[str, Any] | Workflow,
        image: str | Path | None = None,
        instruction: str | None = None,
        labels: str | Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """What the server lacks for a workflow, filled like that; one clause each. Nothing is uploaded or run."""
        flow = Workflow.load(workflow)
        return self._checked(flow, flow.fills(image, instruction, labels, settings), Watch(self.limits))[1]

    def run(
        self,
        workflow: str | Path | Mapping[str, Any] | Workflow,
        image: str | Path | None = None,
        instruction: str | None = None,
        labels: str | Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        previews: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Result:
        """Runs a workflow to its end and fetches the files that it saves.

        Args:
            workflow: a bundled one by its name, a file in the API format, or such a dict.
            image: a file for the LoadImage node; instruction, labels: for the nodes that have such an input.
            settings: {"NODE.INPUT": value}, the node by its id, title or class; a `Path` is uploaded.
            previews: whether files of the type "temp" are fetched as well.
            on_progress: told how far it is; may raise to cancel.
            stop: asked many times a second; True cancels.

        Raises:
            ComfyError: `ServerUnreachable`, `ServerLacks` (a node or file), `TimedOut`, or what the server refuses
                or a node fails with, or what a language model asks (kind "ClarificationNeeded").
            ImageError: for a file that cannot be read.
            Cancelled: where `stop` said so. Whatever ends it before its time, the job on the server is cancelled.
        """
        watch = Watch(self.limits, on_progress, stop)
        flow = Workflow.load(workflow)
        prompt, lacks, hint = self._checked(flow, flow.fills(image, instruction, labels, settings), watch)
        if lacks:
            raise ServerLacks(f"{self.url} cannot run {flow.name}; it lacks {'; '.join(lacks)}.{hint}", tuple(lacks))
        watch.tell(Progress("uploading"))
        prompt = self._uploaded(prompt, watch)
        # the nodes take all runs of this command for those of one page: a plan that it showed, it can let through
        client_id = f"cielr-command-{uuid.uuid4().hex}"
        with Listener(self.server, client_id) as listener:
            # what the server tells before the socket is up does not come again
            listener.tried.wait(min(2.0, self.limits.connect))
            prompt_id, entry, following = self._executed(flow, prompt, client_id, listener, watch)
        error = failure(flow, self.server, entry) or question(flow, self.server, entry)
        if error is not None:
            raise error
        return self._fetched(flow, prompt_id, entry, previews, following.blocked, watch)

    # -------------------------------------------------------------------------------------------------- before the run

    def _checked(self, flow: Workflow, fills: list[Fill], watch: Watch) -> tuple[Prompt, list[str], str]:
        """(the filled prompt, what the server lacks for it, a sentence on why where it lacks all of ours)."""
        info = self.server.node_info(flow.classes, watch)
        prompt = flow.filled(settled(flow, fills, info))
        own = {kind for kind in flow.classes if kind.startswith("CIELR_")}
        hint = " ComfyUI-CIELR is not installed there." if own and not info.keys() & own else ""
        return prompt, missing(flow, prompt, info), hint

    def _uploaded(self, prompt: Prompt, watch: Watch) -> Prompt:
        """The prompt with uploaded files in the place of their paths."""
        names: dict[Path, str] = {}
        for node in prompt.values():
            for key, value in node["inputs"].items():
                if isinstance(value, Path):
                    watch.check()
                    names[value] = names.get(value) or self.server.upload(value, watch)
                    node["inputs"][key] = names[value]
        return prompt

    # ---------------------------------------------------------------------------------------------------------- the run

    def _executed(
        self, flow: Workflow, prompt: Prompt, client_id: str, listener: Listener, watch: Watch
    ) -> tuple[str, dict[str, Any], Following]:
        prompt_id, sure = str(uuid.uuid4()), False
        try:
            watch.check()
            prompt_id = self._queued(flow, prompt, prompt_id, client_id, watch)
            sure = True
            following = Following(flow, prompt_id)
            return prompt_id, RunningJob(self.server, following, listener, watch, self.limits).entry(), following
        except BaseException as error:
            # a server that refuses, fails or is gone has nothing left to cancel
            if not isinstance(error, ComfyError) or isinstance(error, TimedOut):
                with suppress(ComfyError):
                    self.server.cancel(prompt_id, sure)
            raise

    def _queued(self, flow: Workflow, prompt: Prompt, prompt_id: str, client_id: str, watch: Watch) -> str:
        """The id of the job, which the server has taken."""
        body = {"prompt": prompt, "prompt_id": prompt_id, "client_id": client_id}
        for left in (2, 1, 0):
            try:
                answer = self.server.post("/prompt", body)
                break
            except ServerUnreachable:
                # the answer may have been lost, and not the question
                if self._knows(prompt_id, watch):
                    return prompt_id
                if not left:
                    raise
        if not isinstance(answer, dict) or "prompt_id" not in answer:
            raise refusal(flow, self.server, answer)
        if answer.get("node_errors"):
            # one of several outputs does not validate: the server would run the others
            with suppress(ComfyError):
                self.server.cancel(str(answer["prompt_id"]))
            raise refusal(flow, self.server, answer)
        return str(answer["prompt_id"])

    def _knows(self, prompt_id: str, watch: Watch) -> bool:
        for _ in range(2):
            watch.pause(0.4)
            with suppress(ServerUnreachable):
                if any(prompt_id in ids for ids in self.server.queue()) or self.server.history(prompt_id) is not None:
                    return True
        return False

    # --------------------------------------------------------------------------------------------------- after the run

    def _fetched(
        self, flow: Workflow, prompt_id: str, entry: Mapping[str, Any], previews: bool, blocked: str, watch: Watch
    ) -> Result:
        shown = entry.get("outputs")
        ui = {str(node): values for node, values in shown.items() if isinstance(values, Mapping)} if shown else {}
        files = saved_files(flow, ui)
        wanted = [file for file in files if file.type == "output" or previews]
        outputs = []
        for file in wanted:
            watch.tell(Progress("fetching", 1.0))
            place = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
            outputs.append(Output(**vars(file), data=self.server.file(place, watch)))
        watch.tell(Progress("done", 1.0))
        left = tuple(file for file in files if file not in wanted)
        return Result(
            name=flow.name,
            server=self.url,
            prompt_id=prompt_id,
            outputs=tuple(outputs),
            texts=shown_texts(flow, ui),
            ui=ui,
            seconds=watch.seconds,
            blocked=self.server.scrub(blocked),
            left=left,
        )


def shown_texts(flow: Workflow, ui: Mapping[str, Mapping[str, Any]]) -> tuple[Text, ...]:
    """What nodes show as text, in the workflow's order."""
    return tuple(
        Text(node, flow.title(node), text)
        for node in _in_order(flow, ui)
        for key in TEXTS
        for text in _list(ui[node].get(key))
        if isinstance(text, str) and text
    )


def saved_files(flow: Workflow, ui: Mapping[str, Mapping[str, Any]]) -> list[File]:
    """The files that nodes tell of under any key ("images", "gifs", "audio", …), each once, in the workflow's order."""
    files: dict[tuple[str, str, str], File] = {}
    for node in _in_order(flow, ui):
        for values in ui[node].values():
            for file in _list(values):
                if isinstance(file, Mapping) and isinstance(file.get("filename"), str) and file["filename"]:
                    place = (file["filename"], str(file.get("subfolder") or ""), str(file.get("type") or "output"))
                    files.setdefault(place, File(node, flow.title(node), *place))
    return list(files.values())


def _in_order(flow: Workflow, nodes: Iterable[str]) -> list[str]:
    order = {node: place for place, node in enumerate(flow.prompt)}
    return sorted(nodes, key=lambda node: (order.get(node.split(".")[0], len(order)), node))


def _list(values: Any) -> Sequence[Any]:
    return values if isinstance(values, (list, tuple)) else ()
