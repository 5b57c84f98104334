"""Another colour for a thing: what carries its dominant colour is painted anew, light and shade stay.

Everything happens in OKLab. The dominant colour is a hue with enough chroma, or a grey; windows, tyres and letters of
another colour keep theirs. Lightness goes through a curve of bounded slope that lifts blacks, so that noise is never
blown up into speckle; chroma fades into shadows and highlights and stays within what a screen can show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..core.arrays import as_dtype
from ..core.oklab import most_chroma, oklab, oklab_rgb
from ..core.scene import OnStep

BLOCK = 1 << 18
"""Pixels that are worked on at a time: keeps memory and the wait for a cancel short."""
SAMPLE = 1 << 16
"""Pixels from which the dominant colour is found."""
STEEPEST = 2.0
"""How much a difference in lightness may grow."""
DEEPEST, LIGHTEST = 0.18, 0.9
"""Lightness that a painted thing's middle is kept within: pure black or white would hide its shading."""
COLOURED = 0.035
"""Chroma from which a pixel has a hue worth speaking of, at middle lightness."""
APART, LIGHT_SHARE = 0.3, 0.35
"""Greys in two heaps whose means lie so far apart in lightness may be two surfaces, such as white paint and dark glass.
The light one counts where it is so much of both."""
VALLEY_LIGHT, VALLEY_DARK = 0.8, 0.3
"""Two heaps are two surfaces where there are so much fewer greys between them than in the smaller one."""
SHADED = 0.62
"""The shade of one surface goes down to this share of its lightness."""
LEAST_SHARE = 0.25
"""A colour is dominant from this share of the thing; where none is, all of the thing is painted."""
HUE_NEAR, HUE_FAR = np.radians(24), np.radians(48)
"""Hues up to the first from the dominant one count fully, from the second on not at all."""
SMOOTHING = 1.2
"""Sigma in pixels over which colours are averaged before it is asked whose they are: a camera's noise has every hue."""


@dataclass(frozen=True)
class Dominant:
    """The colour that a thing is said to have.

    Attributes:
        lightness: its middle; chroma, hue (radians): 0 and 0 for greys.
        low, high, tint: for greys, the lightness between which they lie, and what the light makes of them (a, b).
    """

    lightness: float
    chroma: float = 0.0
    hue: float = 0.0
    low: float = 0.0
    high: float = 1.0
    tint: tuple[float, float] = (0.0, 0.0)

    @property
    def is_grey(self) -> bool:
        return self.chroma == 0


