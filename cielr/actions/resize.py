"""Resize: scale the targets about their centres."""

from __future__ import annotations

from typing import Literal

from ..core.scene import Scene
from ..core.things import family_of
from .action import ActionBase, form_field
from .travel import Journey, Travelling, journey


class Resize(Travelling):
    """Scale the targets about their centres; what they no longer cover is filled."""

    words = {"en": "Resize {targets} to {scale}", "zh": "把 {targets} 缩放到 {scale}"}
    guide = '"targets", "scale": 2 is twice as wide and high, 0.5 half.'
    tint = "#3fd6c4"
    support_words = "as move, about the thing's own centre"
    softness_words = "as move"
    told_words = "as move"

    kind: Literal["resize"] = "resize"
    scale: float = form_field("times", "倍数", "2 is twice as wide and high.", "1.5", gt=0, le=20, allow_inf_nan=False)

    def undoes(self, earlier: ActionBase) -> bool:
        return isinstance(earlier, Resize) and (earlier.scale - 1) * (self.scale - 1) < 0

    def journeys(self, scene: Scene) -> list[list[Journey]]:
        """Each target by itself."""
        return [[journey(scene, family_of(scene, (name,)), scale=self.scale)] for name in self.targets]
