"""From actions to regions: which pixels each action may change, and what the painter is told. One recipe a kind.

Every region is computed against the scene as the earlier actions leave it: what was moved is at its new place, what
was removed is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from pydantic import Field, ValidationError, field_validator

from .errors import EditError, PlanError
from .geometry import Box, Mask
from .placement import place_box, placed_mask
from .plan import Action, Add, Background, Modify, Move, Plan, Remove, Replace, Resize, content
from .scene import Scene, SceneObject, SceneUpdate, new_id
from .serial import Frozen, canonical, sentences

# ---------------------------------------------------------------------------------------------------------- numbers

GROW_REMOVE = 0.06
"""A removed thing's mask grows by this share of its size (root of its area): too tight, and a coloured rim stays."""
GROW_REPLACE = 0.08
"""A new thing needs room for an outline of its own."""
GROW_PASTE = 0.03
"""The hole that a moved thing leaves: its blurred edge goes with the ground."""
GROW_LEAST, GROW_MOST = 2, 48
"""Pixels. Edges are never sharper than two pixels; past 48 a large thing would eat its neighbours."""
FEATHER = 0.04
"""The feather's width, inside the region, as a share of its size; a seam is then as soft as the thing is large."""
FEATHER_MOST = 16
"""Pixels."""
CONTEXT = 0.5
"""What the painter sees around the region, as a share of the region's longer side; less, and it cannot match."""
CONTEXT_LEAST = 64
"""Pixels: enough texture for an exemplar fill, and eight latent cells for a diffusion model."""
STRENGTH = {"modify": 0.75, "global": 0.6}
"""Denoise strength: what is modified keeps its structure, all other kinds are drawn anew (1.0)."""
ADD_SIZE = {"tiny": 0.1, "small": 0.25, "medium": 0.5, "large": 1.0}
"""The side of something added, relative to its anchor; without an anchor relative to half the image."""
PERSPECTIVE = 0.7
"""What is put behind its anchor is smaller by this factor, in front larger by its inverse."""


class Region(Frozen):
    """Where one action (or one part of it) changes the image, and how.

    Attributes:
        index: the action's position in the plan; part: which of its separate regions this is.
        action: what is to be done, without its reason.
        support: the only pixels that may change.
        feather: pixels inside the support over which the change fades in.
        core: pixels that change fully whatever the feather says, so that no rim of a removed thing stays; or None.
        crop: what the painter sees: the support's box and its context, inside the image.
        strength: denoise strength in (0, 1].
        source: for move and resize the thing's own pixels before, else None.
        hole: for move and resize what must be filled before the thing is put back, else None.
        dx, dy, scale: for move and resize: scaled about the source's box centre, then shifted by whole pixels.
        avoid: pixels that a fill must not copy from (other things), or None.
        prompt, negative_prompt: for the diffusion model.
        seed: of this region alone; equal actions have equal seeds whatever comes before them.
    """

    index: int = Field(ge=0)
    part: int = Field(default=0, ge=0)
    action: Action
    support: Mask
    feather: int = Field(default=0, ge=0)
    core: Mask | None = None
    crop: Box
    strength: float = Field(default=1.0, gt=0, le=1)
    source: Mask | None = None
    hole: Mask | None = None
    dx: int = 0
    dy: int = 0
    scale: float = 1.0
    avoid: Mask | None = None
    prompt: str = ""
    negative_prompt: str = ""
    seed: int = 0

    @field_validator("action")
    @classmethod
    def _without_reason(cls, action: Action) -> Action:
        # a reason is told to people; it must not move a cache key
        return action.model_copy(update={"reason": ""}) if action.reason else action

    def inside(self, mask: Mask | None) -> np.ndarray:
        """bool[crop.height, crop.width]: the crop of a mask; all False for None."""
        if mask is None:
            return np.zeros((self.crop.height, self.crop.width), dtype=bool)
        return mask.to_array(self.crop)

    def alpha(self) -> np.ndarray:
        """float32[crop.height, crop.width]: how much of the change shows, 0 outside the support, 1 deep inside.

        It rises by 1 / (feather + 1) a pixel from the support's edge, and is 1 in the core; the image's border is no
        edge.
        """
        from scipy import ndimage

        inside = self.inside(self.support)
        if self.feather == 0 or inside.all():
            return inside.astype(np.float32)
        # only the support's box and one pixel around it can matter
        box = self.support.box.grow(1).intersect(self.crop).shift(-self.crop.x0, -self.crop.y0)
        distance = np.asarray(ndimage.distance_transform_edt(inside[box.slices]))
        alpha = np.zeros(inside.shape, dtype=np.float32)
        alpha[box.slices] = np.minimum(distance / (self.feather + 1), 1)
        alpha[self.inside(self.core) & inside] = 1
        return alpha

    def to_json(self) -> str:
        """Canonical, compact JSON: equal regions give equal bytes, which ComfyUI's cache relies on."""
        return canonical(self.model_dump(mode="json", by_alias=True, exclude_none=True))

    @classmethod
    def from_json(cls, text: str) -> Region:
        """The region that a JSON text describes.

        Raises:
            PlanError: where it describes none.
        """
        try:
            return cls.model_validate(json.loads(text))
        except ValidationError as error:
            raise PlanError(f"This is not a region: {sentences(error)}.") from error
        except (ValueError, RecursionError) as error:
            raise PlanError(f"This is not JSON: {error}.") from error

    def __repr__(self) -> str:
        return f"Region({self.index}.{self.part} {self.action.kind}, {self.support.area} px)"

    __str__ = __repr__


