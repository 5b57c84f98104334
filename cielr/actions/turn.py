"""Turn: rotate or mirror the targets about their centres."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from ..core.geometry import Flip
from ..core.scene import Scene
from ..core.things import family_of
from .action import ActionBase, form_field
from .travel import Journey, Travelling, journey

FLIPS: dict[str, Flip] = {"left_right": "horizontal", "upside_down": "vertical"}
"""The word in a plan -> what changes places."""


class Turn(Travelling):
    """Rotate the targets clockwise, or mirror them, about their centres; what they no longer cover is filled."""

    words = {
        "en": "Turn {targets} by {degrees}°",
        "en.flip": "Mirror {targets} {flip}",
        "en.degrees+flip": "Mirror {targets} {flip} and turn by {degrees}°",
        "zh": "旋转 {targets} {degrees}°",
        "zh.flip": "镜像 {targets}（{flip}）",
        "zh.degrees+flip": "镜像 {targets}（{flip}）并旋转 {degrees}°",
    }
    guide = (
        '"targets", "degrees" (clockwise, 0 to only mirror), "flip" ("left_right", "upside_down" or null). Turns or '
        "mirrors them on the spot."
    )
    tint = "#7f9cff"
    support_words = "as move, about the thing's own centre"
    softness_words = "as move"
    told_words = "as move"

    kind: Literal["turn"] = "turn"
    degrees: float = form_field(
        "degrees", "角度", "Clockwise.", "90", default=0.0, ge=-360, le=360, allow_inf_nan=False
    )
    flip: Literal["left_right", "upside_down"] | None = form_field(
        "mirror", "镜像", "Which way it is mirrored.", default=None
    )

    @model_validator(mode="after")
    def _turns(self) -> Turn:
        if self.degrees % 360 == 0 and self.flip is None:
            raise ValueError("a turn takes degrees other than 0, or a flip.")
        return self

    def undoes(self, earlier: ActionBase) -> bool:
        if not isinstance(earlier, Turn):
            return False
        return self.flip == earlier.flip and (self.degrees + earlier.degrees) % 360 == 0

    def journeys(self, scene: Scene) -> list[list[Journey]]:
        """Each target by itself."""
        flip = FLIPS[self.flip] if self.flip is not None else None
        return [[journey(scene, family_of(scene, (name,)), degrees=self.degrees, flip=flip)] for name in self.targets]
