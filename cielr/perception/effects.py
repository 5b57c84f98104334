"""What a thing causes in a picture: its shadow, its reflection, what it holds or wears.

A detector is asked by name ("shadow of the cup"); where it finds nothing, or there is none, shadow and reflection are
looked for beside the thing by light and colour. A shadow keeps the ground's colour and takes its light; a reflection is
the thing upside down at its foot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.arrays import reduced
from ..core.geometry import Box, Mask, touching
from ..core.scene import Scene, SceneObject
from .labels import CARRIED, LIVING
from .protocols import Detection

if TYPE_CHECKING:
    from .requests import SceneEyes

SIDE = 256
"""Pixels a side of the copy in which light and colour are compared."""
DARKER = 0.12
"""Share of the ground's lightness that a shadow takes at least."""
HUE = 12.0
"""Distance in CIELAB's a, b within which a shadow keeps the ground's colour."""
ALIKE = 0.6
"""Correlation with the thing turned upside down from which what lies at its foot is its reflection."""


def effects_of(eyes: SceneEyes, scene: Scene, thing: SceneObject) -> tuple[list[tuple[Detection, Mask]], list[str]]:
    """New things that the object causes, each apart from the object, and sentences on what the scene has already."""
    others = [other.mask for other in scene.objects if other.id != thing.id and other.effect_of != thing.id]
    known = [other for other in scene.objects if other.effect_of == thing.id]
    sentences = [f"{other.id} is its {other.label}." for other in known]
    named = _by_name(eyes, scene, thing)
    found: list[tuple[Detection, Mask]] = []
    for kind, look_for in (("shadow", shadow_mask), ("reflection", reflection_mask)):
        if any(kind in other.label.lower() for other in known):
            continue
        asked = [(one, mask) for one, mask in named if one.label == kind]
        if not asked:
            mask = look_for(eyes.image, thing.mask, others)
            asked = [] if mask is None else [(Detection(kind, 0.5, mask.box), mask)]
        # of several shadows that a detector names one is this thing's: the one that it is surest of
        found += asked[:1]
    found += [(one, mask) for one, mask in named if one.label not in ("shadow", "reflection")]
    sentences += [
        f"{other.id} touches it."
        for other in scene.objects
        if other.id != thing.id and other not in known and _is_living(thing) and touching(thing, other)
    ]
    return found, sentences


def _is_living(thing: SceneObject) -> bool:
    return bool(set(thing.label.lower().split()) & LIVING)


def _by_name(eyes: SceneEyes, scene: Scene, thing: SceneObject) -> list[tuple[Detection, Mask]]:
    """What a detector finds around the object under the names of effects, under the plain name of each."""
    if eyes.parser.detector is None:
        return []
    names = {f"shadow of the {thing.label}": "shadow", f"reflection of the {thing.label}": "reflection"}
    if _is_living(thing):
        names |= {label: label for label in CARRIED}
    frame = _surroundings(thing.mask)
    found = []
    for one, mask in eyes.found(list(names), frame):
        carried = one.label in CARRIED
        if any(mask.iou(other.mask) > 0.5 for other in scene.objects if not mask.box.intersect(other.box).is_empty):
            # asked for a shadow, detectors like to answer with the thing itself, or with its neighbour
            continue
        apart = mask if carried else mask - thing.mask
        if apart.area > 0.2 * mask.area:
            found.append((Detection(names[one.label], one.score, apart.box), apart))
    return sorted(found, key=lambda pair: -pair[0].score)


def _surroundings(mask: Mask) -> Box:
    return mask.box.grow(max(8, max(mask.box.width, mask.box.height))).clip(mask.width, mask.height)


# ---------------------------------------------------------------------------------------------------------- shadow


