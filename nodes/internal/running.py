"""What ComfyUI tells of the node that runs: its place in the prompt, its links, and whether anybody reads an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Running:
    """The node that runs, or whose fingerprint is asked for; None and "" outside of a run.

    Attributes:
        list_index: which element of a list this call is about.
    """

    prompt_id: str = ""
    node_id: str | None = None
    list_index: int = 0


def running() -> Running:
    from comfy_execution.utils import get_executing_context

    context = get_executing_context()
    return Running(context.prompt_id, context.node_id, context.list_index or 0) if context is not None else Running()


def server() -> Any:
    """ComfyUI's server; None where there is none, as in a script that loads the nodes alone."""
    from server import PromptServer

    return getattr(PromptServer, "instance", None)


def own_inputs(cls: Any) -> dict[str, Any]:
    """The inputs of the node that runs as its prompt has them: values, and links [node id, output].

    Its schema asks for `unique_id` and `dynprompt`, which ComfyUI fills in.
    """
    return cls.hidden.dynprompt.get_node(cls.hidden.unique_id)["inputs"]


def is_read(output: int) -> bool:
    """Whether an output of the node that runs, or whose fingerprint is asked for, is linked to in its prompt.

    True where that cannot be known. A node that goes by this has it in its fingerprint, so that a link that is drawn
    later finds no shortened result in the cache. What nobody reads need not be made.
    """
    node = running()
    prompt = _prompt(node.prompt_id)
    if node.node_id is None or prompt is None or node.node_id not in prompt:
        return True
    wanted = [node.node_id, output]
    return any(wanted == list(link) for node in prompt.values() for link in _links(node))


def _links(node: Mapping[str, Any]) -> list[Any]:
    return [value for value in node["inputs"].values() if isinstance(value, (list, tuple))]


def _prompt(prompt_id: str) -> Mapping[str, Any] | None:
    queue = getattr(server(), "prompt_queue", None)
    for item in list(getattr(queue, "currently_running", {}).values()):
        if item[1] == prompt_id:
            return item[2]
    return None
