"""What the front end draws on a node: a scene as outlines, a plan as lines, and what happens while Reason thinks.

Everything final travels in the `ui` of an output under "cielr", because a cached node sends no events of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import folder_paths
import numpy as np

from ..sockets import is_see_through, thumbnail
from .running import server

if TYPE_CHECKING:
    from ...cielr.core.geometry import Mask

LONGER_SIDE = 1280
"""Of the picture under the outlines, in pixels."""
VARIANT = 512
"""Of the part of a picture that shows one variant of a region."""
FINENESS = 256
"""Outlines are traced on at most so many pixels a side of an object's box."""
PIECES, LONGEST, MOST_ATTRIBUTES = 12, 300, 24
"""Outlines of one object; characters of one text; attributes of one object."""


def scene_view(
    scene: Any,
    image: np.ndarray | None = None,
    plan: Any = None,
    told: Iterable[Mapping[str, Any]] = (),
    why: str = "",
) -> dict[str, Any]:
    """One image of the batch for the front end: plain values, no masks.

    Args:
        image: uint8 or float32 [H, W, 3] of the scene's size, drawn under the outlines, or None.
        plan: whose targets stand out; why: the language model's reason for it.
        told: what was asked and found on the way, as `steps_of` gives it.
    """
    view = {
        "width": scene.width,
        "height": scene.height,
        "image": _kept_picture(image) if image is not None else None,
        "objects": [_thing(thing) for thing in scene.objects],
        "scene": _kept_text(scene.to_json(), "scene"),
        "told": list(told),
        "why": why,
    }
    return view | (plan_view(plan) if plan is not None else {})


def compared(
    before: np.ndarray, after: np.ndarray, clear_before: np.ndarray | None = None, clear_after: np.ndarray | None = None
) -> dict[str, Any]:
    """One image before and after an edit for the front end, both no larger than they are shown.

    Args:
        before, after: uint8 or float32 [H, W, 3]; clear_before, clear_after: how opaque they are, float32 [H, W] in
            [0, 1]; None is opaque.
    """
    height, width = before.shape[:2]
    kept = {"before": _kept_picture(before, clear_before), "after": _kept_picture(after, clear_after)}
    return {"width": width, "height": height, **kept}


def part_of(image: np.ndarray, box: Sequence[int], alpha: np.ndarray | None = None) -> dict[str, str]:
    """The part of an image [H, W, 3] inside a box [x0, y0, x1, y1], as a picture no larger than it is shown; `alpha`
    [H, W] where any is clear."""
    x0, y0, x1, y1 = box
    clear = alpha[y0:y1, x0:x1] if alpha is not None else None
    return _kept_picture(image[y0:y1, x0:x1], clear, side=VARIANT)


def plan_view(plan: Any) -> dict[str, Any]:
    """A plan for the front end: its JSON, and a line for each action."""
    return {"plan": pretty(plan), "summary": plan.summary, "actions": [_line(action) for action in plan.actions]}


def change_line(change: Any, image: str = "", note: str = "") -> str:
    """What one region's edit changed, as a line; `image` is its number in the batch, "" where there is only one; `note`
    is what is told besides."""
    from ...cielr.telling.wording import change_words

    return of_image("; ".join(filter(None, [change_words(change), note])), image)


def of_image(words: str, image: str) -> str:
    """A sentence that begins with an action as one on an image of a batch; `image` "" is the only one."""
    if not image:
        return words
    return f"Image {image}, a{words[1:]}" if words.startswith("Action ") else f"Image {image}: {words}"


def as_ui(views: Sequence[dict[str, Any]], said: Sequence[str] = ()) -> dict[str, Any]:
    """Views and what is to be said, as a part of `ui`: lists, as ComfyUI joins them."""
    return {"cielr": [{"views": list(views)}]} | ({"said": list(said)} if said else {})


def pretty(plan: Any) -> str:
    """A plan as JSON that a person can correct: one field a line, what is at its default left out."""
    shown = json.loads(plan.to_json())
    shown["actions"] = [
        {name: value for name, value in action.items() if name == "kind" or value not in ("", [], None)}
        for action in shown.get("actions", [])
    ]
    return json.dumps(shown, indent=1, ensure_ascii=False)


