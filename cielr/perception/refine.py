"""Masks from a reduced picture, made exact at full size: the pixels near each outline go where their colour belongs."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import as_dtype
from ..geometry import Box, Mask

SAMPLES = 4000
"""Pixels from which each side's colour is taken."""


def refined(image: np.ndarray, small: np.ndarray, reach: int) -> Mask:
    """The mask at full size.

    Args:
        image: uint8 or float32 [H, W, 3]; small: bool [ceil(H / reach), ceil(W / reach)].
    """
    height, width = image.shape[:2]
    rows, columns = np.flatnonzero(small.any(axis=1)), np.flatnonzero(small.any(axis=0))
    if len(rows) == 0:
        return Mask.empty(height, width)
    margin = 3
    y0, y1 = max(0, rows[0] - margin), min(small.shape[0], rows[-1] + 1 + margin)
    x0, x1 = max(0, columns[0] - margin), min(small.shape[1], columns[-1] + 1 + margin)
    box = Box(x0 * reach, y0 * reach, min(x1 * reach, width), min(y1 * reach, height))
    part = small[y0:y1, x0:x1]
    if reach == 1:
        return Mask.from_crop(part, box, height, width)
    full = _enlarged(part, reach)[: box.height, : box.width]
    sure = _blocks(ndimage.binary_erosion(part, border_value=1), reach, full.shape)
    near = _blocks(ndimage.binary_dilation(part, iterations=1), reach, full.shape)
    band = near & ~sure
    inside = _colour(image, box, sure if sure.any() else full)
    outside = _colour(image, box, ~near)
    if inside is not None and outside is not None:
        full[band] = _nearer(image, box, band, inside, outside, full)
    # single pixels that chose otherwise than all around them
    disc = ndimage.iterate_structure(ndimage.generate_binary_structure(2, 1), max(1, reach // 2))
    full = ndimage.binary_opening(ndimage.binary_closing(full, disc) | full, disc)
    return Mask.from_crop(np.asarray(ndimage.binary_fill_holes(full)), box, height, width)


def _enlarged(part: np.ndarray, reach: int) -> np.ndarray:
    """bool: the mask enlarged with a smooth outline."""
    soft = ndimage.gaussian_filter(part.astype(np.float32), 0.7, mode="nearest")
    return np.asarray(ndimage.zoom(soft, reach, order=1, mode="nearest", grid_mode=True)) > 0.5


def _blocks(part: np.ndarray, reach: int, shape: tuple[int, int]) -> np.ndarray:
    return np.repeat(np.repeat(part, reach, axis=0), reach, axis=1)[: shape[0], : shape[1]]


def _colour(image: np.ndarray, box: Box, where: np.ndarray) -> np.ndarray | None:
    """Mean colour [3] of some pixels of the box, or None where there are too few."""
    rows, columns = np.nonzero(where)
    if len(rows) < 16:
        return None
    step = max(1, len(rows) // SAMPLES)
    pixels = image[rows[::step] + box.y0, columns[::step] + box.x0]
    return np.median(as_dtype(pixels, np.dtype(np.float32)), axis=0)


def _nearer(image, box: Box, band, inside, outside, guess) -> np.ndarray:
    """bool, one for each pixel of the band: whose colour it has; the guess stays where neither is plainly nearer."""
    rows, columns = np.nonzero(band)
    pixels = as_dtype(image[rows + box.y0, columns + box.x0], np.dtype(np.float32))
    axis = outside - inside
    length = float(axis @ axis)
    if length < 0.05**2:
        return guess[band]
    share = (pixels - inside) @ axis / length
    return np.where(share < 0.35, True, np.where(share > 0.65, False, guess[band]))
