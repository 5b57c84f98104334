"""The pixels of a scene's things: with what belongs to them, without what stands before them, near each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .geometry import Box, Mask
from .scene import Scene, SceneObject

CONTEXT = 0.5
"""What the painter sees around a region, as a share of the region's longer side; less, and it cannot match."""
CONTEXT_LEAST = 64
"""Pixels: enough texture for an exemplar fill, and eight latent cells for a diffusion model."""
GROW_LEAST, GROW_MOST = 2, 48
"""Pixels. Edges are never sharper than two pixels; past 48 a large thing would eat its neighbours."""
FEATHER = 0.04
"""The feather's width, inside the region, as a share of its size; a seam is then as soft as the thing is large."""
FEATHER_MOST = 16
"""Pixels."""


def mask_of(scene: Scene, names: Sequence[str]) -> Mask:
    """The named things' pixels, together."""
    mask = Mask.empty(scene.height, scene.width)
    for name in names:
        mask = mask | scene[name].mask
    return mask


def family_of(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    """The named things with their parts and effects, and those of these."""
    found = list(dict.fromkeys(names))
    for name in found:
        found += [
            thing.id for thing in scene.objects if name in (thing.part_of, thing.effect_of) and thing.id not in found
        ]
    return tuple(found)


def mask_of_others(scene: Scene, names: Sequence[str]) -> Mask:
    """The pixels of all things but the named ones."""
    return mask_of(scene, [thing.id for thing in scene.objects if thing.id not in names])


def mask_in_front(scene: Scene, names: Sequence[str]) -> Mask:
    """Of the things that share pixels with the named ones, those that stand before them: nearer, or else smaller."""
    targets = mask_of(scene, names)
    family = family_of(scene, names)
    front = []
    for thing in scene.objects:
        if thing.id in family or not thing.mask.overlaps(targets):
            continue
        owners = [scene[name] for name in names if scene[name].mask.overlaps(thing.mask)]
        if all(_before(thing, owner) for owner in owners):
            front.append(thing.id)
    return mask_of(scene, front)


def _before(thing: SceneObject, other: SceneObject) -> bool:
    if thing.depth is not None and other.depth is not None and thing.depth != other.depth:
        return thing.depth < other.depth
    return thing.mask.area < other.mask.area


def free_mask(
    scene: Scene, keep: Sequence[str], names: Sequence[str], grow: float, instead: Mask | None = None
) -> Mask:
    """The things' mask (or another in its place), grown and without holes, off what stands in front and what is kept.

    The rim that it grows by never eats another thing.
    """
    own = mask_of(scene, names)
    core = (own if instead is None else own | instead).fill_holes()
    size = float(np.sqrt(max(part.area for part in [scene[name].mask for name in names])))
    # the feather lies in the rim, not on the thing
    reach = min(max(round((grow + FEATHER) * size), GROW_LEAST), GROW_MOST)
    rim = core.grow(reach) - own - mask_of_others(scene, names)
    return ((own | rim) - mask_in_front(scene, names) - mask_of(scene, keep)) if not own.is_empty else own


def feather_width(mask: Mask) -> int:
    """Pixels over which a change of that mask fades in."""
    return min(round(FEATHER * float(np.sqrt(mask.area))), FEATHER_MOST)


def clusters(scene: Scene, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The targets in groups whose crops would overlap: what lies far apart is edited apart, at its own resolution."""
    groups: list[tuple[Box, tuple[str, ...]]] = []
    for name in names:
        box = scene[name].mask.box
        merged, members = box.grow(max(CONTEXT_LEAST, round(CONTEXT * max(box.width, box.height))) // 2), (name,)
        # what two groups span together may reach a third that neither reaches alone
        while near := next((group for group in groups if not group[0].intersect(merged).is_empty), None):
            groups.remove(near)
            merged, members = merged.union(near[0]), near[1] + members
        groups.append((merged, members))
    return [members for _, members in groups]
