"""What an action says of one place in the picture, before it is cut out as a `Region`."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from ..core.geometry import Flip, Mask, Transform
from ..core.serial import Frozen
from .placement import moved_mask


class NowhereToGo(ValueError):
    """An action that cannot be carried out in this picture; the text is a clause: "would take cup_1 out of it"."""


class Paste(Frozen):
    """Pixels that are taken from one place of the picture and put down at another.

    Attributes:
        source: the pixels before.
        flip, degrees, scale, dx, dy: flipped, turned clockwise and scaled about the source's box centre, then shifted
            by whole pixels.
    """

    source: Mask
    dx: int = 0
    dy: int = 0
    scale: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    degrees: float = Field(default=0.0, allow_inf_nan=False)
    flip: Flip | None = None

    @property
    def transform(self) -> Transform:
        """Where each pixel of the source's box goes."""
        return Transform(self.source.box, self.scale, self.dx, self.dy, self.degrees, self.flip)

    @property
    def goal(self) -> Mask:
        """The pixels afterwards; what leaves the image is lost."""
        return moved_mask(self.source, self.transform)


@dataclass(frozen=True)
class Draft:
    """Where an action (or one part of it) changes the picture, and how; see `Region` for the meaning of each.

    Attributes:
        support: the only pixels that may change.
        prompt, negative: for a painter, where the action says none of its own.
        strength: denoise strength in (0, 1].
        order: what a painter that follows instructions is told, as a clause: "replace the cup with a glass".
    """

    support: Mask
    prompt: str
    negative: str = ""
    feather: int = 0
    core: Mask | None = None
    avoid: Mask | None = None
    strength: float = 1.0
    hole: Mask | None = None
    pastes: tuple[Paste, ...] = ()
    order: str = ""