# ---------------------------------------------------------------------------------------------------- plan -> regions


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


def with_support(region: Region, support: Mask) -> Region:
    """The region with a support corrected by hand, which must not be empty; its crop follows."""
    changed = region.model_copy(update={"support": support})
    return changed.model_copy(update={"crop": _crop(support, changed)})


def seeded(found: Sequence[Region], seed: int) -> list[Region]:
    """The regions with a seed each, made from `seed` and the action's content: other actions do not move it."""
    return [
        region.model_copy(
            update={
                "seed": int.from_bytes(
                    hashlib.sha256(f"{seed}|{content(region.action)}|{region.part}".encode()).digest()[:6], "big"
                )
            }
        )
        for region in found
    ]


def hole_region(region: Region) -> Region:
    """What a moved or resized thing leaves behind, as a region of its own: a model draws it, then the thing is pasted.

    Raises:
        ValueError: where the region is of another kind.
    """
    if region.hole is None:
        raise ValueError(f"{region!r} leaves no hole.")
    support = region.hole & region.support
    update = {
        "action": Remove(targets=region.action.objects),
        "support": support,
        "core": region.source,
        "feather": 1,
        "source": None,
        "hole": None,
        "dx": 0,
        "dy": 0,
        "scale": 1.0,
    }
    hole = region.model_copy(update=update)
    # its own crop: that of a long journey would leave the hole few of a model's pixels
    return hole if support.is_empty else hole.model_copy(update={"crop": _crop(support, hole)})


def scene_after(scene: Scene, action: Action) -> Scene:
    """The scene as an action leaves it, as far as geometry can tell.

    Raises:
        SceneError: where the action names what the scene does not hold.
    """
    if isinstance(action, Remove):
        return scene.without(_family(scene, action.targets))
    if isinstance(action, (Move, Resize)):
        changed = []
        for group, scale, dx, dy in _journeys(scene, action):
            for name in group:
                thing = scene[name]
                mask = placed_mask(thing.mask, scale, dx, dy)
                changed.append(thing.model_copy(update={"mask": mask, "box": mask.box}))
        return scene.apply(SceneUpdate(changed=tuple(changed)))
    if isinstance(action, Replace):
        things = [scene[name] for name in action.targets]
        left = scene.without(_family(scene, action.targets))
        for thing in things:
            name = new_id(action.with_, left.used_ids)
            new = SceneObject(id=name, label=action.with_, box=thing.box, mask=thing.mask, depth=thing.depth)
            left = left.apply(SceneUpdate(added=(new,)))
        return left
    if isinstance(action, Add):
        box = _add_box(action, scene).clip(scene.width, scene.height)
        name = new_id(action.what, scene.used_ids)
        mask = Mask.from_box(box, scene.height, scene.width)
        return scene.apply(SceneUpdate(added=(SceneObject(id=name, label=action.what, box=box, mask=mask),)))
    return scene


# ----------------------------------------------------------------------------------------------------------- recipes