class Teller:
    """Tells the browser that queued the prompt what a node is doing, as "cielr.event": {"node", "kind", "text", …}."""

    def __init__(self, node: str | None) -> None:
        self._node = node
        self._last = ""

    def step(self, text: str) -> None:
        """What is going on now. `topic` is the text less its last bracket: lines on one topic replace each other."""
        if text != self._last:
            self._last = text
            self._send("step", text, topic=text.split(" (")[0])

    def host(self, name: str) -> None:
        """The run stops until a person allows this host."""
        self._send("host", name)

    def _send(self, kind: str, text: str, **more: Any) -> None:
        comfy = server()
        if comfy is not None and self._node is not None:
            comfy.send_sync("cielr.event", {"node": self._node, "kind": kind, "text": text, **more}, comfy.client_id)


# ------------------------------------------------------------------------------------------------------------- parts


def _thing(thing: Any) -> dict[str, Any]:
    box = thing.box
    return {
        "id": thing.id,
        "label": thing.label[:LONGEST],
        "score": round(thing.score, 3),
        "depth": None if thing.depth is None else round(thing.depth, 3),
        "attributes": {
            name[:LONGEST]: value[:LONGEST] for name, value in list(thing.attributes.items())[:MOST_ATTRIBUTES]
        },
        "part_of": thing.part_of,
        "effect_of": thing.effect_of,
        "source": thing.source[:LONGEST],
        "area": thing.mask.area,
        "box": [box.x0, box.y0, box.x1, box.y1],
        "outlines": outlines(thing.mask),
    }


def _line(action: Any) -> dict[str, Any]:
    shown = json.loads(action.model_dump_json(by_alias=True, exclude={"prompt", "negative_prompt", "keep", "makes"}))
    place = json.loads(action.place.model_dump_json()) if action.place is not None else None
    return shown | {"objects": list(action.objects), "anchors": list(action.anchors), "place": place}


def outlines(mask: Mask) -> list[list[float]]:
    """The borders of a mask as closed polygons [x0, y0, x1, y1, …] in pixels, the longest first, holes included."""
    from skimage.measure import approximate_polygon, find_contours

    box = mask.box
    if box.is_empty:
        return []
    step = max(1, -(-max(box.width, box.height) // FINENESS))
    inside = np.pad(mask.to_array(box)[::step, ::step], 1).astype(np.float32)
    rims = sorted(find_contours(inside, 0.5), key=len, reverse=True)[:PIECES]
    polygons = []
    for rim in rims:
        corners = approximate_polygon(rim, 0.6)
        if len(corners) > 3:
            # the padding is one cell; a pixel's value stands at its middle
            points = (corners[:-1, ::-1] - 0.5) * step + (box.x0, box.y0)
            polygons.append([round(float(value), 1) for value in points.ravel()])
    return polygons or [[box.x0, box.y0, box.x1, box.y0, box.x1, box.y1, box.x0, box.y1]]


def _kept_picture(image: np.ndarray, alpha: np.ndarray | None = None, side: int = LONGER_SIDE) -> dict[str, str]:
    """The picture, no larger than it is shown, in ComfyUI's temporary folder; `alpha` [H, W] where any is clear."""
    from PIL import Image

    small = thumbnail(image, side)
    if alpha is not None and is_see_through(alpha):
        opaque = thumbnail(np.broadcast_to(alpha[..., None], image.shape), side)
        small = np.dstack([small, opaque[..., 0]])
    # only PNG keeps what is see-through
    file, path = _new_file("picture", "jpg" if small.shape[2] == 3 else "png")
    Image.fromarray(small).save(path, quality=90)
    return file


def _kept_text(text: str, name: str) -> dict[str, str]:
    file, path = _new_file(name, "json")
    with open(path, "w", encoding="utf-8") as target:
        target.write(text)
    return file


def _new_file(name: str, ending: str) -> tuple[dict[str, str], str]:
    root = folder_paths.get_temp_directory()
    os.makedirs(os.path.join(root, "cielr"), exist_ok=True)
    # random, because a browser may keep what it once got under a name
    file = f"{name}_{os.urandom(8).hex()}.{ending}"
    return {"filename": file, "subfolder": "cielr", "type": "temp"}, os.path.join(root, "cielr", file)
