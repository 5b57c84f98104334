"""Where an action takes things, and the scene as it leaves it."""

from __future__ import annotations

import numpy as np

from ..actions.placement import place_box, placed_mask
from ..actions.plan import Action, Add, Move, Remove, Replace, Resize
from ..core.geometry import Box, Mask
from ..core.scene import Scene, SceneObject, SceneUpdate, new_id
from ..core.things import family_of, mask_of

ADD_SIZE = {"tiny": 0.1, "small": 0.25, "medium": 0.5, "large": 1.0}
"""The side of something added, relative to its anchor; without an anchor relative to half the image."""
PERSPECTIVE = 0.7
"""What is put behind its anchor is smaller by this factor, in front larger by its inverse."""


def scene_after(scene: Scene, action: Action) -> Scene:
    """The scene as an action leaves it, as far as geometry can tell.

    Raises:
        SceneError: where the action names what the scene does not hold.
    """
    if isinstance(action, Remove):
        return scene.without(family_of(scene, action.targets))
    if isinstance(action, (Move, Resize)):
        changed = []
        for group, scale, dx, dy in journeys(scene, action):
            for name in group:
                thing = scene[name]
                mask = placed_mask(thing.mask, scale, dx, dy)
                changed.append(thing.model_copy(update={"mask": mask, "box": mask.box}))
        return scene.apply(SceneUpdate(changed=tuple(changed)))
    if isinstance(action, Replace):
        things = [scene[name] for name in action.targets]
        left = scene.without(family_of(scene, action.targets))
        for thing in things:
            name = new_id(action.with_, left.used_ids)
            new = SceneObject(id=name, label=action.with_, box=thing.box, mask=thing.mask, depth=thing.depth)
            left = left.apply(SceneUpdate(added=(new,)))
        return left
    if isinstance(action, Add):
        box = add_box(action, scene).clip(scene.width, scene.height)
        name = new_id(action.what, scene.used_ids)
        mask = Mask.from_box(box, scene.height, scene.width)
        return scene.apply(SceneUpdate(added=(SceneObject(id=name, label=action.what, box=box, mask=mask),)))
    return scene


def journeys(scene: Scene, action: Move | Resize) -> list[tuple[tuple[str, ...], float, int, int]]:
    """(ids with parts and effects, scale, dx, dy): moved things travel together, resized ones stay where each is."""
    if isinstance(action, Resize):
        return [(family_of(scene, (name,)), action.scale, 0, 0) for name in action.targets]
    group = family_of(scene, action.targets)
    box = mask_of(scene, action.targets).box
    goal = place_box((box.width, box.height), action.to, scene, start=box)
    return [(group, 1.0, goal.x0 - box.x0, goal.y0 - box.y0)]


def add_box(action: Add, scene: Scene) -> Box:
    """Where something new is drawn: its side from the size word, the anchor and, behind or in front, from distance."""
    anchors = [scene[name].box for name in action.where.anchors]
    side = float(np.mean([np.sqrt(box.area) for box in anchors])) if anchors else min(scene.width, scene.height) / 2
    side *= ADD_SIZE[action.size or "medium"]
    side *= {"behind": PERSPECTIVE, "in_front_of": 1 / PERSPECTIVE}.get(action.where.relation, 1.0)
    size = (min(max(8, round(side)), scene.width), min(max(8, round(side)), scene.height))
    centre = Box(0, 0, scene.width, scene.height)
    return place_box(size, action.where, scene, start=Box(*(round(v) for v in (*centre.center, *centre.center))))
