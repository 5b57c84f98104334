"""Masks: the best of several proposals, cleaned; and outlines by colour where there is no segmenter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.arrays import reduced
from ..core.geometry import Box, Mask
from ..core.progress import in_steps
from ..core.scene import OnStep

SPECK = 0.03
"""Share of the largest part below which another part of a mask is dirt; a thing behind a pole has larger halves."""
PINHOLE = 0.004
"""Share of the mask below which a hole in it is dirt; the eye of a cup's handle is larger."""
FITS = 0.5
"""Overlap of an outline's own box with the detector's from which the outline is believed."""


def best_proposal(masks: np.ndarray, scores: Sequence[float], box: Box) -> int:
    """Which of some proposals is the thing in a box: half the model's own score, half agreement with the box.

    Args:
        masks: bool [N, H, W]; scores: the model's estimates of their IoU, N; box: inside the image.
    """
    values = []
    for mask, score in zip(masks, scores, strict=True):
        area = int(mask.sum())
        if area == 0:
            values.append(-1.0)
            continue
        within = float(mask[box.slices].sum()) / area
        values.append(0.5 * float(score) + 0.5 * Box.around(mask).iou(box) * within)
    return int(np.argmax(values))


def cleaned(mask: np.ndarray) -> np.ndarray:
    """bool [H, W] without specks and pin holes; parts and holes of some size stay."""
    if not mask.any():
        return mask
    box = Box.around(mask)
    part = np.pad(mask[box.slices], 1)
    labels, count = _labelled(part, np.ones((3, 3)))
    if count > 1:
        sizes = np.bincount(labels.reshape(-1))
        sizes[0] = 0
        part = (sizes >= SPECK * sizes.max())[labels] & part
    holes, count = _labelled(~part)
    if count > 1:
        sizes = np.bincount(holes.reshape(-1))
        # the padding makes the outside one hole, and the first
        small = (sizes <= max(1.0, PINHOLE * float(part.sum()))) & (np.arange(len(sizes)) > 1)
        part = part | small[holes]
    result = np.zeros_like(mask)
    result[box.slices] = part[1:-1, 1:-1]
    return result


def _labelled(part: np.ndarray, structure: np.ndarray | None = None) -> tuple[np.ndarray, int]:
    from scipy import ndimage

    labels, count = ndimage.label(part, structure=structure)  # pyright: ignore[reportGeneralTypeIssues]
    return np.asarray(labels, dtype=np.intp), int(count)


class ColourSegmenter:
    """A `Segmenter` without weights: what stands out by colour in the box."""

    name = "colour outlines"

    def segment(self, image: np.ndarray, boxes: Sequence[Box], on_step: OnStep | None = None) -> list[Mask]:
        """One mask for each box, an empty one where nothing in it fits it."""
        return [self._one(image, box) for box in in_steps(boxes, on_step)]

    def everything(self, image: np.ndarray, on_step: OnStep | None = None) -> list[Mask]:
        """What lies apart on calm ground."""
        from .builtin.parser import BuiltinParser

        return [thing.mask for thing in BuiltinParser().parse(image, on_step=on_step).objects]

    @staticmethod
    def _one(image: np.ndarray, box: Box) -> Mask:
        from .builtin.refine import refined
        from .builtin.segment import things

        height, width = image.shape[:2]
        around = box.grow(max(4, max(box.width, box.height) // 4)).clip(width, height)
        crop = image[around.slices]
        reach = max(1, -(-max(crop.shape[:2]) // 256))
        small = reduced(crop, reach)
        wanted = box.shift(-around.x0, -around.y0)
        best, value = None, FITS
        if min(small.shape[:2]) >= 8:
            for thing in things(small)[0]:
                mask = refined(crop, thing, reach)
                if mask.box.iou(wanted) > value:
                    best, value = mask, mask.box.iou(wanted)
        if best is None:
            return Mask.empty(height, width)
        return Mask.from_crop(best.to_array(), around, height, width)
