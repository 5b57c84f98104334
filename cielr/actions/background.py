"""Background: change everything that is not an object."""

from __future__ import annotations

from typing import Literal

from ..core.scene import Scene
from ..core.things import feather_width, mask_of
from .action import ActionBase, Text, form_field
from .change import ExactChange, Flat, Recolour, exact_change
from .draft import Draft


class Background(ActionBase):
    """Change everything that is not an object."""

    words = {"en": "Change the background: {to}", "zh": "背景变为 {to}"}
    about = {"en": "the background", "zh": "背景"}
    guide = '"to". Changes everything that is not an object; exact words work too.'
    tint = "#ff8fc7"
    support_words = "all that is not an object of the scene"
    softness_words = "a feather along the objects"
    told_words = "the new background"

    kind: Literal["background"] = "background"
    to: Text = form_field("how", "内容", "What it becomes.", "a beach at sunset")

    @property
    def exact(self) -> ExactChange | None:
        change = exact_change(self.to)
        # a background that is to be white is asked to be empty, not to be lit anew
        return Flat(change.amount, change.rgb) if isinstance(change, Recolour) else change

    @property
    def wish(self) -> str:
        return f"'{self.to}'"

    def objections(self, scene: Scene) -> list[str]:
        if not scene.crowded:
            return []
        return [
            "cannot tell the background of a crowded photo from its things; let a detector and a segmenter look first"
        ]

    def drafts(self, scene: Scene) -> list[Draft]:
        things = mask_of(scene, scene.ids)
        return [Draft(~things, self.to, feather=feather_width(things), order=f"change the background to {self.to}")]
