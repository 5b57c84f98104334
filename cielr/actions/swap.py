"""Swap: two things change places."""

from __future__ import annotations

from typing import Literal

from ..core.geometry import Box
from ..core.scene import Scene
from ..core.things import family_of, mask_of
from .action import form_field
from .travel import Journey, Travelling, journey


class Swap(Travelling):
    """Two things change places, each sized to fit where the other stood."""

    words = {"en": "Swap {targets}", "zh": "交换 {targets}"}
    guide = '"targets" [two ids]. Both are there and change places.'
    tint = "#62c8e8"
    support_words = "both holes, each with a small rim, and both new places"
    softness_words = "as move"
    told_words = "as move; both are taken up before either is put down"

    kind: Literal["swap"] = "swap"
    targets: tuple[str, ...] = form_field(
        "objects", "物体", "The two that change places.", "cup_1, phone_1", min_length=2, max_length=2
    )

    def journeys(self, scene: Scene) -> list[list[Journey]]:
        """Both, in one region."""
        groups = [family_of(scene, (name,)) for name in self.targets]
        boxes = [mask_of(scene, group).box for group in groups]
        ways = (_into(boxes[0], boxes[1]), _into(boxes[1], boxes[0]))
        return [[journey(scene, group, **way) for group, way in zip(groups, ways, strict=True)]]


def _into(box: Box, goal: Box) -> dict[str, float]:
    """The way to the goal's box, as large as fits, standing on the same ground."""
    scale = min(goal.width / box.width, goal.height / box.height)
    (x, y), (goal_x, _) = box.center, goal.center
    height = max(1, round(box.height * scale))
    return {"scale": scale, "dx": round(goal_x - x), "dy": round(goal.y1 - height / 2 - y)}
