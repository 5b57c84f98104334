"""Duplicate: put a copy of the targets at a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ..core.scene import Scene, SceneObject, SceneUpdate
from ..core.things import mask_of
from .action import Needs, TargetedAction, form_field
from .draft import Draft, NowhereToGo
from .made import made_things
from .place import Place
from .placement import moved_mask
from .travel import journey_to


class Duplicate(TargetedAction):
    """Put a copy of the targets at a place; they stay where they are."""

    words = {"en": "Copy {targets} {to}", "zh": "复制 {targets}：{to}"}
    guide = '"targets", "to" PLACE, "makes". Copies them there.'
    tint = "#4fd0b0"
    support_words = "the place of the copy; behind an anchor it is cut off by it"
    softness_words = "by the copy's own mask, while it is painted"
    told_words = "nothing: the thing itself is copied"

    follows_outline = True

    kind: Literal["duplicate"] = "duplicate"
    to: Place = form_field("where", "位置", "Where the copy goes.")
    makes: tuple[str, ...] = form_field(
        "named", "名称", "Ids of what is made, for later actions; empty: the next free ones.", default=()
    )

    @property
    def needs(self) -> Needs:
        return "code"

    def makes_labels(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(labels.get(name, "object") for name in self.targets)

    def drafts(self, scene: Scene) -> list[Draft]:
        paste = journey_to(scene, self.targets, self.to).paste
        goal = paste.goal - mask_of(scene, self.keep)
        goal = goal - mask_of(scene, self.anchors) if self.to.relation == "behind" else goal
        if goal.is_empty:
            raise NowhereToGo(f"has no room for a copy of {', '.join(self.targets)} there")
        return [Draft(goal, "", pastes=(paste,))]

    def after(self, scene: Scene) -> Scene:
        transform = journey_to(scene, self.targets, self.to).paste.transform
        copies = []
        for name, (made, _) in zip(self.targets, made_things(self, scene), strict=True):
            thing = scene[name]
            mask = moved_mask(thing.mask, transform)
            copies.append(
                SceneObject(
                    id=made, label=thing.label, box=mask.box, mask=mask, depth=thing.depth, attributes=thing.attributes
                )
            )
        return scene.apply(SceneUpdate(added=tuple(copies)))
