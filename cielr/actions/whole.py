"""Global: change the whole picture."""

from __future__ import annotations

from typing import Literal

from ..core.scene import Scene
from ..core.things import feather_width, mask_of
from .action import ActionBase, Text, form_field
from .change import ExactChange, exact_change
from .draft import Draft


class Global(ActionBase):
    """Change the whole picture."""

    words = {"en": "Change the whole picture: {style}", "zh": "整幅画面：{style}"}
    about = {"en": "the whole picture", "zh": "整幅画面"}
    guide = '"style" ("a watercolour painting"). Changes the whole picture; exact words work too.'
    tint = "#ff8fc7"
    support_words = "everything, less what is kept"
    softness_words = "a feather along what is kept"
    told_words = "the style"
    strength = 0.6

    kind: Literal["global"] = "global"
    style: Text = form_field("how", "内容", "What the picture becomes.", "a watercolour painting")

    @property
    def exact(self) -> ExactChange | None:
        return exact_change(self.style)

    @property
    def wish(self) -> str:
        return f"'{self.style}'"

    def drafts(self, scene: Scene) -> list[Draft]:
        kept = mask_of(scene, self.keep)
        return [
            Draft(
                ~kept,
                self.style,
                feather=feather_width(kept),
                strength=self.strength,
                order=f"change the whole picture: {self.style}",
            )
        ]
