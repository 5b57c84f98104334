"""What a thing causes in a picture: its shadow, its reflection, what it holds or wears.

A detector is asked by name ("shadow of the cup"); where it finds nothing, or there is none, shadow and reflection are
looked for beside the thing by light and colour. A shadow keeps the ground's colour and takes its light; a reflection is
the thing upside down at its foot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..core.arrays import reduced
from ..core.geometry import Box, Mask
from ..core.geometry.relations import touching
from ..core.scene import Scene, SceneObject
from .instances import Instance
from .labels import CARRIED, EFFECTS, LIVING
from .protocols import Detection

Find = Callable[[Sequence[str], Box], list[Instance]]
"""(labels, frame of the image) -> what of them is to be seen in it."""

NO_EFFECT = "No shadow or reflection of it is to be told from the ground."
SIDE = 256
"""Pixels a side of the copy in which light and colour are compared."""
DARKER = 0.12
"""Share of the ground's lightness that a shadow takes at least."""
HUE = 12.0
"""Distance in CIELAB's a, b within which a shadow keeps the ground's colour."""
FAINT = 0.04
"""Share of the lightness that the shadow's fading rim takes at least, as far as it hangs together."""
LARGEST = 2.5
"""Times the thing's own area that its shadow covers at most."""
CALM, EVEN = 0.8, 0.2
"""Share of the ground around a thing that is of one colour, as light as it on average give or take a share of that:
among patches of all kinds a dark one may be anything."""
LEAST_LIT = 0.3
"""Share of the ground that stands for how it is lit, whatever is darker."""
RING = 3, 8
"""Pixels from a shadow between which the ground is looked at for whether the shadow ends."""
DEEP = 0.55
"""Share of the ground's lightness below which only what fades into the ground is a shadow; a twig does not."""
DARKEST = 0.25
"""Share of the ground's lightness that a shadow leaves at least; what is darker is a dark thing."""
SHADED = 0.7
"""Share of a patch that lies in a shadow from which it is that shadow, taken for a thing."""
SOFT = 0.6
"""Of a patch's rim towards the ground, against its whole fall: as steep as that in one step, and it is no shadow."""
ALIKE = 0.6
"""Correlation with the thing turned upside down from which what lies at its foot is its reflection."""


def effects_of(
    image: np.ndarray, scene: Scene, thing: SceneObject, find: Find | None = None
) -> tuple[list[Instance], list[str]]:
    """New things that the object causes, each apart from the object, and sentences on what the scene has already.

    Args:
        image: uint8 or float32 [H, W, 3]; find: asks a detector, None where there is none.
    """
    others = [other.mask for other in scene.objects if other.id != thing.id and other.effect_of != thing.id]
    known = [other for other in scene.objects if other.effect_of == thing.id]
    sentences = [f"{other.id} is its {other.label}." for other in known]
    named = _by_name(find, scene, thing) if find is not None else []
    effects: list[Instance] = []
    for kind, look_for in (("shadow", shadow_mask), ("reflection", reflection_mask)):
        if any(kind in other.label.lower() for other in known):
            continue
        asked = [(detection, mask) for detection, mask in named if detection.label == kind]
        if not asked:
            mask = look_for(image, thing.mask, others)
            asked = [] if mask is None else [(Detection(kind, 0.5, mask.box), mask)]
        # of several shadows that a detector names one is this thing's: the one that it is surest of
        effects += asked[:1]
    effects += [(detection, mask) for detection, mask in named if detection.label not in EFFECTS]
    sentences += [
        f"{other.id} touches it."
        for other in scene.objects
        if other.id != thing.id and other not in known and _is_living(thing) and touching(thing, other)
    ]
    return effects, sentences


def shadow_taken_for_a_thing(
    image: np.ndarray, scene: Scene, thing: SceneObject, patches: Sequence[SceneObject]
) -> tuple[list[str], Mask | None]:
    """(ids of the patches that are the thing's shadow, which eyes that know no names took for things, the shadow).

    Args:
        patches: objects of the scene that nobody named.
    """
    near = thing.mask.grow(3)
    beside = [
        patch
        for patch in patches
        if patch.id != thing.id and patch.effect_of is None and patch.part_of is None and near.overlaps(patch.mask)
    ]
    if not beside:
        return [], None
    names = {thing.id, *(patch.id for patch in beside)}
    others = [other.mask for other in scene.objects if other.id not in names and other.effect_of != thing.id]
    shadow = shadow_mask(image, thing.mask, others)
    if shadow is None:
        return [], None
    mistaken = [
        patch
        for patch in beside
        if patch.mask.shared(shadow) >= SHADED * patch.mask.area and _fades(image, patch.mask, thing.mask)
    ]
    for patch in beside:
        shadow = shadow | patch.mask if patch in mistaken else shadow - patch.mask
    return [patch.id for patch in mistaken], shadow - thing.mask


