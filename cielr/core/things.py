"""The pixels of a scene's things: with what belongs to them, without what stands before them, near each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .geometry import Box, Mask
from .geometry.relations import inside, on, touch_reach
from .scene import Scene, SceneObject

CONTEXT = 0.5
"""What the painter sees around a region, as a share of the region's longer side; less, and it cannot match."""
CONTEXT_LEAST = 64
"""Pixels: enough texture for an exemplar fill, and eight latent cells for a diffusion model."""
GROW_LEAST, GROW_MOST = 2, 48
"""Pixels. Edges are never sharper than two pixels; past 48 a large thing would eat its neighbours."""
GAP = 0.05
"""A gap in a mask of at most this share of its pixels is the segmenter's doing; a larger one is seen through."""
FEATHER = 0.04
"""The feather's width, inside the region, as a share of its size; a seam is then as soft as the thing is large."""
FEATHER_MOST = 16
"""Pixels."""


def mask_of(scene: Scene, names: Iterable[str]) -> Mask:
    """The named things' pixels, together."""
    things = {thing.id: thing for thing in scene.objects}
    masks = [things[name].mask if name in things else scene[name].mask for name in names]
    return Mask.union(masks, scene.height, scene.width)


def family_of(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    """The named things with their parts and effects, and those of these."""
    belongings: dict[str, list[str]] = {}
    for thing in scene.objects:
        for owner in {thing.part_of, thing.effect_of} - {None}:
            belongings.setdefault(str(owner), []).append(thing.id)
    family = dict.fromkeys(names)
    waiting = list(family)
    for name in waiting:
        new = [belonging for belonging in belongings.get(name, ()) if belonging not in family]
        family.update(dict.fromkeys(new))
        waiting += new
    return tuple(family)


def mask_of_others(scene: Scene, names: Iterable[str], within: Box | None = None) -> Mask:
    """The pixels of all things but the named ones; with a box at least those inside it."""
    left_out = set(names)
    masks = [thing.mask for thing in scene.objects if thing.id not in left_out]
    near = masks if within is None else [mask for mask in masks if mask.box.meets(within)]
    return Mask.union(near, scene.height, scene.width)


def mask_to_avoid(scene: Scene, names: Sequence[str], within: Box | None = None) -> Mask:
    """What a fill of the named things' place must not copy from: all other things but the ground.

    Args:
        names: with what belongs to them; within: where the result is wanted, at least; None is everywhere.
    """
    return mask_of_others(scene, {*names, *ground_of(scene, names)}, within)


def ground_of(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    """The other things that surround or carry one of the named ones: what is seen where that is gone.

    A saucer is the ground of a spoon, a table of a cup, a bus of who stands before it; but nothing is that stands in
    front of them or belongs to them.
    """
    things = [scene[name] for name in names if not scene[name].mask.is_empty]
    left_out = {*family_of(scene, names), *_in_front(scene, names)}
    reach = touch_reach(scene.width, scene.height)
    return tuple(
        other.id
        for other in scene.objects
        if other.id not in left_out
        and any(thing.box.grow(reach).meets(other.box) and _is_ground(other, thing) for thing in things)
    )


def _is_ground(other: SceneObject, thing: SceneObject) -> bool:
    wider = other.box.x0 <= thing.box.x0 and other.box.x1 >= thing.box.x1
    return inside(thing, other) or (wider and on(thing, other))


def mask_in_front(scene: Scene, names: Sequence[str]) -> Mask:
    """Of the things that share pixels with the named ones, those that stand before them: nearer, or else smaller."""
    return mask_of(scene, _in_front(scene, names))


def _in_front(scene: Scene, names: Sequence[str]) -> list[str]:
    family = set(family_of(scene, names))
    targets = [scene[name] for name in names]
    front = []
    for thing in scene.objects:
        if thing.id in family:
            continue
        owners = [target for target in targets if target.mask.overlaps(thing.mask)]
        if owners and all(_before(thing, owner) for owner in owners):
            front.append(thing.id)
    return front


def _before(thing: SceneObject, other: SceneObject) -> bool:
    if thing.depth is not None and other.depth is not None and thing.depth != other.depth:
        return thing.depth < other.depth
    return thing.mask.area < other.mask.area


def free_mask(
    scene: Scene, keep: Sequence[str], names: Sequence[str], grow: float, instead: Mask | None = None
) -> Mask:
    """The things' mask (or another in its place), grown, off what stands in front and what is kept.

    Gaps that are small beside the thing are closed: a segmenter leaves them in highlights. What is seen through a ring
    or a chair's back stays. The rim that the mask grows by never eats another thing, but for the ground.
    """
    parts = [scene[name].mask for name in names]
    own = Mask.union(parts, scene.height, scene.width)
    if own.is_empty:
        return own
    closed = [part.fill_holes(most=GAP * part.area) for part in parts]
    core = Mask.union(closed if instead is None else [*closed, instead], scene.height, scene.width)
    size = float(np.sqrt(max(part.area for part in parts)))
    # the feather lies in the rim, not on the thing
    reach = min(max(round((grow + FEATHER) * size), GROW_LEAST), GROW_MOST)
    grown = core.grow(reach)
    others = mask_of_others(scene, {*names, *ground_of(scene, names)}, within=grown.box)
    return (own | (grown - others)) - mask_in_front(scene, names) - mask_of(scene, keep)


def hull_of(scene: Scene, names: Sequence[str]) -> Mask:
    """The convex hulls of the named things, each of its own."""
    from skimage.morphology import convex_hull_image

    hulls = []
    for name in names:
        mask = scene[name].mask
        hull = convex_hull_image(mask.to_array(mask.box))
        hulls.append(Mask.from_crop(hull, mask.box, scene.height, scene.width))
    return Mask.union(hulls, scene.height, scene.width)


def feather_width(mask: Mask) -> int:
    """Pixels over which a change of that mask fades in."""
    return min(round(FEATHER * float(np.sqrt(mask.area))), FEATHER_MOST)


def with_context(box: Box, factor: float = 1.0) -> Box:
    """The box with what a painter sees around it, `factor` times as much as usual; it may leave the image."""
    return box.grow(round(factor * _context(box)))


def _context(box: Box) -> int:
    return max(CONTEXT_LEAST, round(CONTEXT * max(box.width, box.height)))


def clusters(scene: Scene, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The targets in groups whose crops would overlap: what lies far apart is edited apart, at its own resolution."""
    groups: list[tuple[Box, tuple[str, ...]]] = []
    for name in names:
        box = scene[name].mask.box
        merged, members = box.grow(_context(box) // 2), (name,)
        # what two groups span together may reach a third that neither reaches alone
        while near := next((group for group in groups if group[0].meets(merged)), None):
            groups.remove(near)
            merged, members = merged.union(near[0]), near[1] + members
        groups.append((merged, members))
    return [members for _, members in groups]
