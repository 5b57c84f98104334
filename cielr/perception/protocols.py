"""What a detector, a segmenter and a depth estimator are: a new model is one small class.

Images are uint8 or float32 [H, W, 3]. `on_step(done, total)` is told about progress; what it raises cancels the work
and passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..core.geometry import Box, Mask
from ..core.scene import OnStep


@dataclass(frozen=True)
class Detection:
    """One thing found.

    Attributes:
        label: one of the labels that were asked for, letter for letter.
        score: in [0, 1].
        box: inside the image, never empty.
        alternatives: other labels that were asked for and fit the same box, the best first.
        box_only: no outline was found in it, its mask is the box.
    """

    label: str
    score: float
    box: Box
    alternatives: tuple[str, ...] = ()
    box_only: bool = False


class Detector(Protocol):
    """Finds things by their names."""

    @property
    def name(self) -> str:
        """For people: "owlv2-base-patch16-ensemble"."""
        ...

    def detect(self, image: np.ndarray, labels: Sequence[str], on_step: OnStep | None = None) -> list[Detection]:
        """What of the labels is there, the surest first; doubles are merged."""
        ...


class Segmenter(Protocol):
    """Draws the outlines of things in boxes. One that has `everything` finds things without being told where."""

    @property
    def name(self) -> str: ...

    def segment(self, image: np.ndarray, boxes: Sequence[Box], on_step: OnStep | None = None) -> list[Mask]:
        """One mask of the image's size for each box; an empty one where nothing is found in it."""
        ...


class DepthEstimator(Protocol):
    """Says how far everything is."""

    @property
    def name(self) -> str: ...

    def depth(self, image: np.ndarray, on_step: OnStep | None = None) -> np.ndarray:
        """float32 [H, W], 0 nearest … 1 farthest."""
        ...


Describer = Callable[[np.ndarray, str], str]
"""A vision model: (crop uint8 or float32 [h, w, 3], question) -> its answer."""

Proposer = Callable[[np.ndarray], Sequence[str]]
"""A vision model that says what is to be seen: image -> labels."""


class Models(Protocol):
    """The models of a parser, for whoever looks again."""

    detector: Detector | None
    segmenter: Segmenter
    depth: DepthEstimator | None
    describer: Describer | None

    @property
    def name(self) -> str:
        """For a scene's provenance."""
        ...

    def remarks(self) -> tuple[str, ...]:
        """What the models have to say since the last call."""
        ...
