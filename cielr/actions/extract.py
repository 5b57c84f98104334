"""Extract: the targets alone, on nothing or on plain ground."""

from __future__ import annotations

from typing import Literal

from ..core.colours import colour_rgb
from ..core.scene import Scene
from ..core.things import family_of, feather_width, mask_of
from .action import TargetedAction, Text, form_field
from .change import Clear, ExactChange, Flat
from .draft import Draft

SOFT = 2
"""Pixels at most over which an extracted thing fades into its ground."""


class Extract(TargetedAction):
    """The targets alone: everything else becomes transparent, or plain ground."""

    words = {"en": "Extract {targets} on {ground} ground", "zh": "抠出 {targets}，底色：{ground}"}
    guide = '"targets", "ground" ("transparent" or a colour). Takes everything else away.'
    tint = "#e8e27a"
    support_words = "everything but the thing with its parts and effects, less what is kept"
    softness_words = "a feather of two pixels at most, outside the thing"
    told_words = "the ground, where it is not a plain colour"

    follows_outline = True

    kind: Literal["extract"] = "extract"
    ground: Text = form_field("ground", "底色", "'transparent' or a colour.", "transparent", default="transparent")

    @property
    def exact(self) -> ExactChange | None:
        name = self.ground.lower().removeprefix("colour ")
        if name == "transparent":
            return Clear(name)
        rgb = colour_rgb(name)
        return Flat(name, rgb) if rgb is not None else None

    @property
    def wish(self) -> str:
        return f"'{self.ground}' around {self.own_words('targets')}"

    def sentence(self) -> str:
        return self.words["en"].format(targets=self.own_words("targets"), ground=self.own_words("ground"))

    def drafts(self, scene: Scene) -> list[Draft]:
        things = mask_of(scene, family_of(scene, self.targets))
        rest = ~things - mask_of(scene, self.keep)
        return [
            Draft(
                rest,
                self.ground,
                feather=min(SOFT, feather_width(things)),
                order=f"change the background to {self.ground}",
            )
        ]

    def takes_away(self, scene: Scene) -> tuple[str, ...]:
        kept = {*family_of(scene, self.targets), *self.keep}
        return tuple(name for name in scene.ids if name not in kept)

    def after(self, scene: Scene) -> Scene:
        return scene.without(self.takes_away(scene))
