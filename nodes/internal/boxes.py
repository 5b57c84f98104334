"""Boxes as ComfyUI's own detectors give them (BOUNDING_BOX), and Impact's SEGS, to detections and back.

BOUNDING_BOX is a list for each image of {"x", "y", "width", "height", "label", "score"} in pixels; the core's editor of
boxes writes what is in one into "metadata". SEGS is ((height, width), [SEG, …]).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...cielr.core.geometry import Box, Mask
from ...cielr.core.scene import Scene, SceneObject
from ...cielr.perception.protocols import Detection
from ...cielr.perception.suppress import whole_pixels

SAME_PLACE = 0.5
"""Overlap (IoU) of a box and a mask's own box from which they are one thing."""


def frames(boxes: Any, count: int) -> list[list[Mapping[str, Any]]]:
    """The boxes of each of `count` images: a single box or list serves them all, lists are one for each.

    Raises:
        ValueError: where they are neither, or no boxes.
    """
    if isinstance(boxes, Mapping):
        boxes = [boxes]
    if not isinstance(boxes, Sequence) or isinstance(boxes, str):
        raise ValueError(f"These are not bounding boxes but {type(boxes).__name__}; connect the output of a detector.")
    given = list(boxes)
    lists = [list(frame) for frame in given] if given and all(isinstance(frame, list) for frame in given) else [given]
    if len(lists) not in (1, count):
        raise ValueError(
            f"There are {count} images and {len(lists)} lists of boxes: connect one for all, or one for each."
        )
    return lists if len(lists) == count else lists * count


def detections(frame: Sequence[Mapping[str, Any]], width: int, height: int) -> list[Detection]:
    """The boxes of one image, in their order; those without a name have the label "".

    Raises:
        ValueError: for what is no box, or lies outside of the image.
    """
    detections = []
    for number, given in enumerate(frame, start=1):
        try:
            x, y, wide, high = (float(given[name]) for name in ("x", "y", "width", "height"))
            score = float(given.get("score", 1.0))
        except (TypeError, KeyError, ValueError, AttributeError):
            raise ValueError(f"Box {number} has no x, y, width and height in pixels: {str(given)[:120]}.") from None
        box = whole_pixels((x, y, x + wide, y + high), width, height)
        if box is None:
            raise ValueError(
                f"Box {number} ({x:g}, {y:g}, {wide:g} x {high:g}) lies outside of the image of {width} x {height} "
                "pixels; were the boxes found in another image?"
            )
        detections.append(Detection(_name(given), min(max(score, 0.0), 1.0), box))
    return detections


def _name(box: Mapping[str, Any]) -> str:
    about = box.get("metadata")
    about = about if isinstance(about, Mapping) else {}
    names = (box.get("label"), about.get("desc"), about.get("text"))
    return " ".join(next((name for name in names if isinstance(name, str) and name.strip()), "").split())


def joined(detections: Sequence[Detection], masks: Sequence[Mask]) -> list[tuple[Detection, Mask | None]]:
    """Each box with its mask, or None, and then each mask that belongs to no box, as a detection without a name.

    As many boxes as masks are pairs in their order, as one detector gives both; otherwise the places tell.
    """
    if len(detections) == len(masks):
        return list(zip(detections, masks, strict=True))
    left = dict(enumerate(masks))
    pairs: list[tuple[Detection, Mask | None]] = []
    for detection in detections:
        near = max(left, key=lambda k: left[k].box.iou(detection.box), default=None)
        same = near is not None and left[near].box.iou(detection.box) >= SAME_PLACE
        pairs.append((detection, left.pop(near) if same else None))  # type: ignore[arg-type]
    return [*pairs, *((Detection("", 1.0, mask.box), mask) for mask in left.values() if not mask.is_empty)]


def boxes_of(objects: Sequence[SceneObject]) -> list[dict[str, Any]]:
    """Objects as BOUNDING_BOX of one image."""
    return [
        {
            "x": thing.box.x0,
            "y": thing.box.y0,
            "width": thing.box.width,
            "height": thing.box.height,
            "label": thing.label,
            "score": thing.score,
            "metadata": {"type": "obj", "desc": thing.id, "text": "", "palette": []},
        }
        for thing in objects
    ]


# -------------------------------------------------------------------------------------------------------------- SEGS

Seg = namedtuple(
    "Seg",
    ["cropped_image", "cropped_mask", "confidence", "crop_region", "bbox", "label", "control_net_wrapper"],
    defaults=[None],
)
"""As the Impact pack names a segment's parts; its nodes read them by these names."""


def segs_of(scene: Scene, objects: Sequence[SceneObject], room: float = 1.5) -> tuple[tuple[int, int], list[Any]]:
    """Objects as SEGS; a crop shows so many times the box, as Impact's own detectors have it."""
    segments = []
    for thing in objects:
        box = thing.box
        grown = box.grow(round((room - 1) / 2 * max(box.width, box.height))).clip(scene.width, scene.height)
        mask = thing.mask.to_array()[grown.slices].astype(np.float32)
        segments.append(Seg(None, mask, thing.score, grown.corners, box.corners, thing.label))
    return (scene.height, scene.width), segments


def masks_of_segs(segs: Any, width: int, height: int) -> list[tuple[Detection, Mask]]:
    """The segments of SEGS.

    Raises:
        ValueError: for what is no SEGS, or belongs to an image of another size.
    """
    try:
        (tall, wide), segments = segs
        if (tall, wide) != (height, width):
            raise ValueError(
                f"The SEGS belong to an image of {wide} x {tall} pixels, and this one has {width} x {height}."
            )
        pairs = []
        for segment in segments:
            x0, y0, x1, y1 = (int(value) for value in segment.crop_region)
            crop = np.asarray(segment.cropped_mask)
            crop = crop[0] if crop.ndim == 3 else crop
            mask = Mask.from_crop(crop >= 0.5, Box(x0, y0, x1, y1), height, width)
            score = min(max(float(np.asarray(segment.confidence).ravel()[0]), 0.0), 1.0)
            pairs.append((Detection(str(segment.label or ""), score, mask.box), mask))
    except (TypeError, AttributeError) as error:
        raise ValueError(f"These are not SEGS of the Impact pack: {str(error)[:120]}.") from None
    return pairs


__all__ = ["boxes_of", "detections", "frames", "joined", "masks_of_segs", "segs_of"]
