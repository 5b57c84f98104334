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

from ..core.arrays import as_dtype, as_floats
from ..core.colours import PAINTS, colour_rgb
from ..core.geometry import Box
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
DARK, DARK_COUNTS = 0.6, 0.6
"""Greys below the first lightness are mostly glass, tyres, chrome and shade: so much of their share counts against
paint that has a hue. White and light grey paint counts in full."""
APART, LIGHT_SHARE = 0.3, 0.27
"""Greys in two heaps whose means lie so far apart in lightness may be two surfaces, such as white paint and dark glass.
The light one counts where it is so much of both."""
VALLEY_LIGHT, VALLEY_DARK = 0.8, 0.3
"""Two heaps are two surfaces where there are so much fewer greys between them than in the smaller one."""
SHADED = 0.62
"""The shade of one surface goes down to this share of its lightness."""
LEAST_SHARE, LEAST_GREY = 0.25, 0.2
"""A hue is dominant from the first share of the thing, a grey (as the body of a white bus) from the second; where none
is, all of the thing is painted."""
HUE_NEAR, HUE_FAR = np.radians(24), np.radians(48)
"""Hues up to the first from the dominant one count fully, from the second on not at all."""
HUE_WIDEST, HUE_GOES_ON = np.radians(75), 0.18
"""Where neighbouring hues go on without a gap, as in plaid or on an apple, they are one colour: as far as the first,
and while they are so much of the commonest."""
MIXED, LEAST_MIXED = 2, 0.06
"""Radius in pixels over which colours at an edge are taken for mixtures of what lies on both sides, and the least part
that counts."""
TEXTURE, BRIGHTEST = 1.2, 0.97
"""Slope that lit parts of a thing keep where it is made lighter, and the lightness that they end at."""
LIT, DIMMEST, FULLEST = 0.6, 0.65, 1.12
"""A thing may be dark by its paint or by the shade it stands in: the light on it counts with this power, in bounds."""
SHADE_OF_PAINTS = ("navy", "teal", "gold", "brown", "light brown")
"""Paints that are others in less light."""
FADE, FADE_OF_BLACK, BLACK = 0.06, 0.15, 0.45
"""Lightness over which greys cease to count; above those darker than the last it is more: what shines on black fur."""
SMOOTHING = 1.2
"""Sigma in pixels over which colours are averaged before it is asked whose they are: a camera's noise has every hue."""


