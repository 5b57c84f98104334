"""Whether anybody reads what the node that runs puts out: what nobody reads need not be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def is_read(output: int) -> bool:
    """Whether an output of the node that runs, or whose fingerprint is asked for, is linked to in its prompt.

    True where that cannot be known. A node that goes by this has it in its fingerprint, so that a link that is drawn
    later finds no shortened result in the cache.
    """
    from comfy_execution.utils import get_executing_context

    context = get_executing_context()
    prompt = _running(context.prompt_id) if context is not None else None
    if context is None or prompt is None or context.node_id not in prompt:
        return True
    wanted = [context.node_id, output]
    return any(wanted == list(link) for node in prompt.values() for link in _links(node))


def _links(node: Mapping[str, Any]) -> list[Any]:
    return [value for value in node["inputs"].values() if isinstance(value, (list, tuple))]


def _running(prompt_id: str) -> Mapping[str, Any] | None:
    from server import PromptServer

    queue = getattr(getattr(PromptServer, "instance", None), "prompt_queue", None)
    for item in list(getattr(queue, "currently_running", {}).values()):
        if item[1] == prompt_id:
            return item[2]
    return None
