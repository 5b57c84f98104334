"""Resizing written out as sums over a kernel, to compare image processors with: neither PIL's code nor torch's."""

from __future__ import annotations

import numpy as np


def triangle(x: np.ndarray) -> np.ndarray:
    return np.clip(1 - np.abs(x), 0, None)


def cubic(x: np.ndarray) -> np.ndarray:
    """Keys' kernel with a = -0.5."""
    x = np.abs(x)
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def resampled(
    image: np.ndarray, height: int, width: int, kernel=triangle, reach: int = 1, widen: bool = True
) -> np.ndarray:
    """float64 [height, width, C] of an image [H, W, C]; the kernel widens where the picture shrinks (antialiasing)."""
    rows = _weights(image.shape[0], height, kernel, reach, widen)
    columns = _weights(image.shape[1], width, kernel, reach, widen)
    return np.einsum("yh,xw,hwc->yxc", rows, columns, image.astype(np.float64), optimize=True)


def as_levels(values: np.ndarray) -> np.ndarray:
    """Rounded to whole levels in [0, 255], as a picture of bytes holds them."""
    return np.clip(np.round(values), 0, 255)


def _weights(before: int, after: int, kernel, reach: int, widen: bool) -> np.ndarray:
    """[after, before], each row adding up to 1; samples beyond the border are left out."""
    scale = before / after
    stretch = max(scale, 1.0) if widen else 1.0
    centres = (np.arange(after) + 0.5) * scale
    samples = np.arange(before) + 0.5
    distance = (samples[None] - centres[:, None]) / stretch
    weights = np.where(np.abs(distance) < reach, kernel(distance), 0.0)
    return weights / weights.sum(axis=1, keepdims=True)
