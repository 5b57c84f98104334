"""From a `Place` to pixels: where a thing of a given size goes, and what a mask covers after a move or a scaling."""

from __future__ import annotations

import numpy as np

from ..core.geometry import Box, Mask, Transform, bands, centred
from ..core.scene import Scene
from .place import Place

GAP = 0.1
"""Room left between a thing and what it is put beside, as a share of the thing's side: near, but apart."""

ON_DEPTH = 0.25
"""A thing put on another stands so far down the other's box: on a table's top, not on its far edge."""

STEP_FORWARD = 0.25
"""In front of means lower in the frame by this share of the anchor's height; behind means higher."""

_BAND = 1 << 18
"""Pixels whose origins are worked out at a time: a thing that is turned costs little more memory than its mask."""


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
        return _inside(centred(place.x * scene.width, place.y * scene.height, size), scene)
    if place.relation == "between":
        (ax, ay), (bx, by) = anchors[0].center, anchors[1].center
        return _inside(centred((ax + bx) / 2, (ay + by) / 2, size), scene)

    anchor = anchors[0]
    cx, cy = anchor.center
    beside, over = max(1, round(GAP * width)), max(1, round(GAP * height))
    left = centred(anchor.x0 - beside - width / 2, cy, size)
    right = centred(anchor.x1 + beside + width / 2, cy, size)
    step = STEP_FORWARD * anchor.height
    choice = {
        "left_of": left,
        "right_of": right,
        "next_to": right if right.x1 <= scene.width or left.x0 < 0 else left,
        "above": centred(cx, anchor.y0 - over - height / 2, size),
        "below": centred(cx, anchor.y1 + over + height / 2, size),
        "inside": centred(cx, cy, size),
        "on": centred(cx, anchor.y0 + ON_DEPTH * anchor.height - height / 2, size),
        "in_front_of": centred(cx, anchor.y1 + step - height / 2, size),
        "behind": centred(cx, anchor.y1 - step - height / 2, size),
    }[place.relation]
    return _inside(choice, scene)


def moved_mask(mask: Mask, transform: Transform) -> Mask:
    """What of a mask lies in the transform's box, where the transform takes it (nearest neighbour).

    What leaves the image is lost, and costs nothing.
    """
    seen = transform.goal.clip(mask.width, mask.height)
    if mask.is_empty or seen.is_empty:
        return Mask.empty(mask.height, mask.width)
    start = transform.oriented(mask.to_array(transform.start))
    placed = np.empty((seen.height, seen.width), dtype=bool)
    for band in bands(seen, _BAND):
        rows, columns = transform.nearest(band)
        placed[band.y0 - seen.y0 : band.y1 - seen.y0] = start[rows, columns] & (rows >= 0)
    return Mask.from_crop(placed, seen, mask.height, mask.width)


def _inside(box: Box, scene: Scene) -> Box:
    dx = min(0, scene.width - box.x1) or max(0, -box.x0)
    dy = min(0, scene.height - box.y1) or max(0, -box.y0)
    return box.shift(dx, dy)
