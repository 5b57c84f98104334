"""How a rectangle of pixels is flipped, turned, scaled and shifted: where it lands, and what each pixel comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .box import Box

Flip = Literal["horizontal", "vertical"]
"""What changes places: left and right, or top and bottom."""


@dataclass(frozen=True)
class Transform:
    """Flips a box's pixels, turns them clockwise and scales them about the box's centre, then shifts by whole pixels.

    Flips and quarter turns are exact: pixels only change places, and four quarter turns lead back.

    Attributes:
        start: the box before, in pixels of the image.
        scale: above 0; degrees: clockwise; dx, dy: pixels to the right and down.
    """

    start: Box
    scale: float = 1.0
    dx: int = 0
    dy: int = 0
    degrees: float = 0.0
    flip: Flip | None = None

    @property
    def quarters(self) -> int:
        """Whole quarter turns, 0 … 3."""
        return round(self.degrees / 90) % 4

    @property
    def rest(self) -> float:
        """Degrees that are left to turn after the quarters, in [-45, 45]."""
        return self.degrees - 90 * round(self.degrees / 90)

    @property
    def upright(self) -> Box:
        """The box after flip, quarter turns, scale and shift: what `rest` then turns about its centre."""
        box = self.start
        if self.quarters % 2:
            # rounded one way from wide to high and the other way back, so that turns do not wander
            lift = (box.width - box.height) // 2 if box.width > box.height else -((box.height - box.width) // 2)
            box = Box(box.x0 + lift, box.y0 - lift, box.x0 + lift + box.height, box.y0 - lift + box.width)
        if self.scale != 1:
            box = centred(*box.center, (max(1, round(box.width * self.scale)), max(1, round(box.height * self.scale))))
        return box.shift(self.dx, self.dy)

    @property
    def goal(self) -> Box:
        """The box that holds everything afterwards; it may leave the image."""
        box = self.upright
        if self.rest == 0:
            return box
        sine, cosine = abs(np.sin(np.radians(self.rest))), abs(np.cos(np.radians(self.rest)))
        width, height = box.width * cosine + box.height * sine, box.width * sine + box.height * cosine
        x, y = box.center
        return Box(
            int(np.floor(x - width / 2)),
            int(np.floor(y - height / 2)),
            int(np.ceil(x + width / 2)),
            int(np.ceil(y + height / 2)),
        )

    def oriented(self, array: np.ndarray) -> np.ndarray:
        """The array [start.height, start.width, …] flipped and turned by the quarters; a view."""
        if self.flip is not None:
            array = array[:, ::-1] if self.flip == "horizontal" else array[::-1]
        return np.rot90(array, -self.quarters)

    def back(self, seen: Box, size: tuple[int, int]) -> np.ndarray:
        """float64 [3, 3]: from (column, row, 1) in `seen` to (column, row, 1) in the oriented array, or one resized.

        Args:
            seen: a part of `goal`; size: (width, height) of the array.
        """
        box = self.upright
        cosine, sine = np.cos(np.radians(self.rest)), np.sin(np.radians(self.rest))
        (x, y), (width, height) = box.center, size
        # pixel centres: from the part's corner to about the centre, turned back, scaled back, from the array's corner
        to_centre = np.array([[1, 0, seen.x0 + 0.5 - x], [0, 1, seen.y0 + 0.5 - y], [0, 0, 1]])
        turned = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
        scaled = np.array(
            [[width / box.width, 0, width / 2 - 0.5], [0, height / box.height, height / 2 - 0.5], [0, 0, 1]]
        )
        return scaled @ turned @ to_centre

    def nearest(self, seen: Box) -> tuple[np.ndarray, np.ndarray]:
        """(rows, columns) int [seen.height, seen.width], broadcast, in the oriented array; outside it where negative.

        Args:
            seen: a part of `goal`.
        """
        shape = (self.start.height, self.start.width)[:: -1 if self.quarters % 2 else 1]
        box = self.upright
        if self.rest == 0:
            rows = np.arange(seen.y0 - box.y0, seen.y1 - box.y0)
            columns = np.arange(seen.x0 - box.x0, seen.x1 - box.x0)
            return (
                ((rows + 0.5) * shape[0] / box.height).astype(int)[:, None],
                ((columns + 0.5) * shape[1] / box.width).astype(int)[None],
            )
        # whole and half pixels from the centre are exact: a pixel comes from the same place whatever is seen with it
        sine, cosine = np.sin(np.radians(self.rest)), np.cos(np.radians(self.rest))
        x = (np.arange(seen.x0, seen.x1) + 0.5 - box.center[0])[None]
        y = (np.arange(seen.y0, seen.y1) + 0.5 - box.center[1])[:, None]
        columns = np.floor((x * cosine + y * sine) * (shape[1] / box.width) + shape[1] / 2).astype(int)
        rows = np.floor((y * cosine - x * sine) * (shape[0] / box.height) + shape[0] / 2).astype(int)
        inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
        return np.where(inside, rows, -1), np.where(inside, columns, -1)


def bands(box: Box, pixels: int) -> list[Box]:
    """The box cut into stretches of whole rows of about so many pixels each."""
    rows = max(1, pixels // max(1, box.width))
    return [Box(box.x0, y, box.x1, min(y + rows, box.y1)) for y in range(box.y0, box.y1, rows)]


def centred(cx: float, cy: float, size: tuple[int, int]) -> Box:
    """The box of that (width, height) in whole pixels whose centre is nearest to a point."""
    x0, y0 = int(np.floor(cx - size[0] / 2 + 0.5)), int(np.floor(cy - size[1] / 2 + 0.5))
    return Box(x0, y0, x0 + size[0], y0 + size[1])
