"""OKLab (Ottosson, 2020): lightness in [0, 1] and two opponent axes, in which equal steps look equally large.

Hue stays what it is when chroma or lightness changes, which CIELAB does not do for blues. Arrays are float32 [..., 3].
"""

from __future__ import annotations

import numpy as np

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_CONES, _FROM_LAB = np.linalg.inv(_TO_CONES), np.linalg.inv(_TO_LAB)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """From sRGB in [0, 1]."""
    rgb = np.asarray(rgb, dtype=np.float32)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(linear @ _TO_CONES.T.astype(np.float32))
    return cones @ _TO_LAB.T.astype(np.float32)


def oklab_rgb(lab: np.ndarray) -> np.ndarray:
    """To sRGB; what no screen can show is cut off to [0, 1]."""
    linear = _linear(np.asarray(lab, dtype=np.float32)).clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


def most_chroma(hue: float, lightness: np.ndarray) -> np.ndarray:
    """The largest chroma that sRGB has at a hue (radians), for each lightness in [0, 1]; float32, of its shape."""
    lightness = np.asarray(lightness, dtype=np.float32)
    axis = np.array([np.cos(hue), np.sin(hue)], dtype=np.float32)
    low, high = np.zeros_like(lightness), np.full_like(lightness, 0.5)
    # rounding; near black all of the gamut is small
    slack = (1e-3 * lightness**3 + 1e-7)[..., None]
    for _ in range(16):
        middle = (low + high) / 2
        linear = _linear(np.concatenate([lightness[..., None], middle[..., None] * axis], axis=-1))
        fits = ((linear >= -slack) & (linear <= 1 + slack)).all(axis=-1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return low


def _linear(lab: np.ndarray) -> np.ndarray:
    return (lab @ _FROM_LAB.T.astype(np.float32)) ** 3 @ _FROM_CONES.T.astype(np.float32)
