"""What can be seen after an action if it did what it should."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..core.colours import colour_rgb
from ..core.geometry import Mask


@dataclass(frozen=True)
class Expectation:
    """One thing that can be looked for once an action is painted.

    Attributes:
        kind: "there" or "gone" for a label that a detector knows, "colour" for pixels that are to be nearer to `rgb`.
        where: the pixels that it is about.
        was_there: it counts only where eyes saw the label there before the action.
    """

    kind: Literal["there", "gone", "colour"]
    where: Mask
    label: str = ""
    was_there: bool = False
    rgb: tuple[int, int, int] | None = None


def colour_in(words: str) -> tuple[int, int, int] | None:
    """The sRGB bytes of the colour that free words name: "glossy dark red paint"; None where they name none."""
    parts = re.findall(r"[a-z]+", words.lower())
    for size in (3, 2, 1):
        for start in range(len(parts) - size + 1):
            if (rgb := colour_rgb(" ".join(parts[start : start + size]))) is not None:
                return rgb
    return None
