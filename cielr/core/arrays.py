"""Images as arrays: uint8 [H, W, 3] or float32 [H, W, 3] in [0, 1], and the way between them."""

from __future__ import annotations

import numpy as np
from PIL import Image


def resized(array: np.ndarray, width: int, height: int) -> np.ndarray:
    """The array [h, w] or [h, w, 3], uint8 or float32, at another size (Lanczos; masks bilinear); itself where it fits.

    Floats stay in [0, 1].
    """
    if array.shape[:2] == (height, width):
        return array
    if array.dtype == np.uint8:
        return np.asarray(Image.fromarray(array).resize((width, height), Image.Resampling.LANCZOS))
    if array.ndim == 2:
        picture = Image.fromarray(np.ascontiguousarray(array, dtype=np.float32))
        return np.clip(np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR)), 0, 1)
    channels = [
        Image.fromarray(np.ascontiguousarray(array[..., c], dtype=np.float32)).resize(
            (width, height), Image.Resampling.LANCZOS
        )
        for c in range(array.shape[2])
    ]
    return np.clip(np.stack([np.asarray(channel) for channel in channels], axis=-1), 0, 1)


def as_dtype(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """uint8 [0, 255] <-> float32 [0, 1]; itself where it fits already."""
    if array.dtype == dtype:
        return array
    if dtype == np.uint8:
        return np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)
    return array.astype(np.float32) / 255 if array.dtype == np.uint8 else array.astype(np.float32)


def as_floats(array: np.ndarray) -> np.ndarray:
    """float32 in [0, 1]; itself where it is that already."""
    return as_dtype(array, np.dtype(np.float32))


def reduced(image: np.ndarray, reach: int) -> np.ndarray:
    """float32 [ceil(H / reach), ceil(W / reach), 3]: block means; the same for a picture as bytes or as floats.

    Works on strips of rows, so that a large picture is never held as floats.
    """
    height, width = image.shape[:2]
    columns = np.arange(0, width, reach)
    sizes = np.diff(np.append(columns, width))
    rows = []
    for top in range(0, height, reach):
        strip = as_floats(image[top : top + reach]).mean(axis=0, dtype=np.float64)
        rows.append(np.add.reduceat(strip, columns, axis=0) / sizes[:, None])
    return np.asarray(rows, dtype=np.float32)
