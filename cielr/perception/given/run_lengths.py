"""Masks as COCO writes them: polygons, run lengths, and run lengths packed into a text."""

from __future__ import annotations

from typing import Any

from ...core.geometry import Mask
from ...errors import SceneError
from .things import Frame, filled


def mask_of(segmentation: Any, frame: Frame, what: str) -> Mask | None:
    """The mask of a COCO `segmentation`; None where it is empty.

    Raises:
        SceneError: where it is none, or not of the photo's size.
    """
    if not segmentation:
        return None
    try:
        if isinstance(segmentation, dict):
            height, width = (int(value) for value in segmentation["size"])
            frame.check(what, width, height)
            counts = segmentation["counts"]
            counts = unpacked(counts) if isinstance(counts, str) else [int(count) for count in counts]
            if min(counts, default=0) < 0:
                raise ValueError("a run length is negative")
            return Mask.from_coco({"size": [height, width], "counts": counts})
        polygons = [[float(value) for value in polygon] for polygon in segmentation]
        if any(len(polygon) % 2 for polygon in polygons):
            raise ValueError("a polygon has an odd number of coordinates")
        return filled(polygons, frame.width, frame.height)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        why = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else str(error).rstrip(".")
        raise SceneError(f"The segmentation of {what} is neither polygons nor run lengths: {why}.") from error


def unpacked(text: str) -> list[int]:
    """The run lengths in COCO's packed text: five bits a character from "0" on, the sixth says that more follow; from
    the fourth number on each is the difference to the one two before.

    Raises:
        ValueError: where it is no such text.
    """
    counts: list[int] = []
    value = shift = 0
    for sign in text:
        bits = ord(sign) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise ValueError("the packed run lengths are damaged")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise ValueError("the packed run lengths are cut off")
    return counts
