"""Masks from a reduced picture, made exact at full size: the pixels near each outline go where their colour belongs.

A block is a pixel of the reduced picture, `reach` pixels a side at full size. Of the full size only the blocks along
the outline are looked at; in all others the mask is what its block is.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from ...core.arrays import as_floats
from ...core.geometry import Box, Mask
from .bits import closed_and_opened, packed, without_holes

MARGIN = 3
"""Blocks around the mask that are looked at with it."""
SAMPLES = 4000
"""Pixels from which each side's colour is taken."""
AT_ONCE = 1 << 17
"""Pixels of the outline that are worked on together: they stay in the processor's cache, and memory stays small."""


def refined(image: np.ndarray, small: np.ndarray, reach: int) -> Mask:
    """The mask at full size.

    Args:
        image: uint8 or float32 [H, W, 3]; small: bool [ceil(H / reach), ceil(W / reach)].
    """
    height, width = image.shape[:2]
    around = Box.around(small, MARGIN)
    if around.is_empty:
        return Mask.empty(height, width)
    box = Box(*(corner * reach for corner in around.corners)).clip(width, height)
    part = small[around.slices]
    if reach == 1:
        return Mask.from_crop(part, box, height, width)
    bits = packed(_by_colour(image[box.slices], part, reach))
    # single pixels that chose otherwise than all around them
    return without_holes(closed_and_opened(bits, box.width, reach // 2), box, height, width)


def _by_colour(crop: np.ndarray, part: np.ndarray, reach: int) -> np.ndarray:
    """bool [h, w]: the mask of a crop [h, w, 3] of the image, along its outline as the colours say."""
    sure = np.asarray(ndimage.binary_erosion(part, border_value=1), dtype=bool)
    near = np.asarray(ndimage.binary_dilation(part), dtype=bool)
    whole = np.repeat(np.repeat(sure, reach, axis=0), reach, axis=1)
    full, blocks = whole[: crop.shape[0], : crop.shape[1]], whole.reshape(len(part), reach, -1, reach)
    rows, columns = np.nonzero(near & ~sure)
    at_once = max(1, AT_ONCE // reach**2)
    band = [(rows[k : k + at_once], columns[k : k + at_once]) for k in range(0, len(rows), at_once)]
    _smoothed(blocks, part, band)
    inside = _colour(crop, *_pixels(sure, reach, full.shape) if sure.any() else np.nonzero(full))
    outside = _colour(crop, *_pixels(~near, reach, full.shape))
    if inside is None or outside is None:
        return full
    axis = outside - inside
    length = float(axis @ axis)
    if length < 0.05**2:
        return full
    for y, x in band:
        share = (as_floats(_cut_out(crop, y, x, reach)) - inside) @ axis / length
        # where neither colour is plainly nearer, the smooth outline stays
        blocks[y, :, x] = (share < 0.35) | (blocks[y, :, x] & (share <= 0.65))
    return full


def _smoothed(blocks: np.ndarray, part: np.ndarray, band: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Sets the blocks of the band, bool [h, reach, w, reach], to the mask enlarged (bilinear) with a smooth outline.

    All other blocks it would set to what they are: with all four neighbours alike it stays above, or below, one half.
    """
    reach = blocks.shape[1]
    soft = ndimage.gaussian_filter(part.astype(np.float32), 0.7, mode="nearest")
    around = sliding_window_view(np.pad(soft, 1, mode="edge"), (3, 3))
    off = (np.arange(reach) + 0.5) / reach - 0.5
    # what the block itself, the one before it and the one behind it weigh, at each pixel along an axis
    weights = np.stack([np.maximum(-off, 0), 1 - np.abs(off), np.maximum(off, 0)])
    both = np.einsum("ap,bq->abpq", weights, weights).reshape(9, reach * reach)
    for y, x in band:
        values = around[y, x].reshape(-1, 9).astype(np.float64) @ both
        blocks[y, :, x] = (values > 0.5).reshape(-1, reach, reach)


def _pixels(where: np.ndarray, reach: int, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(rows, columns) of every so-manyth pixel of the blocks, in reading order, of a crop of that shape."""
    across = np.full(where.shape[1], reach)
    # the frame may cut the last blocks
    across[-1] = shape[1] - reach * (where.shape[1] - 1)
    in_row = np.repeat(where @ across, reach)[: shape[0]]
    ends = np.cumsum(in_row)
    number = np.arange(0, ends[-1], max(1, ends[-1] // SAMPLES))
    row = np.searchsorted(ends, number, side="right")
    block, column = np.divmod(number - (ends - in_row)[row], reach)
    first = np.cumsum(where.sum(axis=1)) - where.sum(axis=1)
    return row, np.nonzero(where)[1][first[row // reach] + block] * reach + column


def _colour(crop: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray | None:
    """Median colour [3] of some of the pixels, or None where there are too few."""
    if len(rows) < 16:
        return None
    step = max(1, len(rows) // SAMPLES)
    return np.median(as_floats(crop[rows[::step], columns[::step]]), axis=0)


def _cut_out(crop: np.ndarray, y: np.ndarray, x: np.ndarray, reach: int) -> np.ndarray:
    """[n, reach, reach, 3]: these blocks of a crop; where the frame cuts one, its edge is repeated."""
    down, across = crop.shape[0] // reach, crop.shape[1] // reach
    cut = (y >= down) | (x >= across)
    blocks = crop[: down * reach, : across * reach].reshape(down, reach, across, reach, 3)
    if not cut.any():
        return blocks[y, :, x]
    result = np.empty((len(y), reach, reach, 3), dtype=crop.dtype)
    result[~cut] = blocks[y[~cut], :, x[~cut]]
    steps = np.arange(reach)
    rows = np.minimum(y[cut, None] * reach + steps, crop.shape[0] - 1)
    columns = np.minimum(x[cut, None] * reach + steps, crop.shape[1] - 1)
    result[cut] = crop[rows[:, :, None], columns[:, None, :]]
    return result
