"""What was painted, kept in main memory: no cache mode of ComfyUI's makes the pack paint the same region twice.

ComfyUI's caches drop what a prompt has not asked for yet, and some keep nothing at all. Here a painted crop is found
again by what its painter was given: the pixels, the region with its words and seed, and the painter, by the nodes that
made it.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from .running import running, server

if TYPE_CHECKING:
    from ...cielr.region import Region

MOST = 512 * 1024**2
"""Bytes of painted crops; those that were used the longest ago go first."""
NOTE = "painted before, taken from memory"
"""What is told of a region that was not painted again."""


class Memo:
    """Arrays by key, bounded by the bytes that they take, each with what its painter had to say of it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[np.ndarray, str]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> np.ndarray | None:
        """A copy, because what leaves here may be written to; None where nothing is kept."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0].copy()

    def remark(self, key: str) -> str:
        """What the painter had to say of it; "" where that is nothing."""
        return self._kept[key][1] if key in self._kept else ""

    def put(self, key: str, array: np.ndarray, remark: str = "") -> None:
        self._bytes -= self._kept.pop(key)[0].nbytes if key in self._kept else 0
        if array.nbytes > self._most:
            return
        self._kept[key] = array.copy(), remark
        self._bytes += array.nbytes
        while self._bytes > self._most:
            self._bytes -= self._kept.popitem(last=False)[1][0].nbytes

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0


MEMO = Memo(MOST)


def key_of(painter: str, pixels: np.ndarray, region: Region, *more: Any) -> str:
    """The key of a region painted on some pixels [h, w, 3]; "" where it is not to be kept.

    Args:
        painter: its signature, "" where it has none; more: dataclasses with what else it is told.
    """
    if not painter or region.action.needs == "code":
        return ""
    # of several painters in a list each has its own; where an action stands in its plan is nothing to them
    words = region.model_copy(update={"index": 0}).to_json()
    parts = [painter, running().list_index, words, *(asdict(value) for value in more), pixels.shape, str(pixels.dtype)]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def remembered(
    key: str, paint: Callable[[], np.ndarray], remarks: Callable[[], list[str]] = list
) -> tuple[np.ndarray, str]:
    """(what is kept under a key, or else what is painted now and kept, what is to be told of it).

    Args:
        remarks: what the painter has to say of what it drew last; told again of what is taken from memory.
    """
    kept = MEMO.get(key) if key else None
    if kept is not None:
        return kept, "; ".join(filter(None, [MEMO.remark(key), NOTE]))
    painted = paint()
    remark = "; ".join(_in_a_row(words) for words in remarks())
    if key:
        MEMO.put(key, painted, remark)
    return painted, remark


def _in_a_row(sentence: str) -> str:
    """A sentence as one part of a line of several."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


# ------------------------------------------------------------------------------------------------------ who paints


def painter_signature(dynprompt: Any, link: Sequence[Any] | None) -> str:
    """What the painter at a link is, by the nodes that make it: equal for equal nodes, also when they ran anew.

    "" where that cannot be told, such as where one of them is never the same.

    Args:
        dynprompt: the running prompt, with what was expanded; link: [node id, output], None is the built-in fill.
    """
    if link is None:
        return "built in"
    from execution import IsChangedCache

    run = running()
    known: dict[str, Any] = {}
    states = IsChangedCache(run.prompt_id, dynprompt, None)  # pyright: ignore[reportArgumentType]

    def signed(name: str) -> str:
        if name not in known:
            node = dynprompt.get_node(name)
            inputs = {
                key: [signed(value[0]), value[1]] if _is_link(value) else value
                for key, value in sorted(node["inputs"].items())
            }
            known[name] = _hashed([node["class_type"], _awaited(states.get(name)), inputs])
        return known[name]

    try:
        return _hashed([signed(link[0]), link[1], run.list_index])
    except (TypeError, ValueError, KeyError):
        # a value without a text, one that equals nothing, or a node that is not there
        return ""


def _hashed(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives that waits for nothing.

    Raises:
        ValueError: where it does wait.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise ValueError("It has to be waited for.")


# ------------------------------------------------------------------------------------------------------------- free


def free_with_models() -> None:
    """Has the memo emptied whenever ComfyUI is asked to free its models or its cache."""
    comfy = server()
    if comfy is not None and not comfy.app.on_response_prepare.frozen:
        comfy.app.on_response_prepare.append(_freed)


async def _freed(request: Any, response: Any) -> None:
    if request.method == "POST" and request.path in ("/free", "/api/free") and response.status == 200:
        MEMO.clear()
