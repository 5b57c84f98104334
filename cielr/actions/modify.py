"""Modify: change how the targets look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..core.scene import Scene
from ..core.text import listed
from ..core.things import clusters, family_of, feather_width, free_mask, hull_of, mask_in_front, mask_of
from .action import ActionBase, TargetedAction, Text, form_field, labels_of, the_labels_of
from .change import ExactChange, exact_change
from .draft import Draft
from .expectation import Expectation, colour_in
from .replace import GROW_REPLACE

SEAM = 2
"""Pixels at most over which a change of look fades in: the thing's own edge hides the seam."""
STRENGTH_FREE = 0.85
"""Denoise strength where the outline is free: between a change of look (0.75) and something new (1)."""


class Modify(TargetedAction):
    """Change how the targets look; their outline stays, or is free where a pose or a longer sleeve needs room."""

    words = {"en": "Change {targets}: {change}", "zh": "修改 {targets}：{change}"}
    guide = (
        '"targets", "change", "outline" ("free" for a pose, an expression or what needs room, else "keep"). '
        'Changes their look: by exact words, which need no painter, wherever they say it ("colour dark red" for the '
        'main colour, "colour all dark red" for every part, "colour dark red 50%", "colour #7a1f1f", "brighten 30%", '
        '"darken 30%", "desaturate 100%", "blur 8px"), else by free text ("made of glass").'
    )
    tint = "#ffc145"
    support_words = "the thing itself, not grown; less what stands in front and what is kept"
    softness_words = "a feather of two pixels at most"
    told_words = "the thing and the change"
    strength = 0.75

    kind: Literal["modify"] = "modify"
    change: Text = form_field("how", "内容", "'colour dark red', 'brighten 30%', or free words.", "made of glass")
    outline: Literal["keep", "free"] = form_field(
        "outline", "轮廓", "'free' for a pose, an expression or anything that needs room.", default="keep"
    )

    @property
    def exact(self) -> ExactChange | None:
        return exact_change(self.change)

    @property
    def wish(self) -> str:
        return f"'{self.change}' on {listed(self.targets)}"

    def undoes(self, earlier: ActionBase) -> bool:
        before, after = (action.exact if isinstance(action, Modify) else None for action in (earlier, self))
        return before is not None and after is not None and after.undoes(before)

    def expects(self, scene: Scene) -> list[Expectation]:
        there = [Expectation("there", scene[name].mask, scene[name].label, was_there=True) for name in self.targets]
        rgb = colour_in(self.change)
        if rgb is None:
            return there
        return [*there, *(Expectation("colour", scene[name].mask, rgb=rgb) for name in self.targets)]

    def drafts(self, scene: Scene) -> list[Draft]:
        return [self._draft(scene, group) for group in clusters(scene, self.targets)]

    def _draft(self, scene: Scene, names: Sequence[str]) -> Draft:
        if self.outline == "free":
            # with room around the things, as a replacement has it, and enough strength to draw another outline
            family, hull = family_of(scene, names), hull_of(scene, names)
            support, strength = free_mask(scene, self.keep, family, GROW_REPLACE, instead=hull), STRENGTH_FREE
            feather = feather_width(support)
        else:
            support = mask_of(scene, names) - mask_in_front(scene, names) - mask_of(scene, self.keep)
            feather, strength = min(SEAM, feather_width(support)), self.strength
        prompt = f"{labels_of(scene, names)}, {self.change}"
        order = f"change {the_labels_of(scene, names)}: {self.change}"
        return Draft(support, prompt, feather=feather, strength=strength, order=order)
