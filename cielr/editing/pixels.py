"""Edits that need no model: colour, brightness, saturation and blur.

All but the blur work in OKLab, so that texture and shading stay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from ..actions.change import Blur, Brighten, Clear, Darken, Desaturate, ExactChange, Flat, Recolour
from ..core.arrays import as_dtype, as_floats, resized
from ..core.geometry import Box
from ..core.oklab import oklab, oklab_rgb
from ..core.progress import in_steps
from ..core.scene import OnStep
from .recolour import recoloured

BLOCK = 1 << 18
"""Pixels that are worked on at a time: keeps memory and the wait for a cancel short."""
REDUCE = 6.0
"""A blur of a larger sigma is done on a copy reduced until its sigma is about this."""
ENDS = 0.7
"""How much of the change at middle lightness reaches black, and twice that white."""


def changed(image: np.ndarray, inside: np.ndarray, change: ExactChange, on_step: OnStep | None = None) -> np.ndarray:
    """The image with the change made where `inside` bool [H, W] is True; uint8 or float32 [H, W, 3], dtype kept."""
    if isinstance(change, Clear):
        # what is transparent keeps its colours: only the alpha of the result changes
        return image.copy()
    if isinstance(change, Flat):
        return _flat(image, inside, change.rgb)
    if isinstance(change, Blur):
        return _blurred(image, inside, change.pixels, on_step)
    if isinstance(change, Recolour):
        # a colour by number is meant as it is said
        exact = change.paint == change.rgb
        return recoloured(image, inside, change.paint, change.whole, change.strength, on_step, exact)
    result = image.copy()
    rows, columns = np.nonzero(inside)
    curve = _curve(change)
    for start in range(0, len(rows), BLOCK):
        if on_step is not None:
            on_step(start, len(rows))
        block = rows[start : start + BLOCK], columns[start : start + BLOCK]
        lab = oklab(as_floats(image[block]))
        result[block] = as_dtype(oklab_rgb(curve(lab)), image.dtype)
    return result


def _flat(image: np.ndarray, inside: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """The image with one flat colour inside."""
    result = image.copy()
    result[inside] = as_dtype(np.array(rgb, dtype=np.uint8), image.dtype)
    return result


def _curve(change: ExactChange) -> Callable[[np.ndarray], np.ndarray]:
    """OKLab [N, 3] -> OKLab [N, 3] for everything that changes each pixel by itself."""
    if isinstance(change, Desaturate):
        left = 1 - change.percent / 100
        keep = np.array([1.0, left, left], dtype=np.float32)
        return lambda lab: lab * keep
    if isinstance(change, Brighten | Darken):
        return _relit(brightness_curve((1 if isinstance(change, Brighten) else -1) * change.percent / 100))
    raise TypeError(f"{change!r} is not a change that code can make.")


def brightness_curve(share: float) -> Callable[[np.ndarray], np.ndarray]:
    """A rising curve on [0, 1] that makes middle lightness so much larger, or smaller, of itself.

    Blacks are lifted and whites lowered by part of that, or a black thing could never be brightened.
    """
    from scipy.interpolate import PchipInterpolator

    middle = float(np.clip(0.5 * (1 + share), 0.02, 0.97))
    shift = ENDS * (middle - 0.5)
    curve = PchipInterpolator([0.0, 0.5, 1.0], [max(shift, 0.0), middle, 1.0 + min(2 * shift, 0.0)])
    return lambda lightness: curve(np.clip(lightness, 0, 1)).astype(np.float32)


def _relit(curve: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    def relit(lab: np.ndarray) -> np.ndarray:
        lightness = curve(lab[:, 0])
        # light scales chroma as well, but what is noise in a black is not to be blown up
        factor = (lightness / np.maximum(lab[:, 0], 0.05)).clip(0, 1.5)
        return np.concatenate([lightness[:, None], lab[:, 1:] * factor[:, None]], axis=1)

    return relit


def _blurred(image: np.ndarray, inside: np.ndarray, pixels: float, on_step: OnStep | None) -> np.ndarray:
    """Gaussian blur of two sigmas = `pixels`; only what is inside is mixed: nothing bleeds over the edge."""
    if pixels == 0 or not inside.any():
        return image.copy()
    sigma = pixels / 2
    reach = int(np.ceil(4 * sigma)) + 1
    box = Box.around(inside, reach).slices
    here = inside[box].astype(np.float32)
    values = as_floats(image[box])
    planes = [
        _gaussian(here if channel == 3 else values[..., channel] * here, sigma)
        for channel in in_steps(range(4), on_step)
    ]
    mixed = np.stack(planes[:3], axis=-1) / np.maximum(planes[3], 1e-6)[..., None]
    result = image.copy()
    result[box][inside[box]] = as_dtype(mixed.clip(0, 1)[inside[box]], image.dtype)
    return result


def _gaussian(plane: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of float32 [H, W]; a wide one is done on a reduced copy, where it looks the same and costs less."""
    reach = int(sigma / REDUCE)
    if reach < 2:
        return ndimage.gaussian_filter(plane, sigma, mode="constant")
    height, width = plane.shape
    smaller = resized(plane, max(1, width // reach), max(1, height // reach))
    scale = smaller.shape[0] / height, smaller.shape[1] / width
    return resized(ndimage.gaussian_filter(smaller, [sigma * s for s in scale], mode="constant"), width, height)
