"""Who paints a region: the protocol for models, and the built-in fill that needs none."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

import numpy as np

from ..core.scene import OnStep

SKETCH = 112
"""Pixels a side to which a crop is reduced for the search of patches before a model draws over it: as near to what
belongs there as a wider search, in a third of the time."""


class Inpainter(Protocol):
    """Draws into a mask what words say. A new model is one small class."""

    def inpaint(
        self,
        image: np.ndarray,
        mask: np.ndarray,
        prompt: str,
        negative_prompt: str,
        strength: float,
        seed: int,
        on_step: OnStep | None = None,
    ) -> np.ndarray:
        """The image with the mask painted.

        Args:
            image: uint8 or float32 [H, W, 3]; mask: float32 [H, W], 1 = paint.
            strength: denoise strength in (0, 1].
            seed: equal seeds give equal bytes.
            on_step: told (done, total); what it raises cancels and passes through.

        Returns:
            An image of the same size and dtype. What it changes outside the mask is thrown away by the caller.
        """
        ...


@runtime_checkable
class Filler(Protocol):
    """Fills holes from what is around them, without words: it can remove, it cannot draw."""

    def fill(
        self, image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None = None
    ) -> np.ndarray:
        """The image with the hole filled.

        Args:
            image: uint8 or float32 [H, W, 3]; hole: bool [H, W]; avoid: bool [H, W], pixels that must not be copied.

        Raises:
            EditError: where nothing is left to fill from.
        """
        ...


def take_remarks(painter: object) -> list[str]:
    """What a painter has to say of what it drew last, a sentence each, such as what of the prompt it never read.

    It is said once: the painter's `remarks`, where it has any, are empty afterwards.
    """
    remarks = getattr(painter, "remarks", None) or []
    taken = list(remarks)
    remarks.clear()
    return taken


class BuiltinFill:
    """Fills without weights: a smooth fill where the surroundings are smooth, else by examples from around.

    Args:
        method: "auto" looks at the surroundings; "exemplar" and "smooth" do what they say.
        window: pixels a side to which a larger crop is reduced for the search of examples; None is the usual one.
    """

    def __init__(self, method: Literal["auto", "exemplar", "smooth"] = "auto", window: int | None = None) -> None:
        self.method: Literal["auto", "exemplar", "smooth"] = method
        self.window = window

    def __repr__(self) -> str:
        return f"BuiltinFill({self.method!r})"

    def fill(
        self, image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None = None
    ) -> np.ndarray:
        from .fill.exemplar import WINDOW, exemplar_fill
        from .fill.smooth import is_smooth_around, smooth_fill

        if self.method == "smooth" or (self.method == "auto" and is_smooth_around(image, hole, avoid)):
            return smooth_fill(image, hole, avoid, seed, on_step)
        return exemplar_fill(image, hole, avoid, seed, on_step, self.window or WINDOW)

    def sketch(self) -> BuiltinFill:
        """The same fill as ground for a model that draws over all of it: quicker, with joints here and there."""
        return BuiltinFill(self.method, min(self.window or SKETCH, SKETCH))
