"""Holes: what may be copied into them, how thick they are, and both at reduced size."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...core.arrays import as_dtype
from ...errors import EditError


def usable(hole: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """`avoid` without the hole; empty where nothing else would be left.

    Raises:
        EditError: where the hole is all there is.
    """
    if hole.all():
        raise EditError("The region covers the whole picture, so nothing is left to fill it from.")
    avoid = avoid & ~hole
    return np.zeros_like(avoid) if (hole | avoid).all() else avoid


def filled(image: np.ndarray, hole: np.ndarray, values: np.ndarray) -> np.ndarray:
    result = image.copy()
    result[hole] = as_dtype(values[hole], image.dtype)
    return result


def thickness(hole: np.ndarray) -> float:
    """Pixels from the hole's deepest point to its rim."""
    return float(np.asarray(ndimage.distance_transform_edt(hole)).max())


def blocks(mask: np.ndarray, reach: int, fold) -> np.ndarray:
    """The mask reduced by a whole factor: `fold` over each block; the frame's edge is repeated."""
    if reach == 1:
        return mask
    height, width = (-(-side // reach) * reach for side in mask.shape)
    padded = np.pad(mask, ((0, height - mask.shape[0]), (0, width - mask.shape[1])), mode="edge")
    return fold(fold(padded.reshape(height // reach, reach, width // reach, reach), axis=3), axis=1)


def reduced(image: np.ndarray, hole: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """(image, known) reduced by a whole factor: means of the known pixels; a block with none of them is unknown."""
    if reach == 1:
        return image, ~hole
    known = ~hole
    weight = blocks(known.astype(np.float32), reach, np.sum)
    channels = [blocks(image[..., c] * known, reach, np.sum) for c in range(image.shape[2])]
    mean = np.stack(channels, axis=-1) / np.maximum(weight, 1)[..., None]
    return mean.astype(np.float32), weight > 0