def _recipe(action: Action, scene: Scene, index: int) -> list[Region]:
    if isinstance(action, Remove):
        return [_removal(action, scene, index, group) for group in _clusters(scene, action.targets)]
    if isinstance(action, Replace):
        return [_replacement(action, scene, index, name) for name in action.targets]
    if isinstance(action, Modify):
        return [_modification(action, scene, index, group) for group in _clusters(scene, action.targets)]
    if isinstance(action, (Move, Resize)):
        return _pastes(action, scene, index)
    if isinstance(action, Add):
        return [_addition(action, scene, index)]
    if isinstance(action, Background):
        things = Mask.empty(scene.height, scene.width)
        for thing in scene.objects:
            things = things | thing.mask
        support = ~things
        return [_region(action, scene, index, support, prompt=action.to, feather=_feather(things))]
    kept = _union(scene, action.keep)
    return [_region(action, scene, index, ~kept, prompt=action.style, feather=_feather(kept))]


def _removal(action: Remove, scene: Scene, index: int, names: Sequence[str]) -> Region:
    family = _family(scene, names)
    support = _free(scene, action, family, GROW_REMOVE)
    labels = ", ".join(dict.fromkeys(scene[name].label for name in names))
    return _region(
        action,
        scene,
        index,
        support,
        prompt="empty ground, the same surroundings go on",
        negative=labels,
        feather=_feather(support),
        avoid=_others(scene, family),
        core=_union(scene, family),
    )


def _replacement(action: Replace, scene: Scene, index: int, name: str) -> Region:
    from skimage.morphology import convex_hull_image

    family = _family(scene, (name,))
    # the new thing has another outline: it gets the hull of the old one
    mask = scene[name].mask
    hull = Mask.from_crop(convex_hull_image(mask.to_array(mask.box)), mask.box, scene.height, scene.width)
    support = _free(scene, action, family, GROW_REPLACE, instead=hull)
    return _region(
        action,
        scene,
        index,
        support,
        prompt=action.with_,
        negative=scene[name].label,
        feather=_feather(support),
        core=_union(scene, family),
    )


def _modification(action: Modify, scene: Scene, index: int, names: Sequence[str]) -> Region:
    mask = _union(scene, names) - _in_front(scene, names) - _union(scene, action.keep)
    labels = ", ".join(dict.fromkeys(scene[name].label for name in names))
    return _region(action, scene, index, mask, prompt=f"{labels}, {action.change}", feather=min(2, _feather(mask)))


def _pastes(action: Move | Resize, scene: Scene, index: int) -> list[Region]:
    found = []
    for group, scale, dx, dy in _journeys(scene, action):
        source = _union(scene, group)
        goal = placed_mask(source, scale, dx, dy)
        if goal.is_empty:
            raise EditError(f"Action {index + 1} ({action.kind}) would take {', '.join(group)} out of the picture.")
        hole = _free(scene, action, group, GROW_PASTE)
        behind = isinstance(action, Move) and action.to.relation == "behind"
        if behind:
            goal = goal - _union(scene, action.anchors)
        support = (hole | goal) - _union(scene, action.keep)
        labels = ", ".join(scene[name].label for name in group)
        region = _region(
            action,
            scene,
            index,
            support,
            prompt="empty ground, the same surroundings go on",
            negative=labels,
            # the hole's and the thing's edges are softened when they are painted, each by its own mask
            feather=0,
            avoid=_others(scene, group),
        )
        found.append(
            region.model_copy(update={"source": source, "hole": hole, "dx": dx, "dy": dy, "scale": float(scale)})
        )
    return found


def _addition(action: Add, scene: Scene, index: int) -> Region:
    box = _add_box(action, scene).clip(scene.width, scene.height)
    support = Mask.from_box(box, scene.height, scene.width) - _union(scene, action.keep)
    if action.where.relation == "behind":
        support = support - _union(scene, action.anchors)
    if support.is_empty:
        raise EditError(f"Action {index + 1} (add) has no room for '{action.what}' there.")
    return _region(action, scene, index, support, prompt=action.what, feather=_feather(support))


# ----------------------------------------------------------------------------------------------------------- helpers


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
    crop = _crop(support, region)
    near = avoid & Mask.from_box(crop, scene.height, scene.width) if avoid is not None else None
    return region.model_copy(update={"crop": crop, "avoid": near if near is not None and not near.is_empty else None})


def _crop(support: Mask, region: Region) -> Box:
    """The support's box (and what is moved) with its context, inside the image."""
    box = support.box
    for mask in (region.source, region.hole):
        box = box.union(mask.box) if mask is not None else box
    margin = max(CONTEXT_LEAST, round(CONTEXT * max(box.width, box.height)))
    return box.grow(margin).clip(support.width, support.height)


