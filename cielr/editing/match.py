"""Takes back the shift in colour that a diffusion model's encoder gives to all that it returns."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..core.arrays import as_floats, resized
from ..region import Region

RING = 12
"""Pixels around the region in which the painted crop is held against the original."""
FAITHFUL = 0.08
"""The ring counts only where the model gave it back as it was, but for a shift: by less than this (median, of 1)."""
SHIFT = 0.15
"""A larger shift (of 1) is no encoder's doing: the model painted something else there."""


def colour_matched(painted: np.ndarray, crop: np.ndarray, region: Region) -> np.ndarray:
    """The painted crop with the shift undone that its surroundings show; itself where they show none.

    Args:
        painted: uint8 or float32 [h, w, 3], what the model returned for the crop; another size is scaled first.
        crop: [crop.height, crop.width, 3] before painting.

    Returns:
        float32 [crop.height, crop.width, 3] in [0, 1].
    """
    painted = as_floats(resized(painted, region.crop.width, region.crop.height))
    inside = region.inside(region.support)
    ring = (ndimage.maximum_filter(inside.view(np.uint8), size=2 * RING + 1) > 0) & ~inside
    if not ring.any():
        return painted
    difference = as_floats(crop[ring]) - painted[ring]
    shift = np.median(difference, axis=0)
    if np.abs(shift).max() > SHIFT or np.median(np.abs(difference - shift)) > FAITHFUL:
        return painted
    return np.clip(painted + shift, 0, 1)
