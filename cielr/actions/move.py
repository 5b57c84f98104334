"""Move: take the targets to another place."""

from __future__ import annotations

from typing import Literal

from ..core.geometry import Mask
from ..core.scene import Scene
from ..core.things import mask_of
from .action import form_field
from .expectation import Expectation
from .place import Place
from .travel import Journey, Travelling, journey_to


class Move(Travelling):
    """Take the targets to another place; the hole is filled."""

    words = {"en": "Move {targets} {to}", "zh": "移动 {targets}：{to}"}
    guide = '"targets", "to" PLACE. Takes them elsewhere.'
    tint = "#4fb3ff"
    support_words = "the hole that the thing leaves, with a small rim, and its new place"
    softness_words = "each by its own mask, while it is painted"
    told_words = "empty ground in the hole; the thing itself is copied"

    kind: Literal["move"] = "move"
    to: Place = form_field("where", "位置", "Where they go.")

    def journeys(self, scene: Scene) -> list[list[Journey]]:
        """All targets travel together."""
        return [[journey_to(scene, self.targets, self.to)]]

    def expects(self, scene: Scene) -> list[Expectation]:
        after = self.after(scene)
        there = [Expectation("there", after[name].mask, scene[name].label) for name in self.targets]
        start = mask_of(scene, self.targets) - mask_of(after, self.targets)
        labels = dict.fromkeys(scene[name].label for name in self.targets)
        return [*there, *(Expectation("gone", start, label, was_there=True) for label in labels)]

    def hidden(self, scene: Scene) -> Mask | None:
        return mask_of(scene, self.anchors) if self.to.relation == "behind" else None
