"""From a `Place` to pixels: where a thing of a given size goes, and what a mask covers after a move or a scaling."""

from __future__ import annotations

import numpy as np

from ..core.geometry import Box, Mask
from ..core.scene import Scene
from .plan import Place

GAP = 0.1
"""Room left between a thing and what it is put beside, as a share of the thing's side: near, but apart."""

ON_DEPTH = 0.25
"""A thing put on another stands so far down the other's box: on a table's top, not on its far edge."""

STEP_FORWARD = 0.25
"""In front of means lower in the frame by this share of the anchor's height; behind means higher."""


def place_box(size: tuple[int, int], place: Place, scene: Scene, start: Box | None = None) -> Box:
    """Where a thing of `size` (width, height) in pixels stands so that the relation of `place` holds.

    `start` is where it is now, needed by "by". The box is pushed back inside the image where it would leave it, except
    for "by", which goes where it was told.

    Raises:
        SceneError: for an anchor that the scene does not hold.
    """
    width, height = size
    anchors = [scene[name].box for name in place.anchors]
    if place.relation == "by":
        if start is None:
            raise ValueError("A move by an offset needs the box to start from.")
        return start.shift(round(place.x), round(place.y))
    if place.relation == "at":
        return _inside(_centred(place.x * scene.width, place.y * scene.height, size), scene)
    if place.relation == "between":
        (ax, ay), (bx, by) = anchors[0].center, anchors[1].center
        return _inside(_centred((ax + bx) / 2, (ay + by) / 2, size), scene)

    anchor = anchors[0]
    cx, cy = anchor.center
    beside, over = max(1, round(GAP * width)), max(1, round(GAP * height))
    left = _centred(anchor.x0 - beside - width / 2, cy, size)
    right = _centred(anchor.x1 + beside + width / 2, cy, size)
    step = STEP_FORWARD * anchor.height
    choice = {
        "left_of": left,
        "right_of": right,
        "next_to": right if right.x1 <= scene.width or left.x0 < 0 else left,
        "above": _centred(cx, anchor.y0 - over - height / 2, size),
        "below": _centred(cx, anchor.y1 + over + height / 2, size),
        "inside": _centred(cx, cy, size),
        "on": _centred(cx, anchor.y0 + ON_DEPTH * anchor.height - height / 2, size),
        "in_front_of": _centred(cx, anchor.y1 + step - height / 2, size),
        "behind": _centred(cx, anchor.y1 - step - height / 2, size),
    }[place.relation]
    return _inside(choice, scene)


def placed_box(box: Box, scale: float, dx: int, dy: int) -> Box:
    """The box scaled about its centre and then shifted; whole pixels, at least one each way."""
    if scale == 1:
        return box.shift(dx, dy)
    size = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    return _centred(*box.center, size).shift(dx, dy)


def placed_mask(mask: Mask, scale: float, dx: int, dy: int) -> Mask:
    """The mask scaled about its box's centre (nearest neighbour) and then shifted; what leaves the image is lost."""
    box = mask.box
    if scale == 1 or box.is_empty:
        return mask.shift(dx, dy)
    goal = placed_box(box, scale, dx, dy)
    # pixel centres of the goal, carried back into the source
    rows = ((np.arange(goal.height) + 0.5) * box.height / goal.height).astype(int)
    columns = ((np.arange(goal.width) + 0.5) * box.width / goal.width).astype(int)
    return Mask.from_crop(mask.to_array(box)[np.ix_(rows, columns)], goal, mask.height, mask.width)


def _centred(cx: float, cy: float, size: tuple[int, int]) -> Box:
    x0, y0 = int(np.floor(cx - size[0] / 2 + 0.5)), int(np.floor(cy - size[1] / 2 + 0.5))
    return Box(x0, y0, x0 + size[0], y0 + size[1])


def _inside(box: Box, scene: Scene) -> Box:
    dx = min(0, scene.width - box.x1) or max(0, -box.x0)
    dy = min(0, scene.height - box.y1) or max(0, -box.y0)
    return box.shift(dx, dy)