def shadow_mask(image: np.ndarray, thing: Mask, others: list[Mask]) -> Mask | None:
    """The ground beside a thing that has lost light and not colour, or None.

    Args:
        image: uint8 or float32 [H, W, 3]; thing: of its size, not empty; others: what else is known, never shadow.
    """
    from scipy import ndimage
    from skimage.color import rgb2lab

    frame = _surroundings(thing)
    reach = max(1, -(-max(frame.width, frame.height) // SIDE))
    lab = rgb2lab(reduced(image[frame.slices], reach))
    own = _covered(thing, frame, reach)
    taken = own.copy()
    for other in others:
        if not other.box.intersect(frame).is_empty:
            taken |= _covered(other, frame, reach)
    ground = np.asarray(ndimage.binary_dilation(taken, iterations=2)) == 0
    if ground.sum() < 64:
        return None
    # the lit ground is the lighter half of what is seen of it: a shadow covers less than the ground does
    middle = np.median(lab[ground][:, 0])
    lit = np.median(lab[ground & (lab[..., 0] >= middle)], axis=0)
    spread = np.median(np.abs(lab[ground & (lab[..., 0] >= middle)][:, 0] - lit[0]))
    smooth = ndimage.gaussian_filter(lab, (1.0, 1.0, 0))
    fall = lit[0] - smooth[..., 0]
    share = np.clip(smooth[..., 0] / max(lit[0], 1.0), 0, 1)[..., None]
    # less light leaves less chroma: the colour is compared with the ground's own and with the faded one
    chroma = smooth[..., 1:]
    hue = np.minimum(np.linalg.norm(chroma - lit[1:], axis=-1), np.linalg.norm(chroma - lit[1:] * share, axis=-1))
    dark = (fall > max(4.0, DARKER * lit[0], 4 * spread)) & (hue < HUE) & ~taken
    dark = np.asarray(ndimage.binary_opening(dark, np.ones((3, 3)))) & ~taken
    labels, count = ndimage.label(dark, structure=np.ones((3, 3)))  # pyright: ignore[reportGeneralTypeIssues]
    near = np.asarray(ndimage.binary_dilation(own, iterations=3))
    least, most = max(12.0, 0.02 * own.sum()), 4.0 * own.sum()
    shadow = np.zeros_like(dark)
    border = 2 * (dark.shape[0] + dark.shape[1])
    for number in range(1, count + 1):
        part = labels == number
        edge = part[0].sum() + part[-1].sum() + part[:, 0].sum() + part[:, -1].sum()
        # what reaches far along the frame is dark ground or a dark wall, not this thing's doing
        if least <= part.sum() <= most and (part & near).any() and edge <= 0.25 * border:
            shadow |= part
    if not shadow.any():
        return None
    return _at_full_size(ndimage.binary_dilation(shadow) & ~taken, frame, reach, thing, others)


# ------------------------------------------------------------------------------------------------------ reflection


def reflection_mask(image: np.ndarray, thing: Mask, others: list[Mask]) -> Mask | None:
    """The thing upside down at its foot, or None where what lies there does not look like it."""
    from skimage.color import rgb2lab

    box = thing.box
    deep_enough = min(box.height, thing.height - box.y1)
    if deep_enough < 8 or box.width < 8:
        return None
    reach = max(1, -(-max(box.width, deep_enough) // SIDE))
    margin = max(2, box.width // 4)
    x0, x1 = max(0, box.x0 - margin), min(thing.width, box.x1 + margin)
    upper = Box(x0, box.y1 - deep_enough, x1, box.y1)
    lower = Box(x0, box.y1, x1, box.y1 + deep_enough)
    mirrored = thing.to_array(upper)[::-1]
    free = np.ones(mirrored.shape, dtype=bool)
    for other in others:
        shared = other.box.intersect(lower)
        if not shared.is_empty:
            free[shared.shift(-lower.x0, -lower.y0).slices] &= ~other.to_array(shared)
    if (mirrored & free).sum() < 0.5 * mirrored.sum():
        return None
    above = rgb2lab(reduced(np.ascontiguousarray(image[upper.slices][::-1]), reach))
    below = rgb2lab(reduced(np.ascontiguousarray(image[lower.slices]), reach))
    if _correlation(above, below) < ALIKE:
        return None
    return Mask.from_crop(mirrored & free, lower, thing.height, thing.width)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Of two Lab pictures [h, w, 3], each channel about its mean; 0 where one of them is plain."""
    a, b = a - a.mean(axis=(0, 1)), b - b.mean(axis=(0, 1))
    if a.std() < 2 or b.std() < 1:
        return 0.0
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def _covered(mask: Mask, frame: Box, reach: int) -> np.ndarray:
    """bool [ceil(h / reach), ceil(w / reach)]: the blocks of a frame of which a mask covers a part."""
    part = mask.to_array(frame)
    rows, columns = np.arange(0, frame.height, reach), np.arange(0, frame.width, reach)
    return np.logical_or.reduceat(np.logical_or.reduceat(part, rows, axis=0), columns, axis=1)


def _at_full_size(small: np.ndarray, frame: Box, reach: int, thing: Mask, others: list[Mask]) -> Mask:
    full = np.repeat(np.repeat(small, reach, axis=0), reach, axis=1)[: frame.height, : frame.width]
    mask = Mask.from_crop(full, frame, thing.height, thing.width) - thing
    for other in others:
        if not other.box.intersect(mask.box).is_empty:
            mask = mask - other
    return mask
