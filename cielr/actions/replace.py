"""Replace: put something else in the targets' place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ..core.scene import Scene, SceneObject, SceneUpdate
from ..core.text import listed
from ..core.things import family_of, feather_width, free_mask, hull_of, mask_of
from .action import TargetedAction, Text, form_field, the_labels_of
from .draft import Draft
from .expectation import Expectation
from .made import label_of, made_things

GROW_REPLACE = 0.08
"""A new thing needs room for an outline of its own."""


class Replace(TargetedAction):
    """Put something else in the targets' place."""

    words = {"en": "Replace {targets} with {with}", "zh": "把 {targets} 换成 {with}"}
    guide = '"targets", "with", "makes", "prompt". Puts something else in the place of each.'
    tint = "#c792ff"
    support_words = "as remove, but around the convex hull: the new thing has another outline"
    softness_words = "the same"
    told_words = "the new thing; the old one must not appear"

    kind: Literal["replace"] = "replace"
    with_: Text = form_field("with", "换成", "What takes their place.", "an orange", alias="with")
    makes: tuple[str, ...] = form_field(
        "named", "名称", "Ids of what is made, for later actions; empty: the next free ones.", default=()
    )

    def takes_away(self, scene: Scene) -> tuple[str, ...]:
        # what belongs to a thing goes with it
        return family_of(scene, self.targets)

    def makes_labels(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return (label_of(self.with_),) * len(self.targets)

    @property
    def wish(self) -> str:
        return f"'{self.with_}' in the place of {listed(self.targets)}"

    def drafts(self, scene: Scene) -> list[Draft]:
        return [self._draft(scene, name) for name in self.targets]

    def _draft(self, scene: Scene, name: str) -> Draft:
        family = family_of(scene, (name,))
        # the new thing has another outline: it gets the hull of the old one
        support = free_mask(scene, self.keep, family, GROW_REPLACE, instead=hull_of(scene, (name,)))
        return Draft(
            support,
            self.with_,
            negative=scene[name].label,
            feather=feather_width(support),
            core=mask_of(scene, family),
            order=f"replace {the_labels_of(scene, (name,))} with {self.with_}",
        )

    def expects(self, scene: Scene) -> list[Expectation]:
        new = label_of(self.with_)
        there = [Expectation("there", scene[name].mask, new) for name in self.targets]
        # an apple that becomes a red apple is still an apple
        old = [name for name in self.targets if scene[name].label.lower() not in new.lower()]
        return [*there, *(Expectation("gone", scene[name].mask, scene[name].label, was_there=True) for name in old)]

    def after(self, scene: Scene) -> Scene:
        things = [scene[name] for name in self.targets]
        left = scene.without(family_of(scene, self.targets))
        for thing, (name, label) in zip(things, made_things(self, scene), strict=True):
            new = SceneObject(id=name, label=label, box=thing.box, mask=thing.mask, depth=thing.depth)
            left = left.apply(SceneUpdate(added=(new,)))
        return left
