"""An action as it is painted, looked at, and where that fails painted again: all that this takes, as one text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...cielr.actions import Action, Plan
    from ...cielr.core.geometry import Mask
    from ...cielr.core.scene import Scene
    from ...cielr.region import Region


@dataclass(frozen=True)
class Turn:
    """One action of a plan.

    Attributes:
        number: its position, from 0; scene: before it.
        regions: as they are painted first; room: pixels into which later attempts may grow, None is all.
        attempts: at most.
    """

    number: int
    action: Action
    scene: Scene
    regions: tuple[Region, ...]
    room: Mask | None = None
    attempts: int = 1

    def text(self) -> str:
        """Canonical JSON without ancestors: equal turns give equal texts, which ComfyUI's cache relies on."""
        from ...cielr.core.serial import canonical

        values: dict[str, Any] = {
            "number": self.number,
            "action": self.action.model_copy(update={"reason": ""}).model_dump(mode="json", by_alias=True),
            "scene": bare(self.scene).model_dump(mode="json", exclude_defaults=True),
            "regions": [json.loads(region.to_json()) for region in self.regions],
            "attempts": self.attempts,
        }
        if self.room is not None:
            values["room"] = self.room.model_dump(mode="json")
        return canonical(values)

    @classmethod
    def of_text(cls, text: str) -> Turn:
        from ...cielr.actions import Plan
        from ...cielr.core.geometry import Mask
        from ...cielr.core.scene import Scene
        from ...cielr.region import Region

        values = json.loads(text)
        [action] = Plan.model_validate({"actions": [values["action"]]}).actions
        return cls(
            values["number"],
            action,
            Scene.model_validate(values["scene"]),
            tuple(Region.model_validate(region) for region in values["regions"]),
            Mask.model_validate(values["room"]) if "room" in values else None,
            values["attempts"],
        )

    def tried(self, attempt: int) -> list[Region]:
        """The regions as they are painted at an attempt, from 1."""
        from ...cielr.editing.attempts import another

        return another(self.regions, attempt, self.scene, self.room)


@dataclass(frozen=True)
class Setting:
    """What the actions of a plan meet: the plan, whose first action has number `first`, on the scene before it, and
    the pixels that may change (None is all)."""

    plan: Plan
    scene: Scene
    room: Mask | None = None
    first: int = 0

    def without_room(self) -> Setting:
        """The same where no region may grow."""
        from ...cielr.core.geometry import Mask

        return replace(self, room=Mask.empty(self.scene.height, self.scene.width))

    def turns(self, regions: Sequence[Region], attempts: int) -> list[Turn]:
        """Each action that has regions, in their order, with the scene as the actions before it leave it."""
        scene, turns = self.scene, []
        for number, action in enumerate(self.plan.named(self.scene).actions, start=self.first):
            own = tuple(region for region in regions if region.index == number)
            if own:
                turns.append(Turn(number, action, scene, own, self.room, attempts))
            scene = action.after(scene)
        return turns


def bare(scene: Scene) -> Scene:
    """The scene without what no check asks for: how its things came to be known must move no cache key."""
    blank = {"score": 1.0, "attributes": {}, "source": ""}
    there = {None, *scene.ids}
    things = tuple(
        thing.model_copy(
            update=blank | {name: None for name in ("part_of", "effect_of") if getattr(thing, name) not in there}
        )
        for thing in scene.objects
    )
    return scene.model_copy(update={"objects": things, "caption": "", "absent": (), "updates": ()})


def room_of(only: Mask | None, never: Mask | None) -> Mask | None:
    """Where masks painted by hand allow changes; None is everywhere."""
    from ...cielr.core.geometry import Box, Mask

    if never is None:
        return only
    everywhere = Mask.from_box(Box(0, 0, never.width, never.height), never.height, never.width)
    return (only if only is not None else everywhere) - never
