"""Rectangles of whole pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator


class Box(BaseModel):
    """A rectangle of whole pixels, half-open: columns x0 … x1 - 1, rows y0 … y1 - 1.

    Raises:
        ValueError: where x1 < x0 or y1 < y0 (an empty box has equal edges).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    x0: int
    y0: int
    x1: int
    y1: int

    if TYPE_CHECKING:

        def __init__(self, x0: int, y0: int, x1: int, y1: int) -> None: ...

    else:
        # what a file says goes through here too: that a corner is missing or unknown is for pydantic to tell
        def __init__(self, *corners: int, **named: int) -> None:
            if len(corners) > 4:
                raise TypeError("A box has four edges: x0, y0, x1, y1.")
            super().__init__(**dict(zip(type(self).model_fields, corners, strict=False)), **named)

    @model_validator(mode="after")
    def _ordered(self) -> Box:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"A box ends before it begins: {self!r}.")
        return self

    @classmethod
    def around(cls, array: np.ndarray, margin: int = 0) -> Box:
        """The smallest box around what is not zero in an array [H, W]; Box(0, 0, 0, 0) where nothing is.

        Args:
            margin: pixels by which it is larger on each side, as far as the array goes.
        """
        rows, columns = np.flatnonzero(array.any(axis=1)), np.flatnonzero(array.any(axis=0))
        if len(rows) == 0:
            return cls(0, 0, 0, 0)
        box = cls(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        return box.grow(margin).clip(array.shape[1], array.shape[0])

    def __repr__(self) -> str:
        return f"Box({self.x0}, {self.y0}, {self.x1}, {self.y1})"

    __str__ = __repr__

    @property
    def width(self) -> int:
        """Columns: x1 - x0 pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Rows: y1 - y0 pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> int:
        """Pixels: width * height."""
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.area == 0

    @property
    def center(self) -> tuple[float, float]:
        """(x, y) of the middle, in pixels; between two pixels where a side is even."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns), to index an array [H, W, …] with."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def intersect(self, other: Box) -> Box:
        """What both hold; an empty box at the nearest corner where they share nothing."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def union(self, other: Box) -> Box:
        """The smallest box that holds both; an empty box adds nothing."""
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def grow(self, pixels: int) -> Box:
        """Every edge moved outwards by `pixels` (inwards if negative, down to an empty box)."""
        x0, y0, x1, y1 = self.x0 - pixels, self.y0 - pixels, self.x1 + pixels, self.y1 + pixels
        return Box(x0, y0, max(x0, x1), max(y0, y1))

    def clip(self, width: int, height: int) -> Box:
        """The part inside an image of that size."""
        return Box(*(min(max(v, 0), limit) for v, limit in zip(self.corners, (width, height) * 2, strict=True)))

    def shift(self, dx: int, dy: int) -> Box:
        """Moved by `dx` pixels to the right and `dy` down; it may leave the image."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def contains(self, other: Box) -> bool:
        """Whether every pixel of the other box lies in this one; an empty box lies in every box."""
        return (
            self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1
        ) or other.is_empty

    def meets(self, other: Box) -> bool:
        """Whether both hold a pixel; quicker than to intersect them, for all things of a scene at once."""
        return max(self.x0, other.x0) < min(self.x1, other.x1) and max(self.y0, other.y0) < min(self.y1, other.y1)

    def iou(self, other: Box) -> float:
        """Intersection over union, in [0, 1]; 0 for two empty boxes."""
        shared = self.intersect(other).area
        whole = self.area + other.area - shared
        return shared / whole if whole else 0.0

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1), in pixels, half-open."""
        return self.x0, self.y0, self.x1, self.y1
