"""Modify: change how the targets look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..core.scene import Scene
from ..core.text import listed
from ..core.things import clusters, feather_width, mask_in_front, mask_of
from .action import ActionBase, TargetedAction, Text, form_field, labels_of
from .change import ExactChange, exact_change
from .draft import Draft

SEAM = 2
"""Pixels at most over which a change of look fades in: the thing's own edge hides the seam."""


class Modify(TargetedAction):
    """Change how the targets look; their outline stays."""

    words = {"en": "Change {targets}: {change}", "zh": "修改 {targets}：{change}"}
    guide = (
        '"targets", "change". Changes how they look; their outline stays. The exact words "colour dark red" (or '
        '"colour #7a1f1f"), "brighten 30%", "darken 30%", "desaturate 100%", "blur 8px" are carried out without a '
        'painting model: use them whenever they say it; anything else is free text ("made of glass").'
    )
    tint = "#ffc145"
    support_words = "the thing itself, not grown; less what stands in front and what is kept"
    softness_words = "a feather of two pixels at most"
    told_words = "the thing and the change"
    strength = 0.75

    kind: Literal["modify"] = "modify"
    change: Text = form_field("how", "内容", "'colour dark red', 'brighten 30%', or free words.", "made of glass")

    @property
    def exact(self) -> ExactChange | None:
        return exact_change(self.change)

    @property
    def wish(self) -> str:
        return f"'{self.change}' on {listed(self.targets)}"

    def undoes(self, earlier: ActionBase) -> bool:
        before, after = (action.exact if isinstance(action, Modify) else None for action in (earlier, self))
        return before is not None and after is not None and after.undoes(before)

    def drafts(self, scene: Scene) -> list[Draft]:
        return [self._draft(scene, group) for group in clusters(scene, self.targets)]

    def _draft(self, scene: Scene, names: Sequence[str]) -> Draft:
        mask = mask_of(scene, names) - mask_in_front(scene, names) - mask_of(scene, self.keep)
        prompt = f"{labels_of(scene, names)}, {self.change}"
        return Draft(mask, prompt, feather=min(SEAM, feather_width(mask)), strength=self.strength)
