"""Add: draw something new at a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from ..core.geometry import Box, Mask, centred
from ..core.inflection import singular
from ..core.scene import Scene, SceneObject, SceneUpdate
from ..core.things import feather_width, mask_of
from .action import ActionBase, Text, form_field
from .draft import Draft, NowhereToGo
from .expectation import Expectation
from .made import label_of, made_things
from .place import Place
from .placement import place_box

ADD_SIZE = {"tiny": 0.1, "small": 0.25, "medium": 0.5, "large": 1.0, "same": 1.0}
"""The side of something added, relative to its anchor; without an anchor relative to half the image."""
PERSPECTIVE = 0.7
"""What is put behind its anchor is smaller by this factor, in front larger by its inverse."""


class Add(ActionBase):
    """Draw something new at a place; `size` is relative to the anchor, or to the image where there is none.

    Without a size it is as large as an anchor of its own kind, and half as large as any other.
    """

    words = {"en": "Add {what} {where}", "zh": "添加 {what}：{where}"}
    guide = (
        '"what", "where" PLACE, "size", "makes", "prompt". Draws something new; its side is "tiny" 0.1, "small" 0.25, '
        '"medium" 0.5, "large" or "same" 1 times the anchor\'s (or half the image\'s); null is "same" beside a thing '
        'of the same kind, else "medium".'
    )
    tint = "#5fdc7b"
    support_words = "a square beside, on or in the anchor; behind an anchor it is cut off by it and smaller"
    softness_words = "a feather on all sides"
    told_words = "the new thing"

    kind: Literal["add"] = "add"
    what: Text = form_field("what", "内容", "What is drawn.", "a red apple")
    where: Place = form_field("where", "位置", "Where it is drawn.")
    size: Literal["tiny", "small", "medium", "large", "same"] | None = form_field(
        "size", "大小", "How large, beside what it is put at.", default=None
    )
    makes: tuple[str, ...] = form_field(
        "named", "名称", "Ids of what is made, for later actions; empty: the next free ones.", default=()
    )

    def makes_labels(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return (label_of(self.what),)

    @property
    def wish(self) -> str:
        return f"'{self.what}'"

    def drafts(self, scene: Scene) -> list[Draft]:
        box = self._box(scene).clip(scene.width, scene.height)
        support = Mask.from_box(box, scene.height, scene.width) - mask_of(scene, self.keep)
        if self.where.relation == "behind":
            support = support - mask_of(scene, self.anchors)
        if support.is_empty:
            raise NowhereToGo(f"has no room for '{self.what}' there")
        return [Draft(support, self.what, feather=feather_width(support), order=f"add {self.what} in the middle")]

    def expects(self, scene: Scene) -> list[Expectation]:
        [draft] = self.drafts(scene)
        return [Expectation("there", draft.support, label_of(self.what))]

    def after(self, scene: Scene) -> Scene:
        box = self._box(scene).clip(scene.width, scene.height)
        [(name, label)] = made_things(self, scene)
        mask = Mask.from_box(box, scene.height, scene.width)
        return scene.apply(SceneUpdate(added=(SceneObject(id=name, label=label, box=box, mask=mask),)))

    def _box(self, scene: Scene) -> Box:
        """Where it is drawn: its side from the size word, the anchor and, behind or in front, from distance."""
        anchors = [scene[name].box for name in self.where.anchors]
        side = float(np.mean([np.sqrt(box.area) for box in anchors])) if anchors else min(scene.width, scene.height) / 2
        side *= ADD_SIZE[self.size or self._usual_size(scene)]
        side *= {"behind": PERSPECTIVE, "in_front_of": 1 / PERSPECTIVE}.get(self.where.relation, 1.0)
        size = (min(max(8, round(side)), scene.width), min(max(8, round(side)), scene.height))
        # an offset counts from the image's middle: there is no place yet that it could count from
        return place_box(size, self.where, scene, start=centred(scene.width / 2, scene.height / 2, size))

    def _usual_size(self, scene: Scene) -> str:
        """How large it is where nothing is said: as large as a thing of its kind that it is put at."""
        kind = _head(label_of(self.what))
        return "same" if any(_head(scene[name].label) == kind for name in self.anchors) else "medium"


def _head(label: str) -> str:
    """The word of a label that says what it is: "kiwi" in "third kiwi" and in "kiwis"."""
    return singular(label.lower().split()[-1]) if label.split() else ""