def recoloured(
    image: np.ndarray,
    inside: np.ndarray,
    colour: tuple[int, int, int],
    whole: bool = False,
    strength: float = 1.0,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """The image with what is inside painted in a colour; uint8 or float32 [H, W, 3], dtype kept.

    Args:
        inside: bool [H, W]; colour: sRGB bytes; whole: also what does not carry the dominant colour.
        strength: in [0, 1], how much of it shows.
        on_step: told (done, total); what it raises cancels and passes through.
    """
    result = image.copy()
    if not inside.any():
        return result
    box = _box(inside)
    part, here = image[box], inside[box]
    rows, columns = np.nonzero(here)
    every = max(1, len(rows) // SAMPLE)
    sample = _lab(part[rows[::every], columns[::every]])
    dominant = None if whole else dominant_colour(sample)
    smooth = _smoothed(part, here, on_step) if dominant is not None else None
    paint = _paint(dominant or Dominant(float(np.median(sample[:, 0]))), colour)
    target = result[box]
    for start in range(0, len(rows), BLOCK):
        if on_step is not None:
            on_step(len(rows) + start, 2 * len(rows))
        block = rows[start : start + BLOCK], columns[start : start + BLOCK]
        before = part[block]
        share = np.full(len(before), strength, dtype=np.float32)
        if dominant is not None and smooth is not None:
            share *= belonging(smooth[block], dominant)
        after = oklab_rgb(paint(_lab(before)))
        floats = as_dtype(before, np.dtype(np.float32))
        target[block] = as_dtype(floats + share[:, None] * (after - floats), image.dtype)
        # what does not carry the colour stays bit for bit
        target[block] = np.where(share[:, None] > 0, target[block], before)
    return result


def dominant_colour(lab: np.ndarray) -> Dominant | None:
    """The dominant colour of pixels in OKLab, float32 [N, 3]; None where there is none."""
    chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    has_hue = chroma > COLOURED * (0.4 + 0.6 * lab[:, 0] / 0.5).clip(0.4, 1)
    coloured = _hue_of(lab, chroma, hue, has_hue)
    grey = _grey_of(lab, ~has_hue)
    candidates = [(share, colour) for share, colour in (coloured, grey) if colour is not None and share >= LEAST_SHARE]
    return max(candidates, key=lambda candidate: candidate[0])[1] if candidates else None


def belonging(lab: np.ndarray, dominant: Dominant) -> np.ndarray:
    """float32 [N], in [0, 1]: how much each pixel in OKLab carries the dominant colour."""
    lightness = lab[:, 0]
    if dominant.is_grey:
        in_range = _rise(lightness, dominant.low - 0.06, dominant.low) * _rise(
            -lightness, -dominant.high - 0.06, -dominant.high
        )
        return in_range * _rise(-np.hypot(*(lab[:, 1:] - dominant.tint).T), -0.1, -0.055)
    distance = np.abs(np.angle(np.exp(1j * (np.arctan2(lab[:, 2], lab[:, 1]) - dominant.hue))))
    # shade keeps the ratio of chroma to lightness, paint of another kind does not
    saturation = (
        np.hypot(lab[:, 1], lab[:, 2]) / np.maximum(lightness, 0.05) / (dominant.chroma / max(dominant.lightness, 0.05))
    )
    return _rise(-distance, -HUE_FAR, -HUE_NEAR) * _rise(saturation, 0.12, 0.4)


def _hue_of(lab, chroma, hue, has_hue) -> tuple[float, Dominant | None]:
    """(share, colour) of the hue that most of the coloured pixels have."""
    if not has_hue.any():
        return 0.0, None
    bins = 72
    weights = chroma.clip(0, 0.15) * has_hue
    counts = np.bincount(((hue + np.pi) / (2 * np.pi) * bins).astype(int) % bins, weights, bins)
    peak = int(np.argmax(ndimage.gaussian_filter1d(counts, 2.0, mode="wrap")))
    start = (peak + 0.5) / bins * 2 * np.pi - np.pi
    near = has_hue & (np.abs(np.angle(np.exp(1j * (hue - start)))) < HUE_NEAR)
    if not near.any():
        return 0.0, None
    middle = float(np.angle(np.sum(chroma[near] * np.exp(1j * hue[near]))))
    return float(near.mean()), Dominant(
        float(np.median(lab[near, 0])), float(np.median(chroma[near])), middle if middle else 1e-6
    )


def _grey_of(lab: np.ndarray, is_grey: np.ndarray) -> tuple[float, Dominant | None]:
    """(share, colour) of the greys: of the commonest one as far as it goes on, or of one of two surfaces."""
    if not is_grey.any():
        return 0.0, None
    values = lab[is_grey, 0]
    low, high = _greys_between(values)
    near = lab[is_grey][(values >= low) & (values <= high)]
    if len(near) == 0:
        return 0.0, None
    lightness, a, b = (float(value) for value in np.median(near, axis=0))
    return len(near) / len(lab), Dominant(lightness, low=low, high=high, tint=(a, b))


def _greys_between(values: np.ndarray) -> tuple[float, float]:
    """From where to where lightness goes on around the commonest one, or in one of two heaps that lie apart."""
    from skimage.filters import threshold_otsu

    bins = 64
    counts = np.bincount((values * bins).astype(int).clip(0, bins - 1), minlength=bins).astype(float)
    counts = ndimage.gaussian_filter1d(counts, 2.0)
    if np.ptp(values) > APART:
        cut = float(threshold_otsu(values))
        light = values > cut
        at = int(cut * bins)
        peaks = counts[: at + 1].max(), counts[at:].max()
        middles = [int(np.argmax(counts[: at + 1])), at + int(np.argmax(counts[at:]))]
        valley = counts[middles[0] : middles[1] + 1].min()
        is_light = light.mean() >= LIGHT_SHARE
        parted = valley < (VALLEY_LIGHT if is_light else VALLEY_DARK) * min(peaks)
        if parted and values[light].mean() - values[~light].mean() > APART:
            return (cut, 1.0) if is_light else (0.0, cut)
    peak = int(np.argmax(counts))
    rare = counts < 0.12 * counts[peak]
    low = next((k + 1 for k in range(peak, -1, -1) if rare[k]), 0)
    high = next((k for k in range(peak, bins) if rare[k]), bins)
    return min(low, SHADED * peak) / bins, high / bins


def _paint(dominant: Dominant, colour: tuple[int, int, int]) -> Callable[[np.ndarray], np.ndarray]:
    """OKLab [N, 3] -> OKLab [N, 3]: the dominant colour becomes the given one, everything else follows its light."""
    light, a, b = (float(value) for value in oklab(np.array(colour, dtype=np.float32) / 255))
    goal = float(np.clip(light, DEEPEST, LIGHTEST))
    chroma, hue = float(np.hypot(a, b)), float(np.arctan2(b, a))
    curve = lightness_curve(dominant.lightness, goal)
    steps = np.linspace(0, 1, 257, dtype=np.float32)
    limit = most_chroma(hue, steps)

    def painted(lab: np.ndarray) -> np.ndarray:
        lightness = curve(lab[:, 0])
        # in shade chroma falls with lightness, in a highlight the colour of the light takes over
        fade = np.where(lightness <= goal, lightness / goal, 1 - 0.5 * (lightness - goal) / (1 - goal))
        wanted = chroma * fade * _gloss(lab, dominant)
        wanted = np.minimum(wanted, np.interp(lightness, steps, limit))
        return np.stack([lightness, wanted * np.cos(hue), wanted * np.sin(hue)], axis=1).astype(np.float32)

    return painted


def _gloss(lab: np.ndarray, dominant: Dominant) -> np.ndarray:
    """What of a pixel's chroma is left where light is mirrored: 1 on matt paint, less where it is paler than that."""
    if dominant.is_grey:
        return np.ones(len(lab), dtype=np.float32)
    chroma = np.hypot(lab[:, 1], lab[:, 2]) / dominant.chroma
    return np.where(lab[:, 0] > dominant.lightness, chroma.clip(0, 1), 1.0)


def lightness_curve(start: float, goal: float) -> Callable[[np.ndarray], np.ndarray]:
    """A rising curve on [0, 1] that takes one lightness to another, nowhere steeper than STEEPEST by more than a half.

    Black and white stay what they are as far as that allows: to make a black thing light its blacks are lifted, to make
    a light thing dark its whites are lowered.
    """
    from scipy.interpolate import PchipInterpolator

    start = float(np.clip(start, 0.02, 0.98))
    # what is painted dark mirrors less light as well
    upwards = (1 + goal / start) / 2 if goal < start else STEEPEST
    black, white = max(0.0, goal - STEEPEST * start), min(1.0, goal + upwards * (1 - start))
    curve = PchipInterpolator([0.0, start, 1.0], [black, goal, white])
    return lambda lightness: curve(np.clip(lightness, 0, 1)).astype(np.float32)


def _smoothed(part: np.ndarray, here: np.ndarray, on_step: OnStep | None) -> np.ndarray:
    """OKLab float32 [h, w, 3], averaged over a few pixels inside alone."""
    weight = ndimage.gaussian_filter(here.astype(np.float32), SMOOTHING)
    result = np.empty(part.shape, dtype=np.float32)
    step = max(1, BLOCK // part.shape[1])
    for top in range(0, len(part), step):
        if on_step is not None:
            on_step(top, 2 * len(part))
        result[top : top + step] = _lab(part[top : top + step])
    for channel in range(3):
        plane = ndimage.gaussian_filter(result[..., channel] * here, SMOOTHING)
        result[..., channel] = plane / np.maximum(weight, 1e-3)
    return result


def _rise(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 up to `start`, 1 from `end` on, smooth between them."""
    share = ((values - start) / (end - start)).clip(0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _box(inside: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _lab(rgb: np.ndarray) -> np.ndarray:
    return oklab(as_dtype(rgb, np.dtype(np.float32)))