@dataclass(frozen=True)
class Dominant:
    """The colour that a thing is said to have.

    Attributes:
        lightness: its middle; top: that of its lit parts; chroma, hue (radians): 0 and 0 for greys.
        reach: how far hues go on below and above the middle one, in radians.
        low, high, tint: for greys, the lightness between which they lie, and what the light makes of them (a, b).
    """

    lightness: float
    chroma: float = 0.0
    hue: float = 0.0
    low: float = 0.0
    high: float = 1.0
    tint: tuple[float, float] = (0.0, 0.0)
    top: float = 0.0
    reach: tuple[float, float] = (HUE_NEAR, HUE_NEAR)

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
    exact: bool = False,
) -> np.ndarray:
    """The image with what is inside painted in a colour; uint8 or float32 [H, W, 3], dtype kept.

    Args:
        inside: bool [H, W]; colour: sRGB bytes; whole: also what does not carry the dominant colour.
        strength: in [0, 1], how much of it shows.
        on_step: told (done, total); what it raises cancels and passes through.
        exact: the colour is the thing's middle as it is seen, and not that of a paint in the light that falls on it.
    """
    result = image.copy()
    if not inside.any():
        return result
    box = Box.around(inside).slices
    part, here = image[box], inside[box]
    rows, columns = np.nonzero(here)
    every = max(1, len(rows) // SAMPLE)
    sample = _lab(part[rows[::every], columns[::every]])
    dominant = None if whole else dominant_colour(sample)
    shares = _shares(part, here, dominant, on_step) if dominant is not None else None
    paint = _paint(dominant or Dominant(float(np.median(sample[:, 0]))), colour, exact)
    target = result[box]
    for start in range(0, len(rows), BLOCK):
        if on_step is not None:
            on_step(len(rows) + start, 2 * len(rows))
        block = rows[start : start + BLOCK], columns[start : start + BLOCK]
        before = part[block]
        share = np.full(len(before), strength, dtype=np.float32)
        if shares is not None:
            share *= shares[block]
        after = oklab_rgb(paint(_lab(before)))
        floats = as_floats(before)
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
    candidates = [
        (share, colour)
        for (share, colour), least in ((coloured, LEAST_SHARE), (grey, LEAST_GREY))
        if colour is not None and share >= least
    ]
    return max(candidates, key=_weight)[1] if candidates else None


def _weight(candidate: tuple[float, Dominant]) -> float:
    """What a colour's share counts for in the choice of the dominant one."""
    share, colour = candidate
    return share * (DARK_COUNTS if colour.is_grey and colour.lightness < DARK else 1)


def belonging(lab: np.ndarray, dominant: Dominant) -> np.ndarray:
    """float32 [N], in [0, 1]: how much each pixel in OKLab carries the dominant colour."""
    lightness = lab[:, 0]
    if dominant.is_grey:
        fade = FADE_OF_BLACK if dominant.lightness < BLACK else FADE
        in_range = _rise(lightness, dominant.low - FADE, dominant.low) * _rise(
            -lightness, -dominant.high - fade, -dominant.high
        )
        return in_range * _rise(-np.hypot(*(lab[:, 1:] - dominant.tint).T), -0.1, -0.055)
    turn = np.angle(np.exp(1j * (np.arctan2(lab[:, 2], lab[:, 1]) - dominant.hue)))
    beyond = np.maximum(-turn - dominant.reach[0], turn - dominant.reach[1])
    # shade keeps the ratio of chroma to lightness, paint of another kind does not
    saturation = (
        np.hypot(lab[:, 1], lab[:, 2]) / np.maximum(lightness, 0.05) / (dominant.chroma / max(dominant.lightness, 0.05))
    )
    return _rise(-beyond, HUE_NEAR - HUE_FAR, 0) * _rise(saturation, 0.12, 0.4)


def _hue_of(lab, chroma, hue, has_hue) -> tuple[float, Dominant | None]:
    """(share, colour) of the hue that most of the coloured pixels have."""
    if not has_hue.any():
        return 0.0, None
    bins = 72
    weights = chroma.clip(0, 0.15) * has_hue
    counts = np.bincount(((hue + np.pi) / (2 * np.pi) * bins).astype(int) % bins, weights, bins)
    counts = ndimage.gaussian_filter1d(counts, 2.0, mode="wrap")
    peak = int(np.argmax(counts))
    start = (peak + 0.5) / bins * 2 * np.pi - np.pi
    turn = np.angle(np.exp(1j * (hue - start)))
    below, above = _hues_from(counts, peak, -1), _hues_from(counts, peak, 1)
    near = has_hue & (turn > -below) & (turn < above)
    if not near.any():
        return 0.0, None
    shift = float(np.angle(np.sum(chroma[near] * np.exp(1j * turn[near]))))
    lightness, top = np.percentile(lab[near, 0], [50, 95])
    share = has_hue & (np.abs(turn) < HUE_NEAR)
    return float(share.mean()), Dominant(
        float(lightness),
        float(np.median(chroma[near])),
        float(np.angle(np.exp(1j * (start + shift)))),
        top=float(top),
        reach=(max(HUE_NEAR, below + shift), max(HUE_NEAR, above - shift)),
    )


def _hues_from(counts: np.ndarray, peak: int, step: int) -> float:
    """How far, in radians, hues go on from the commonest one in one direction; counts: of bins all around."""
    bins = len(counts)
    most = int(HUE_WIDEST / (2 * np.pi) * bins)
    ends = (k for k in range(1, most) if counts[(peak + step * k) % bins] < HUE_GOES_ON * counts[peak])
    return max(HUE_NEAR, next(ends, most) / bins * 2 * np.pi)


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
    top = float(np.percentile(near[:, 0], 95))
    return len(near) / len(lab), Dominant(lightness, low=low, high=high, tint=(a, b), top=top)


def _greys_between(values: np.ndarray) -> tuple[float, float]:
    """From where to where lightness goes on around the commonest one, or in one of two heaps that lie apart."""
    bins = 64
    counts = np.bincount((values * bins).astype(int).clip(0, bins - 1), minlength=bins).astype(float)
    counts = ndimage.gaussian_filter1d(counts, 2.0)
    parting = _parting(counts)
    if parting is not None:
        cut, is_light = parting
        return (cut, 1.0) if is_light else (0.0, cut)
    peak = int(np.argmax(counts))
    rare = counts < 0.12 * counts[peak]
    low = next((k + 1 for k in range(peak, -1, -1) if rare[k]), 0)
    high = next((k for k in range(peak, bins) if rare[k]), bins)
    return min(low, SHADED * peak) / bins, high / bins


def _parting(counts: np.ndarray) -> tuple[float, bool] | None:
    """(lightness, whether the light side counts) at which greys fall into two heaps that lie apart; None: one heap.

    Of several valleys the one that parts the most is taken (Otsu's measure).
    """
    bins, total = len(counts), counts.sum()
    smaller = np.minimum(np.maximum.accumulate(counts), np.maximum.accumulate(counts[::-1])[::-1])
    middles = (np.arange(bins) + 0.5) / bins
    best, parting = 0.0, None
    for at in range(1, bins - 1):
        dark, light = counts[:at].sum() / total, counts[at:].sum() / total
        # a few stray pixels at an end are no heap
        if counts[at] > min(counts[at - 1], counts[at + 1]) or smaller[at] < 0.12 * counts.max():
            continue
        apart = np.average(middles[at:], weights=counts[at:]) - np.average(middles[:at], weights=counts[:at])
        is_light = light >= LIGHT_SHARE
        deep = counts[at] < (VALLEY_LIGHT if is_light else VALLEY_DARK) * smaller[at]
        if apart > APART and deep and dark * light * apart**2 > best:
            best, parting = dark * light * apart**2, (float(middles[at]), bool(is_light))
    return parting


def _paint(dominant: Dominant, colour: tuple[int, int, int], exact: bool) -> Callable[[np.ndarray], np.ndarray]:
    """OKLab [N, 3] -> OKLab [N, 3]: the dominant colour becomes the given one, everything else follows its light."""
    light, a, b = (float(value) for value in oklab(np.array(colour, dtype=np.float32) / 255))
    goal = float(np.clip(light * (1.0 if exact else light_on(dominant)), DEEPEST, LIGHTEST))
    if goal > dominant.lightness and not exact:
        # room above for what is lit, or a black animal made white is a paper cut-out
        goal = max(goal - 0.1, dominant.lightness, min(goal, BRIGHTEST - (dominant.top - dominant.lightness)))
    chroma, hue = float(np.hypot(a, b)), float(np.arctan2(b, a))
    brightest = BRIGHTEST if chroma < COLOURED else (goal + BRIGHTEST) / 2
    curve = lightness_curve(dominant.lightness, goal, dominant.top, brightest)
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


def light_on(dominant: Dominant) -> float:
    """How much lighter than in plain light a thing looks, judged by the paint that it is likeliest to have; greys: 1.

    The likeliest paint is the one of nearest hue and saturation, which light leaves as they are.
    """
    if dominant.is_grey:
        return 1.0
    colours = [colour_rgb(value) for name, value in PAINTS.items() if name not in SHADE_OF_PAINTS]
    paints = oklab(np.array(colours, dtype=np.float32) / 255)
    paints = paints[np.hypot(paints[:, 1], paints[:, 2]) > COLOURED]
    own = dominant.chroma * np.array([np.cos(dominant.hue), np.sin(dominant.hue)]) / max(dominant.lightness, 0.05)
    apart = np.hypot(*(paints[:, 1:] / paints[:, :1] - own).T)
    ratio = dominant.lightness / float(paints[np.argmin(apart), 0])
    return float(np.clip(ratio**LIT, DIMMEST, FULLEST))


def _gloss(lab: np.ndarray, dominant: Dominant) -> np.ndarray:
    """What of a pixel's chroma is left where light is mirrored: 1 on matt paint, less where it is paler than that."""
    if dominant.is_grey:
        return np.ones(len(lab), dtype=np.float32)
    chroma = np.hypot(lab[:, 1], lab[:, 2]) / dominant.chroma
    return np.where(lab[:, 0] > dominant.lightness, chroma.clip(0, 1), 1.0)


def lightness_curve(
    start: float, goal: float, top: float = 0.0, brightest: float = BRIGHTEST
) -> Callable[[np.ndarray], np.ndarray]:
    """A rising curve on [0, 1] that takes one lightness to another, nowhere steeper than STEEPEST by more than a half.

    Black and white stay what they are as far as that allows: to make a black thing light its blacks are lifted, to make
    a light thing dark its whites are lowered.

    Args:
        top: lightness of the thing's lit parts: where it is made lighter, its texture up to there is kept.
        brightest: lightness that they become at most.
    """
    from scipy.interpolate import PchipInterpolator

    start = float(np.clip(start, 0.02, 0.98))
    # what is painted dark mirrors less light as well
    upwards = (1 + goal / start) / 2 if goal < start else STEEPEST
    black, white = max(0.0, goal - STEEPEST * start), min(1.0, goal + upwards * (1 - start))
    knots = {0.0: black, start: goal, 1.0: white}
    if goal > start and start + 0.03 < top < 0.95:
        even = goal + (white - goal) * (top - start) / (1 - start)
        knots[top] = max(even, min(brightest, goal + TEXTURE * (top - start)))
    places = sorted(knots)
    curve = PchipInterpolator(places, [knots[place] for place in places])
    return lambda lightness: curve(np.clip(lightness, 0, 1)).astype(np.float32)


def _shares(part: np.ndarray, here: np.ndarray, dominant: Dominant, on_step: OnStep | None) -> np.ndarray:
    """float32 [h, w], in [0, 1]: how much each pixel inside carries the dominant colour."""
    height, width = here.shape
    result = np.zeros(here.shape, dtype=np.float32)
    margin = 2 * MIXED + 6
    step, total = max(1, BLOCK // width), int(here.sum())
    for top in range(0, height, step):
        if on_step is not None:
            on_step(top * total // height, 2 * total)
        band = slice(max(0, top - margin), min(height, top + step + margin))
        lab, inside = _lab(part[band]), here[band]
        smooth = _smoothed(lab, inside)
        share = belonging(smooth.reshape(-1, 3), dominant).reshape(inside.shape)
        if dominant.is_grey:
            # beside an edge the average is of both sides: there a pixel is asked for itself
            beside = np.asarray(ndimage.maximum_filter(share > 0.9, 2 * MIXED + 3), dtype=bool) & (share < 0.9)
            share[beside] = np.maximum(share[beside], belonging(lab[beside], dominant))
            share = np.maximum(share, _mixture(share, lab[..., 0], inside))
        result[top : top + step] = share[top - band.start :][:step]
    return result


def _smoothed(lab: np.ndarray, here: np.ndarray) -> np.ndarray:
    """OKLab float32 [h, w, 3], averaged over a few pixels inside alone."""
    result = np.empty_like(lab)
    weight = ndimage.gaussian_filter(here.astype(np.float32), SMOOTHING)
    for channel in range(3):
        plane = ndimage.gaussian_filter(lab[..., channel] * here, SMOOTHING)
        result[..., channel] = plane / np.maximum(weight, 1e-3)
    return result


def _mixture(share: np.ndarray, lightness: np.ndarray, here: np.ndarray) -> np.ndarray:
    """float32 [h, w]: the shares as a straight line of lightness in each small neighbourhood (a guided filter).

    Between black fur and a white whisker lie pixels of every grey that are partly both: left as they are they would be
    a dark rim around what is painted.
    """

    def mean(plane: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(plane * here, 2 * MIXED + 1, mode="constant") / weight

    weight = np.maximum(ndimage.uniform_filter(here.astype(np.float32), 2 * MIXED + 1, mode="constant"), 1e-3)
    light, part = mean(lightness), mean(share)
    slope = (mean(lightness * share) - light * part) / (np.maximum(mean(lightness**2) - light**2, 0) + 1e-3)
    mixed = mean(slope) * lightness + mean(part - slope * light)
    return np.where(mixed > LEAST_MIXED, mixed, 0).clip(0, 1).astype(np.float32)


def _rise(values: np.ndarray, start: float, end: float) -> np.ndarray:
    """0 up to `start`, 1 from `end` on, smooth between them."""
    share = ((values - start) / (end - start)).clip(0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _lab(rgb: np.ndarray) -> np.ndarray:
    return oklab(as_floats(rgb))
