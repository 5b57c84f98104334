"""Which pixels each action may change, and what the painter is told. One recipe a kind."""

from __future__ import annotations

from collections.abc import Sequence

from ..actions.placement import placed_mask
from ..actions.plan import Action, Add, Background, Modify, Move, Plan, Remove, Replace, Resize
from ..core.geometry import Box, Mask
from ..core.scene import Scene
from ..core.things import clusters, family_of, feather_width, free_mask, mask_in_front, mask_of, mask_of_others
from ..errors import EditError
from .after import add_box, journeys, scene_after
from .region import Region, crop_around, with_support

GROW_REMOVE = 0.06
"""A removed thing's mask grows by this share of its size (root of its area): too tight, and a coloured rim stays."""
GROW_REPLACE = 0.08
"""A new thing needs room for an outline of its own."""
GROW_PASTE = 0.03
"""The hole that a moved thing leaves: its blurred edge goes with the ground."""
STRENGTH = {"modify": 0.75, "global": 0.6}
"""Denoise strength: what is modified keeps its structure, all other kinds are drawn anew (1.0)."""
EMPTY = "empty ground, the same surroundings go on"
"""What is asked for where a thing was."""


def regions(plan: Plan, scene: Scene, only: Mask | None = None, never: Mask | None = None) -> list[Region]:
    """The regions of a plan, in the order in which they are to be carried out.

    `only` and `never` are painted by hand: nothing outside `only` and nothing inside `never` changes. A region of which
    nothing is left is left out.

    Raises:
        PlanError: where the plan does not fit the scene.
        EditError: where an action has nowhere to go.
    """
    plan.check(scene)
    found: list[Region] = []
    for index, action in enumerate(plan.actions):
        part = 0
        for region in _recipe(action, scene, index):
            support = region.support
            support = support & only if only is not None else support
            support = support - never if never is not None else support
            if support.is_empty:
                continue
            found.append(with_support(region, support).model_copy(update={"part": part}))
            part += 1
        scene = scene_after(scene, action)
    return found


def _recipe(action: Action, scene: Scene, index: int) -> list[Region]:
    if isinstance(action, Remove):
        return [_removal(action, scene, index, group) for group in clusters(scene, action.targets)]
    if isinstance(action, Replace):
        return [_replacement(action, scene, index, name) for name in action.targets]
    if isinstance(action, Modify):
        return [_modification(action, scene, index, group) for group in clusters(scene, action.targets)]
    if isinstance(action, (Move, Resize)):
        return _pastes(action, scene, index)
    if isinstance(action, Add):
        return [_addition(action, scene, index)]
    if isinstance(action, Background):
        things = mask_of(scene, scene.ids)
        return [_region(action, scene, index, ~things, prompt=action.to, feather=feather_width(things))]
    kept = mask_of(scene, action.keep)
    return [_region(action, scene, index, ~kept, prompt=action.style, feather=feather_width(kept))]


def _removal(action: Remove, scene: Scene, index: int, names: Sequence[str]) -> Region:
    family = family_of(scene, names)
    support = free_mask(scene, action.keep, family, GROW_REMOVE)
    labels = ", ".join(dict.fromkeys(scene[name].label for name in names))
    return _region(
        action,
        scene,
        index,
        support,
        prompt=EMPTY,
        negative=labels,
        feather=feather_width(support),
        avoid=mask_of_others(scene, family),
        core=mask_of(scene, family),
    )


def _replacement(action: Replace, scene: Scene, index: int, name: str) -> Region:
    from skimage.morphology import convex_hull_image

    family = family_of(scene, (name,))
    # the new thing has another outline: it gets the hull of the old one
    mask = scene[name].mask
    hull = Mask.from_crop(convex_hull_image(mask.to_array(mask.box)), mask.box, scene.height, scene.width)
    support = free_mask(scene, action.keep, family, GROW_REPLACE, instead=hull)
    return _region(
        action,
        scene,
        index,
        support,
        prompt=action.with_,
        negative=scene[name].label,
        feather=feather_width(support),
        core=mask_of(scene, family),
    )


def _modification(action: Modify, scene: Scene, index: int, names: Sequence[str]) -> Region:
    mask = mask_of(scene, names) - mask_in_front(scene, names) - mask_of(scene, action.keep)
    labels = ", ".join(dict.fromkeys(scene[name].label for name in names))
    return _region(action, scene, index, mask, prompt=f"{labels}, {action.change}", feather=min(2, feather_width(mask)))


def _pastes(action: Move | Resize, scene: Scene, index: int) -> list[Region]:
    found = []
    for group, scale, dx, dy in journeys(scene, action):
        source = mask_of(scene, group)
        goal = placed_mask(source, scale, dx, dy)
        if goal.is_empty:
            raise EditError(f"Action {index + 1} ({action.kind}) would take {', '.join(group)} out of the picture.")
        hole = free_mask(scene, action.keep, group, GROW_PASTE)
        behind = isinstance(action, Move) and action.to.relation == "behind"
        if behind:
            goal = goal - mask_of(scene, action.anchors)
        support = (hole | goal) - mask_of(scene, action.keep)
        labels = ", ".join(scene[name].label for name in group)
        region = _region(
            action,
            scene,
            index,
            support,
            prompt=EMPTY,
            negative=labels,
            # the hole's and the thing's edges are softened when they are painted, each by its own mask
            feather=0,
            avoid=mask_of_others(scene, group),
        )
        found.append(
            region.model_copy(update={"source": source, "hole": hole, "dx": dx, "dy": dy, "scale": float(scale)})
        )
    return found


def _addition(action: Add, scene: Scene, index: int) -> Region:
    box = add_box(action, scene).clip(scene.width, scene.height)
    support = Mask.from_box(box, scene.height, scene.width) - mask_of(scene, action.keep)
    if action.where.relation == "behind":
        support = support - mask_of(scene, action.anchors)
    if support.is_empty:
        raise EditError(f"Action {index + 1} (add) has no room for '{action.what}' there.")
    return _region(action, scene, index, support, prompt=action.what, feather=feather_width(support))


def _region(
    action: Action,
    scene: Scene,
    index: int,
    support: Mask,
    prompt: str,
    negative: str = "",
    feather: int = 0,
    avoid: Mask | None = None,
    core: Mask | None = None,
) -> Region:
    region = Region(
        index=index,
        action=action,
        support=support,
        feather=feather,
        core=core,
        crop=Box(0, 0, scene.width, scene.height),
        strength=STRENGTH.get(action.kind, 1.0),
        prompt=action.prompt or prompt,
        negative_prompt=action.negative_prompt or negative,
    )
    crop = crop_around(support, region)
    near = avoid & Mask.from_box(crop, scene.height, scene.width) if avoid is not None else None
    return region.model_copy(update={"crop": crop, "avoid": near if near is not None and not near.is_empty else None})
