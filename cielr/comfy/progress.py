"""What the messages of a running prompt say about how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .workflow import Workflow

ENDS = ("execution_success", "execution_error", "execution_interrupted")


@dataclass(frozen=True)
class Progress:
    """How far one job is.

    Attributes:
        stage: "uploading", "waiting", "running", "fetching" or "done".
        fraction: 0 … 1 of the nodes; never goes back.
        node: title of the node that runs, or "".
        ahead: how many jobs wait before this one, or None where that is not known.
    """

    stage: str
    fraction: float = 0.0
    node: str = ""
    ahead: int | None = None

    @property
    def text(self) -> str:
        """For a progress bar."""
        if self.stage == "waiting" and self.ahead:
            return f"waiting for {self.ahead} other{'s' if self.ahead > 1 else ''}"
        return self.node if self.stage == "running" and self.node else self.stage


class Following:
    """Takes the messages of one prompt as they come, in any order and with any of them lost."""

    def __init__(self, workflow: Workflow, prompt_id: str):
        self.workflow = workflow
        self.prompt_id = prompt_id
        self.progress = Progress("waiting")
        self.started = False
        self.ended = False
        """Whether the server said so; the history has the last word."""
        self.blocked = ""
        """What an ExecutionBlocker said: the run goes on without that node."""
        self._done: set[str] = set()
        self._parts: dict[str, float] = {}

    def take(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Whether the progress changed."""
        if data.get("prompt_id") != self.prompt_id:
            return False
        before = self.progress
        if kind == "execution_error" and data.get("exception_type") == "ExecutionBlocked":
            self.blocked = str(data.get("exception_message", ""))
            return False
        if kind in ENDS:
            self.ended = True
            return False
        if kind == "execution_cached":
            cached = data.get("nodes")
            self._done.update(self.workflow.prompt.keys() & set(map(str, cached if isinstance(cached, list) else ())))
        elif kind == "executing" and data.get("node"):
            self._runs(str(data.get("display_node") or data["node"]))
        elif kind == "executed" and str(data.get("node")) in self.workflow.prompt:
            self._done.add(str(data["node"]))
        elif kind == "progress" and data.get("node"):
            self._part(str(data["node"]), data)
        elif kind == "progress_state":
            self._state(data.get("nodes"))
        elif kind != "execution_start":
            return False
        self.started = True
        self._tell()
        return self.progress != before

    def waits(self, ahead: int) -> bool:
        """The queue was looked at: so many are before it, -1 where it runs. Whether the progress changed."""
        before = self.progress
        if ahead < 0:
            self.started = True
            self._tell()
        elif not self.started:
            self.progress = Progress("waiting", ahead=ahead)
        return self.progress != before

    def _runs(self, node: str) -> None:
        self._tell(self.workflow.title(node) if self.workflow.holds(node) else "")

    def _part(self, node: str, data: Mapping[str, Any]) -> None:
        parent = node.split(".")[0] if node not in self.workflow.prompt else node
        value, most = data.get("value"), data.get("max")
        if isinstance(value, (int, float)) and isinstance(most, (int, float)) and most > 0:
            self._parts[parent] = min(1.0, max(0.0, value / most))

    def _state(self, nodes: Any) -> None:
        if not isinstance(nodes, Mapping):
            return
        children: dict[str, list[float]] = {}
        for node, state in nodes.items():
            if not isinstance(state, Mapping):
                continue
            if node in self.workflow.prompt and state.get("state") == "finished":
                self._done.add(node)
            elif node in self.workflow.prompt:
                self._part(node, state)
            elif self.workflow.holds(node):
                children.setdefault(node.split(".")[0], []).append(float(state.get("state") == "finished"))
        for parent, ends in children.items():
            # those that wait are not told, so that the last of them would look like the end
            self._parts[parent] = sum(ends) / (len(ends) + 1)

    def _tell(self, node: str | None = None) -> None:
        total = len(self.workflow.prompt)
        part = sum(share for name, share in self._parts.items() if name not in self._done)
        fraction = max(self.progress.fraction, min(1.0, (len(self._done) + part) / total))
        self.progress = Progress("running", fraction, self.progress.node if node is None else node)
