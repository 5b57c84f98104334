"""Whether a picture was taken apart into things that stand on ground, or only into patches that lie side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.morphology import convex_hull_image

APART, PLAINLY = 0.67, 0.9
"""Share of the outlines that lies against ground from which things stand apart, and from which their shapes are no
matter: leaves and stars stand apart as well."""
CONVEX, MANY, SOME = 0.9, 0.5, 0.3
"""Share of its convex hull from which one is a closed shape; share of such from which they are things whatever they
touch, and from which they are things where they stand apart."""
RESTLESS = 0.4
"""Of the edges at the outlines: as strong as that on average, the ground is no calmer than fur or foliage."""
REACH = 3
"""Pixels to either side of an outline that are compared: frays between two patches are no ground."""
BLUR = 2.5
"""Pixels (sigma) below which the ground's texture counts as calm: cloth, wood, noise."""


def is_crowded(image: np.ndarray, masks: Sequence[np.ndarray]) -> bool:
    """Whether the masks are patches: of odd shapes, against each other, or on ground that is not calm.

    Measured on 128 photos of COCO, on photos of things that lie apart with their parts, and on drawn things: patches
    have 10 to 70 % of their outlines against ground and 5 to 40 % closed shapes. Things that stand apart have 75 to
    100 % of their outlines against it; where they touch, lie on each other or are cut by the frame, or where a part of
    the ground is taken for one of them, half to all of them are closed shapes. What stands apart and is not closed
    lies on sky.

    Args:
        image: float32 [h, w, 3], sRGB in [0, 1], some 640 pixels a side.
        masks: bool [h, w] of what was found in it.
    """
    if not masks:
        return False
    labels = np.zeros(image.shape[:2], dtype=np.int32)
    for number, mask in enumerate(masks, start=1):
        labels[mask] = number
    against, closed = _against_ground(labels), _closed(labels)
    if closed < MANY and against < PLAINLY and not (against >= APART and closed >= SOME):
        return True
    return closed < MANY and _restlessness(image, labels) > RESTLESS


def _against_ground(labels: np.ndarray) -> float:
    """In [0, 1]: of the places where an outline runs, how many have ground on the other side."""
    ground = others = 0
    for a, b in ((labels[:, REACH:], labels[:, :-REACH]), (labels[REACH:], labels[:-REACH])):
        apart = a != b
        free = apart & ((a == 0) | (b == 0))
        ground += int(free.sum())
        # between two things there are two outlines
        others += 2 * int((apart & ~free).sum())
    return ground / max(1, ground + others)


def _closed(labels: np.ndarray) -> float:
    """In [0, 1]: how many of the shapes have no bays."""
    shapes = [labels[where] == k for k, where in enumerate(ndimage.find_objects(labels), start=1) if where]
    return sum(shape.sum() >= CONVEX * convex_hull_image(shape).sum() for shape in shapes) / max(1, len(shapes))


def _restlessness(image: np.ndarray, labels: np.ndarray) -> float:
    """How strong the edges within the ground are, beside those at the outlines."""
    lab = rgb2lab(image).astype(np.float32)
    steps = [ndimage.gaussian_gradient_magnitude(lab[..., c], BLUR) for c in range(3)]
    edges = np.linalg.norm(np.stack(steps), axis=0)
    # what lies near an outline has that outline's edge
    inner = np.asarray(ndimage.binary_erosion(labels == 0, iterations=2 * REACH, border_value=1))
    bound = ndimage.grey_erosion(labels, size=3) != labels
    if not inner.any() or not bound.any():
        return 0.0
    return float(edges[inner].mean() / max(float(edges[bound].mean()), 1e-6))
