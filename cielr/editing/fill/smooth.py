"""Filling holes smoothly: the surface through the rim, with the rim's grain."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...core.arrays import as_floats
from ...core.scene import OnStep
from .holes import filled, usable
from .membrane import membrane

RING = 8
"""Pixels around the hole that say whether the ground is smooth."""
SMOOTH = 0.03
"""Ground that departs from a plane by less than this (standard deviation, of 1) is smooth: cloth is not, sky is."""


def smooth_fill(
    image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None = None
) -> np.ndarray:
    """The hole as the smoothest surface through its rim (Laplace's equation), with the rim's grain.

    Args as `Filler.fill`. Raises EditError where there is no rim.
    """
    avoid = usable(hole, avoid)
    values = membrane(as_floats(image), hole | avoid, on_step)
    ring = _ring(hole, avoid)
    grain = _grain(as_floats(image), ring)
    if grain > 0.5 / 255:
        noise = np.random.default_rng(seed).normal(0, grain, hole.shape).astype(np.float32)
        values = np.clip(values + noise[..., None], 0, 1)
    return filled(image, hole, values)


def is_smooth_around(image: np.ndarray, hole: np.ndarray, avoid: np.ndarray) -> bool:
    """Whether the ground around the hole is a plane in each channel, but for noise."""
    ring = _ring(hole, avoid)
    if not ring.any():
        return True
    rows, columns = np.nonzero(ring)
    values = as_floats(image[ring]).astype(np.float64)
    plane = np.stack([rows, columns, np.ones(len(rows))], axis=1) / max(hole.shape)
    fit, *_ = np.linalg.lstsq(plane, values, rcond=None)
    return bool(np.sqrt(np.mean((values - plane @ fit) ** 2)) < SMOOTH)


def _ring(hole: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """bool [H, W]: the ground beside the hole."""
    near = ndimage.binary_dilation(hole, iterations=RING)
    return near & ~hole & ~avoid


def _grain(image: np.ndarray, ring: np.ndarray) -> float:
    """Standard deviation of the noise in the ring: half the second difference along rows, robust to edges."""
    if ring.sum() < 64:
        return 0.0
    grey = image.mean(axis=-1)
    difference = grey[:, 1:-1] - (grey[:, :-2] + grey[:, 2:]) / 2
    inside = ring[:, 1:-1] & ring[:, :-2] & ring[:, 2:]
    if not inside.any():
        return 0.0
    # 1.4826: median of absolute values -> sigma; root of 1.5: of x - (a + b) / 2
    return float(1.4826 * np.median(np.abs(difference[inside])) / np.sqrt(1.5))
