"""What "on", "in", "with" and their like say of two objects, and when one belongs to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....core.geometry import relations as geometry
from ....core.scene import SceneObject

Relation = Callable[[SceneObject, SceneObject], bool]


def _with(thing: SceneObject, other: SceneObject) -> bool:
    """Whether somebody wears or holds the other, or something has it: most of it lies within."""
    return geometry.inside(other, thing) or geometry.overlapping(thing, other) or geometry.touching(thing, other)


def _within(thing: SceneObject, other: SceneObject) -> bool:
    """Whether it is in the other, as in a bowl, or as in a red coat."""
    return geometry.inside(thing, other) or geometry.inside(other, thing)


def _from(thing: SceneObject, other: SceneObject) -> bool:
    return geometry.on(thing, other) or geometry.inside(thing, other) or _with(other, thing)


RELATIONS: dict[str, Relation] = {
    "left_of": geometry.left_of,
    "right_of": geometry.right_of,
    "above": geometry.above,
    "below": geometry.below,
    "next_to": geometry.next_to,
    "by": geometry.next_to,
    "at": lambda thing, other: geometry.next_to(thing, other) or _from(thing, other),
    "outside": lambda thing, other: not geometry.inside(thing, other),
    "on": geometry.on,
    "on_top": geometry.on,
    "in_": _within,
    "inside": geometry.inside,
    "in_front_of": geometry.in_front_of,
    "behind": geometry.behind,
    "touching": geometry.touching,
    "overlapping": geometry.overlapping,
    "with_": _with,
    "from_": _from,
    "belongs": lambda thing, other: _with(other, thing),
}
OPPOSITES = {
    "left_of": "right_of",
    "right_of": "left_of",
    "above": "below",
    "below": "above",
}
"""Relations whose contrary can be seen for certain."""


def belongs(thing: SceneObject, owner: SceneObject) -> bool:
    """Whether a thing is a part or an effect of an owner, or lies on it."""
    if thing.part_of is not None or thing.effect_of is not None:
        return owner.id in (thing.part_of, thing.effect_of)
    return thing.id != owner.id and (geometry.inside(thing, owner) or geometry.overlapping(thing, owner))


def wearers(things: Sequence[SceneObject], worn: Sequence[SceneObject]) -> list[SceneObject]:
    """Those of the things that most of what is worn or held lies on: who only stands in front of a coat wears none."""
    wearing: list[SceneObject] = []
    for part in worn:
        share = {thing.id: _share_within(part, thing) for thing in things}
        most = max(share.values())
        owners = [thing for thing in things if share[thing.id] > 0.8 * most] if most > 0 else list(things)
        if part.part_of is not None:
            owners = [thing for thing in things if thing.id == part.part_of] or owners
        wearing += [thing for thing in owners if thing not in wearing]
    return [thing for thing in things if thing in wearing]


def _share_within(part: SceneObject, whole: SceneObject) -> float:
    """The share of a part's box that lies in another's, in [0, 1]; of a coat that is larger than who is
    seen of him, the share of him."""
    smaller = min(part.box.area, whole.box.area)
    return part.box.intersect(whole.box).area / smaller if smaller else 0.0
