"""Regions whose plan has parts that wait until something is painted, and such a part worked out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .turns import Setting, room_of

if TYPE_CHECKING:
    from ...cielr.actions import Plan
    from ...cielr.core.geometry import Mask
    from ...cielr.core.scene import Scene
    from ...cielr.region import Region


class StagedRegions(tuple):
    """The regions of one image's plan, with what of it has to wait.

    Attributes:
        later: a text for each stretch after the first, canonical JSON without ancestors, so that changing the last
            action changes the last text alone.
        setting: the plan with the scene and the pixels that may change.
    """

    later: tuple[str, ...] = ()
    setting: Setting | None = None

    @classmethod
    def of(
        cls, regions: Sequence[Region], plan: Plan, scene: Scene, only: Mask | None, never: Mask | None
    ) -> StagedRegions:
        from ...cielr.core.serial import canonical
        from ...cielr.region import stretches

        made = cls(regions)
        made.setting = Setting(plan, scene, room_of(only, never))
        parts = stretches(plan, scene)
        if len(parts) < 2:
            return made
        for action in parts[0].actions:
            scene = action.after(scene)
        texts = []
        for number, part in enumerate(parts[1:]):
            values: dict[str, Any] = {
                "first": part.first,
                "waits_for": list(part.waits_for),
                "actions": [action.model_dump(mode="json", by_alias=True) for action in part.actions],
            }
            # those after it get theirs from the one before
            given = {"scene": scene if number == 0 else None, "only": only, "never": never}
            values |= {name: value.model_dump(mode="json") for name, value in given.items() if value is not None}
            texts.append(canonical(values))
        made.later = tuple(texts)
        return made

    @property
    def now(self) -> list[Region]:
        """The regions that can be carried out at once."""
        if not self.later:
            return list(self)
        first = json.loads(self.later[0])["first"]
        return [region for region in self if region.index < first]


@dataclass(frozen=True)
class WorkedOut:
    """One stretch, worked out on what was painted: its regions, the scene after it, and what is to be told."""

    regions: list[Region]
    scene: Scene
    notices: list[str]
    setting: Setting


def worked_out(
    text: str, scene: Scene | None, image: np.ndarray, eyes: Any, seed: int, adjust: Callable[[Region], Region]
) -> WorkedOut:
    """The stretch that a text describes.

    Args:
        scene: as the stretch before left it; None takes the one in the text.
        image: float32 [H, W, 3], as painted so far; eyes: on any image, or None.
        adjust: what the painter wants of its regions.
    """
    from ...cielr.actions import Plan
    from ...cielr.core.geometry import Mask
    from ...cielr.core.scene import Scene
    from ...cielr.editing.look_again import looked_again
    from ...cielr.region import regions, seeded
    from ...cielr.telling.wording import idle_words

    values = json.loads(text)
    known = scene if scene is not None else Scene.model_validate(values["scene"])
    only, never = (Mask.model_validate(values[name]) if name in values else None for name in ("only", "never"))
    plan = Plan.model_validate({"actions": values["actions"]})
    known, notices = looked_again(known, image, values["waits_for"], eyes)
    cut = regions(plan, known, only=only, never=never, first=values["first"])
    notices += idle_words(plan, cut, values["first"], is_all=False)
    cut = [adjust(region) for region in cut]
    setting = Setting(plan, known, room_of(only, never), values["first"])
    for action in plan.actions:
        known = action.after(known)
    return WorkedOut(seeded(cut, seed), known, notices, setting)


def eyes_of(perception: Any, index: int = 0) -> Any:
    """Of what came on the PERCEPTION socket, eyes on any image, as the engine takes them; None where there are none, or
    where they look for nothing by name."""
    perception = perception[min(index, len(perception) - 1)] if perception is not None else None
    parser = getattr(perception, "parser", None)
    return parser.perception if parser is not None and getattr(parser, "detector", None) is not None else None