def _fades(image: np.ndarray, patch: Mask, thing: Mask) -> bool:
    """Whether a patch at full size fades into the ground."""
    from skimage.color import rgb2lab

    frame = patch.box.grow(12).clip(patch.width, patch.height)
    reach = max(1, -(-max(frame.width, frame.height) // SIDE))
    light = rgb2lab(reduced(image[frame.slices], reach))[..., 0]
    return _has_soft_rim(light, _covered(patch, frame, reach), _covered(thing, frame, reach))


def _has_soft_rim(light: np.ndarray, inside: np.ndarray, own: np.ndarray) -> bool:
    """Whether a dark patch fades into the ground, as the shadow of a lamp or of the sky does and no thing.

    Args:
        light: CIELAB's L [h, w]; inside, own: bool [h, w] of the patch and of what may cast it.
    """
    from scipy import ndimage

    away = np.asarray(ndimage.distance_transform_edt(~own)) > 4
    # what a patch's colour is well inside it, and the ground's well outside
    depth = np.asarray(ndimage.distance_transform_edt(inside))
    beyond = np.asarray(ndimage.distance_transform_edt(~inside))
    core, ground = inside & (depth >= 0.5 * depth.max()), (beyond > 6) & away
    rim = (depth <= 5) & (beyond <= 5) & away
    if not ground.any() or not rim.any():
        return False
    fall = float(np.median(light[ground]) - np.median(light[core]))
    steep = ndimage.gaussian_gradient_magnitude(light, 0.7)
    # along the rim the steepest step counts, wherever the outline was drawn
    crest = ndimage.maximum_filter(steep, 7)[rim & (np.abs(depth - beyond) <= 1)]
    return fall > 0 and crest.size > 0 and float(np.median(crest)) < SOFT * 0.4 * fall


def _is_living(thing: SceneObject) -> bool:
    return bool(set(thing.label.lower().split()) & LIVING)


def _by_name(find: Find, scene: Scene, thing: SceneObject) -> list[Instance]:
    """What a detector finds around the object under the names of effects, under the plain name of each."""
    names = {f"shadow of the {thing.label}": "shadow", f"reflection of the {thing.label}": "reflection"}
    if _is_living(thing):
        names |= {label: label for label in CARRIED}
    frame = _surroundings(thing.mask)
    effects = []
    for detection, mask in find(list(names), frame):
        carried = detection.label in CARRIED
        if any(mask.iou(other.mask) > 0.5 for other in scene.objects):
            # asked for a shadow, detectors like to answer with the thing itself, or with its neighbour
            continue
        apart = mask if carried else mask - thing.mask
        if apart.area > 0.2 * mask.area:
            effects.append((replace(detection, label=names[detection.label], box=apart.box, alternatives=()), apart))
    return sorted(effects, key=lambda pair: -pair[0].score)


def _surroundings(mask: Mask) -> Box:
    return mask.box.grow(max(8, max(mask.box.width, mask.box.height))).clip(mask.width, mask.height)


# ---------------------------------------------------------------------------------------------------------- shadow


def shadow_mask(image: np.ndarray, thing: Mask, others: Sequence[Mask]) -> Mask | None:
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
        if other.box.meets(frame):
            taken |= _covered(other, frame, reach)
    ground = np.asarray(ndimage.binary_dilation(taken, iterations=2)) == 0
    if ground.sum() < 64:
        return None
    smooth = ndimage.gaussian_filter(lab, (1.0, 1.0, 0))
    light = smooth[..., 0]
    lit, spread = _light_of_the_ground(light, ground)
    fall = lit - light
    like_the_ground = _hue_from_the_ground(smooth, lit, ground) < HUE
    dark = (fall > np.maximum(_deep_enough(lit), 4 * spread)) & like_the_ground & ~taken & (light >= DARKEST * lit)
    dark = np.asarray(ndimage.binary_opening(dark, np.ones((3, 3)))) & ~taken
    shadow = _parts_at_its_foot(dark, own)
    rest = ground & ~np.asarray(ndimage.binary_dilation(shadow, iterations=4), dtype=bool)
    calm = (np.abs(fall) < np.maximum(EVEN * lit, 4 * spread)) & like_the_ground
    if not shadow.any() or (calm & rest).sum() < CALM * rest.sum():
        return None
    if np.median(light[shadow] / lit[shadow]) < DEEP and not _has_soft_rim(lab[..., 0], shadow, own):
        return None
    faint = np.maximum(np.maximum(2.0, FAINT * lit), 2 * spread)
    fading = (fall > faint) & like_the_ground & ~taken & _near(shadow, own)
    shadow = np.asarray(ndimage.binary_propagation(shadow, mask=shadow | fading))
    if not _ends_in_light(light, lit, shadow, ground):
        return None
    return _at_full_size(ndimage.binary_dilation(shadow) & ~taken, frame, reach, thing, others)


def _light_of_the_ground(light: np.ndarray, ground: np.ndarray) -> tuple[np.ndarray, float]:
    """(lightness that the ground has everywhere where nothing shades it, how far it strays from that).

    A plane through what is seen of the ground: a lamp lights the near side more, and the far side is no shadow. What is
    well below the plane is left out until nothing more is, so that shadows do not pull it down.

    Args:
        light: CIELAB's L [h, w]; ground: bool [h, w], where it is seen.
    """
    rows, columns = np.indices(light.shape) / max(light.shape) - 0.5
    terms = np.stack([np.ones_like(light), rows, columns], axis=-1)
    seen, values = terms[ground], light[ground]
    kept = np.ones(len(values), dtype=bool)
    plane, spread = np.zeros(3), 0.0
    for _ in range(8):
        plane = np.linalg.lstsq(seen[kept], values[kept], rcond=None)[0]
        off = values - seen @ plane
        spread = 1.4826 * float(np.median(np.abs(off[kept] - np.median(off[kept]))))
        above = off > -1.5 * (spread + 0.5)
        if above.sum() < LEAST_LIT * len(values) or (above == kept).all():
            break
        kept = above
    return np.maximum(terms @ plane, 1.0), spread


def _hue_from_the_ground(lab: np.ndarray, lit: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """float [h, w]: how far in CIELAB's a, b each pixel is from the lit ground's colour, or from that colour faded.

    Less light leaves less chroma: the colour is compared with the ground's own and with the faded one.
    """
    own = np.median(lab[ground & (lab[..., 0] >= np.median(lab[ground][:, 0]))][:, 1:], axis=0)
    share = np.clip(lab[..., 0] / lit, 0, 1)[..., None]
    chroma = lab[..., 1:]
    return np.minimum(np.linalg.norm(chroma - own, axis=-1), np.linalg.norm(chroma - own * share, axis=-1))


def _deep_enough(lit: np.ndarray) -> np.ndarray:
    """The fall of lightness [h, w] from which dark ground may be a shadow."""
    return np.maximum(4.0, DARKER * lit)


def _parts_at_its_foot(dark: np.ndarray, own: np.ndarray) -> np.ndarray:
    """bool [h, w]: the stretches of dark ground that touch a thing's lower half and have a shadow's size."""
    from scipy import ndimage

    # what stands in a shadow's way to its thing is its upper half: things stand on their shadows
    near = np.asarray(ndimage.binary_dilation(own, iterations=3))
    near[: int(np.median(np.nonzero(own)[0]))] = False
    least, most = max(12.0, 0.02 * own.sum()), LARGEST * own.sum()
    border = 2 * (dark.shape[0] + dark.shape[1])
    shadow = np.zeros(dark.shape, dtype=bool)
    labels, count = ndimage.label(dark, structure=np.ones((3, 3)))  # pyright: ignore[reportGeneralTypeIssues]
    for number in range(1, count + 1):
        part = labels == number
        edge = part[0].sum() + part[-1].sum() + part[:, 0].sum() + part[:, -1].sum()
        # what reaches far along the frame is dark ground or a dark wall, not this thing's doing
        if least <= part.sum() <= most and (part & near).any() and edge <= 0.1 * border:
            shadow |= part
    return shadow


def _ends_in_light(light: np.ndarray, lit: np.ndarray, shadow: np.ndarray, ground: np.ndarray) -> bool:
    """Whether nearly all the ground around a shadow is lighter than it: dark ground goes on, a shadow ends.

    Args:
        light, lit: CIELAB's L [h, w], as it is and as unshaded ground has it; shadow, ground: bool [h, w].
    """
    from scipy import ndimage

    inner, outer = (np.asarray(ndimage.binary_dilation(shadow, iterations=reach)) for reach in RING)
    around = outer & (inner == 0) & ground
    if around.sum() < 12:
        return True
    rise = float(np.quantile(light[around], 0.2) - np.median(light[shadow]))
    return rise >= 0.5 * float(np.median(_deep_enough(lit)))


# ------------------------------------------------------------------------------------------------------ reflection


def reflection_mask(image: np.ndarray, thing: Mask, others: Sequence[Mask]) -> Mask | None:
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


def _near(shadow: np.ndarray, own: np.ndarray) -> np.ndarray:
    """bool [h, w]: as far from a shadow as a penumbra reaches; uneven light beyond it is no part of it."""
    from scipy import ndimage

    reach = 0.25 * float(np.sqrt(max(shadow.sum(), own.sum())))
    return np.asarray(ndimage.distance_transform_edt(~shadow)) <= reach


def _covered(mask: Mask, frame: Box, reach: int) -> np.ndarray:
    """bool [ceil(h / reach), ceil(w / reach)]: the blocks of a frame of which a mask covers a part."""
    part = mask.to_array(frame)
    rows, columns = np.arange(0, frame.height, reach), np.arange(0, frame.width, reach)
    return np.logical_or.reduceat(np.logical_or.reduceat(part, rows, axis=0), columns, axis=1)


def _at_full_size(small: np.ndarray, frame: Box, reach: int, thing: Mask, others: Sequence[Mask]) -> Mask:
    full = np.repeat(np.repeat(small, reach, axis=0), reach, axis=1)[: frame.height, : frame.width]
    mask = Mask.from_crop(full, frame, thing.height, thing.width)
    return mask - Mask.union((thing, *others), thing.height, thing.width)
