"""Distances to the nearest pixel outside a mask, as far as they matter, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BAND = 1 << 19
"""Pixels that are looked at in one piece; a distance transform takes some hundred bytes for each."""


def depths(inside: np.ndarray, reach: float, band: int = BAND) -> Iterator[tuple[slice, np.ndarray]]:
    """From top to bottom (rows, float64 [n, W]): each pixel's distance to the nearest one outside, `reach` at most.

    0 outside; the picture's border is no edge. Pixel centres count (Euclidean).

    Args:
        inside: bool [H, W]; band: pixels in one piece, about.
    """
    from scipy import ndimage

    height, width = inside.shape
    margin = int(np.ceil(reach))
    step = max(1, band // max(1, width))
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        first = max(0, top - margin)
        part = inside[first : rows.stop + margin]
        if part.all():
            yield rows, np.full((rows.stop - top, width), float(reach))
            continue
        distance = np.asarray(ndimage.distance_transform_edt(part))[top - first : rows.stop - first]
        yield rows, np.minimum(distance, reach)