def _union(scene: Scene, names: Sequence[str]) -> Mask:
    mask = Mask.empty(scene.height, scene.width)
    for name in names:
        mask = mask | scene[name].mask
    return mask


def _family(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    """The named things with their parts and effects, and those of these."""
    found = list(dict.fromkeys(names))
    for name in found:
        found += [
            thing.id for thing in scene.objects if name in (thing.part_of, thing.effect_of) and thing.id not in found
        ]
    return tuple(found)


def _others(scene: Scene, names: Sequence[str]) -> Mask:
    return _union(scene, [thing.id for thing in scene.objects if thing.id not in names])


def _in_front(scene: Scene, names: Sequence[str]) -> Mask:
    """Of the things that share pixels with the named ones, those that stand before them: nearer, or else smaller."""
    targets = _union(scene, names)
    family = _family(scene, names)
    front = []
    for thing in scene.objects:
        if thing.id in family or not thing.mask.overlaps(targets):
            continue
        owners = [scene[name] for name in names if scene[name].mask.overlaps(thing.mask)]
        if all(_before(thing, owner) for owner in owners):
            front.append(thing.id)
    return _union(scene, front)


def _before(thing: SceneObject, other: SceneObject) -> bool:
    if thing.depth is not None and other.depth is not None and thing.depth != other.depth:
        return thing.depth < other.depth
    return thing.mask.area < other.mask.area


def _free(scene: Scene, action: Action, names: Sequence[str], grow: float, instead: Mask | None = None) -> Mask:
    """The things' mask (or another in its place), grown and without holes, off what stands in front and what is kept.

    The rim that it grows by never eats another thing.
    """
    own = _union(scene, names)
    core = (own if instead is None else own | instead).fill_holes()
    size = float(np.sqrt(max(part.area for part in [scene[name].mask for name in names])))
    # the feather lies in the rim, not on the thing
    reach = min(max(round((grow + FEATHER) * size), GROW_LEAST), GROW_MOST)
    rim = core.grow(reach) - own - _others(scene, names)
    return ((own | rim) - _in_front(scene, names) - _union(scene, action.keep)) if not own.is_empty else own


def _feather(mask: Mask) -> int:
    return min(round(FEATHER * float(np.sqrt(mask.area))), FEATHER_MOST)


def _clusters(scene: Scene, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The targets in groups whose crops would overlap: what lies far apart is edited apart, at its own resolution."""
    groups: list[tuple[Box, tuple[str, ...]]] = []
    for name in names:
        box = scene[name].mask.box
        margin = max(CONTEXT_LEAST, round(CONTEXT * max(box.width, box.height))) // 2
        merged, members = box.grow(margin), (name,)
        apart = []
        for other, others in groups:
            if other.intersect(merged).is_empty:
                apart.append((other, others))
            else:
                merged, members = merged.union(other), others + members
        groups = [*apart, (merged, members)]
    return [members for _, members in groups]


def _journeys(scene: Scene, action: Move | Resize) -> list[tuple[tuple[str, ...], float, int, int]]:
    """(ids with parts and effects, scale, dx, dy): moved things travel together, resized ones stay where each is."""
    if isinstance(action, Resize):
        return [(_family(scene, (name,)), action.scale, 0, 0) for name in action.targets]
    group = _family(scene, action.targets)
    box = _union(scene, action.targets).box
    goal = place_box((box.width, box.height), action.to, scene, start=box)
    return [(group, 1.0, goal.x0 - box.x0, goal.y0 - box.y0)]


def _add_box(action: Add, scene: Scene) -> Box:
    """Where something new is drawn: its side from the size word, the anchor and, behind or in front, from distance."""
    anchors = [scene[name].box for name in action.where.anchors]
    side = float(np.mean([np.sqrt(box.area) for box in anchors])) if anchors else min(scene.width, scene.height) / 2
    side *= ADD_SIZE[action.size or "medium"]
    side *= {"behind": PERSPECTIVE, "in_front_of": 1 / PERSPECTIVE}.get(action.where.relation, 1.0)
    size = (min(max(8, round(side)), scene.width), min(max(8, round(side)), scene.height))
    centre = Box(0, 0, scene.width, scene.height)
    return place_box(size, action.where, scene, start=Box(*(round(v) for v in (*centre.center, *centre.center))))
