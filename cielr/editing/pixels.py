"""Edits that need no model: colour, brightness, saturation and blur, said in canonical words.

"colour <name or #rrggbb>", "brighten N%", "darken N%", "desaturate N%", "blur Npx". All but the blur work in CIELAB,
so that texture and shading stay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from ..actions.change import Blur, Brighten, Clear, Darken, Desaturate, ExactChange, Flat, Recolour
from ..core.arrays import as_dtype, resized
from ..core.scene import OnStep

BLOCK = 1 << 18
"""Pixels that are worked on at a time: keeps memory and the wait for a cancel short."""
REDUCE = 6.0
"""A blur of a larger sigma is done on a copy reduced until its sigma is about this."""
LIGHT = (8.0, 94.0)
"""CIELAB lightness that a recoloured thing's middle is kept within: pure black or white would hide its shading."""


def changed(image: np.ndarray, inside: np.ndarray, change: ExactChange, on_step: OnStep | None = None) -> np.ndarray:
    """The image with the change made where `inside` bool [H, W] is True; uint8 or float32 [H, W, 3], dtype kept."""
    if isinstance(change, Clear):
        # what is transparent keeps its colours: only the alpha of the result changes
        return image.copy()
    if isinstance(change, Flat):
        return _flat(image, inside, change.rgb)
    if isinstance(change, Blur):
        return _blurred(image, inside, change.pixels, on_step)
    result = image.copy()
    rows, columns = np.nonzero(inside)
    curve = _curve(image, rows, columns, change)
    for start in range(0, len(rows), BLOCK):
        if on_step is not None:
            on_step(start, len(rows))
        block = rows[start : start + BLOCK], columns[start : start + BLOCK]
        result[block] = as_dtype(_rgb(curve(_lab(image[block]))), image.dtype)
    return result


def _flat(image: np.ndarray, inside: np.ndarray, rgb: tuple[int, int, int]) -> np.ndarray:
    """The image with one flat colour inside."""
    result = image.copy()
    result[inside] = as_dtype(np.array(rgb, dtype=np.uint8), image.dtype)
    return result


def _curve(image: np.ndarray, rows: np.ndarray, columns: np.ndarray, change: ExactChange) -> Callable:
    """Lab [N, 3] -> Lab [N, 3] for everything that changes each pixel by itself."""
    if isinstance(change, Desaturate):
        keep = np.array([1.0, *[1 - change.percent / 100] * 2])
        return lambda lab: lab * keep
    if isinstance(change, Brighten | Darken):
        sign = 1 if isinstance(change, Brighten) else -1
        gamma = _gamma(50.0, 50 * (1 + sign * change.percent / 100))
        return lambda lab: _relit(lab, gamma)
    if not isinstance(change, Recolour):
        raise TypeError(f"{change!r} is not a change that code can make.")
    every = max(1, len(rows) // 65536)
    middle = float(np.median(_lab(image[rows[::every], columns[::every]])[:, 0])) if len(rows) else 50.0
    light, a, b = _lab(np.array([change.rgb], dtype=np.uint8))[0]
    gamma = _gamma(middle, float(np.clip(light, *LIGHT)))

    def painted(lab: np.ndarray) -> np.ndarray:
        lightness = 100 * (lab[:, 0] / 100) ** gamma
        # the colour fades into shadows and highlights, as it does on a painted surface
        fade = np.where(
            lightness <= light, lightness / max(light, 1e-3), (100 - lightness) / max(100 - light, 1e-3)
        ).clip(0, 1)
        return np.stack([lightness, a * fade, b * fade], axis=1)

    return painted


def _gamma(start: float, goal: float) -> float:
    """The exponent that takes one lightness to another and leaves black and white where they are."""
    start, goal = np.clip(start, 3, 97) / 100, np.clip(goal, 0.5, 99) / 100
    return float(np.log(goal) / np.log(start))


def _relit(lab: np.ndarray, gamma: float) -> np.ndarray:
    lightness = 100 * (lab[:, 0] / 100) ** gamma
    shade = np.minimum(lightness / np.maximum(lab[:, 0], 1e-6), 1)[:, None]
    return np.concatenate([lightness[:, None], lab[:, 1:] * shade], axis=1)


def _lab(rgb: np.ndarray) -> np.ndarray:
    from skimage.color import rgb2lab

    lab = rgb2lab(as_dtype(rgb, np.dtype(np.float32)).astype(np.float64)[None])[0]
    lab[:, 0] = lab[:, 0].clip(0, 100)
    return lab


def _rgb(lab: np.ndarray) -> np.ndarray:
    """float32 [N, 3]; what no screen can show is drawn towards grey until it can."""
    from skimage.color import lab2rgb

    return lab2rgb(lab[None])[0].clip(0, 1).astype(np.float32)


def _blurred(image: np.ndarray, inside: np.ndarray, pixels: float, on_step: OnStep | None) -> np.ndarray:
    """Gaussian blur of two sigmas = `pixels`; only what is inside is mixed: nothing bleeds over the edge."""
    if pixels == 0 or not inside.any():
        return image.copy()
    sigma = pixels / 2
    reach = int(np.ceil(4 * sigma)) + 1
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = (
        slice(max(0, rows[0] - reach), rows[-1] + 1 + reach),
        slice(max(0, columns[0] - reach), columns[-1] + 1 + reach),
    )
    here = inside[box].astype(np.float32)
    values = as_dtype(image[box], np.dtype(np.float32))
    planes = []
    for channel in range(4):
        if on_step is not None:
            on_step(channel, 4)
        planes.append(_gaussian(here if channel == 3 else values[..., channel] * here, sigma))
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
