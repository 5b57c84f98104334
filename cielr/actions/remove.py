"""Remove: take the targets away and show what would be behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..core.scene import Scene
from ..core.things import clusters, family_of, feather_width, free_mask, mask_of, mask_to_avoid, with_context
from .action import EMPTY, Needs, TargetedAction, labels_of, the_labels_of
from .draft import Draft
from .expectation import Expectation

GROW_REMOVE = 0.06
"""A removed thing's mask grows by this share of its size (root of its area): too tight, and a coloured rim stays."""


class Remove(TargetedAction):
    """Take the targets away and show what would be behind them."""

    words = {"en": "Remove {targets}", "zh": "移除 {targets}"}
    guide = '"targets" [ids], "prompt". Shows what is behind them.'
    tint = "#ff6b6b"
    support_words = (
        "the thing with its parts, shadow and reflection, holes filled, grown by a rim; less what stands in front, "
        "what is kept, and all other things"
    )
    softness_words = "a feather in the rim; the thing itself is the core, so that no coloured rim stays"
    told_words = "empty ground; what was removed must not appear"

    follows_outline = True

    kind: Literal["remove"] = "remove"

    def takes_away(self, scene: Scene) -> tuple[str, ...]:
        # what belongs to a thing goes with it
        return family_of(scene, self.targets)

    @property
    def needs(self) -> Needs:
        return "fill"

    def drafts(self, scene: Scene) -> list[Draft]:
        return [self._draft(scene, group) for group in clusters(scene, self.targets)]

    def _draft(self, scene: Scene, names: Sequence[str]) -> Draft:
        family = family_of(scene, names)
        support = free_mask(scene, self.keep, family, GROW_REMOVE)
        return Draft(
            support,
            EMPTY,
            negative=labels_of(scene, names),
            feather=feather_width(support),
            core=mask_of(scene, family),
            avoid=mask_to_avoid(scene, family, with_context(support.box)),
            order=f"remove {the_labels_of(scene, names)}",
        )

    def expects(self, scene: Scene) -> list[Expectation]:
        return [Expectation("gone", scene[name].mask, scene[name].label, was_there=True) for name in self.targets]
