"""Masks as run lengths: which pixels belong to something.

Stored in row order, so that hundreds of masks of a 4K photo fit in a few megabytes and set operations cost the number
of runs, not of pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, model_validator

from .box import Box

MOST_PIXELS = 2**32
"""Of one mask: run lengths are kept in 32 bits."""
BAND = 4_000_000
"""Pixels that a mask is flattened to at a time where it grows, so that a large one takes no memory for distances."""


def _runs(value: Any) -> np.ndarray:
    """Run lengths from a text ("0 5 3"), a list or an array, as a read-only uint32 array."""
    if isinstance(value, str):
        value = value.split()
    try:
        runs = np.asarray(value).reshape(-1)
        if runs.dtype.kind not in "iuU":
            raise TypeError
        # what does not fit into 64 bits raises here, and does not wrap around
        runs = runs.astype(np.int64) if runs.dtype.kind == "U" else runs
    except (ValueError, OverflowError, TypeError) as error:
        raise ValueError("Run lengths are whole numbers separated by spaces.") from error
    # each of them first: the sum of larger ones could wrap around to a small number
    if runs.size == 0 or (runs < 0).any() or (runs[1:] == 0).any() or (runs >= MOST_PIXELS).any():
        raise ValueError("Run lengths start with the count of zeros and are positive after it.")
    if runs.sum(dtype=np.uint64) >= MOST_PIXELS:
        raise ValueError("The run lengths of a mask add up to more than four thousand megapixels.")
    runs = runs.astype(np.uint32)
    runs.flags.writeable = False
    return runs


Runs = Annotated[
    np.ndarray, BeforeValidator(_runs), PlainSerializer(lambda runs: " ".join(map(str, runs.tolist())), return_type=str)
]


class Mask(BaseModel):
    """Which pixels of an image belong to something.

    `runs` are lengths in row order that alternate between unset and set, the first unset (it alone may be 0); they add
    up to height * width. In JSON they are one string, so that a scene stays readable.

    Raises:
        ValueError: where the runs do not add up.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True, extra="forbid")

    height: int
    width: int
    runs: Runs

    @model_validator(mode="after")
    def _adds_up(self) -> Mask:
        if self.height < 0 or self.width < 0 or int(self.runs.sum(dtype=np.int64)) != self.height * self.width:
            raise ValueError(f"The run lengths of a mask do not add up to {self.height} x {self.width} pixels.")
        return self

    # ------------------------------------------------------------------------------------------------------- making

    @classmethod
    def _from_edges(cls, height: int, width: int, edges: np.ndarray) -> Mask:
        """From strictly increasing flat positions at which the value changes; the first makes it set."""
        total = height * width
        if edges.size and edges[-1] == total:
            edges = edges[:-1]
        runs = np.diff(edges, prepend=0, append=total).astype(np.uint32)
        runs.flags.writeable = False
        return cls.model_construct(height=height, width=width, runs=runs)

    @classmethod
    def from_array(cls, array: np.ndarray) -> Mask:
        """From an array [H, W]; whatever is not zero is set.

        Raises:
            ValueError: for any other number of dimensions.
        """
        if array.ndim != 2:
            raise ValueError(f"A mask is made from an array [H, W]; this one has the shape {array.shape}.")
        flat = np.ascontiguousarray(array).reshape(-1)
        flat = flat if flat.dtype == bool else flat != 0
        edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        if flat.size and flat[0]:
            edges = np.concatenate(([0], edges))
        return cls._from_edges(array.shape[0], array.shape[1], edges)

    @classmethod
    def from_crop(cls, array: np.ndarray, box: Box, height: int, width: int) -> Mask:
        """From the array [box.height, box.width] of a crop of an image of that size; unset elsewhere.

        What of the box lies outside the image is left out.
        """
        if array.shape != (box.height, box.width):
            raise ValueError(f"The array {array.shape} does not fill {box!r}.")
        inside = box.clip(width, height)
        rows, columns = inside.shift(-box.x0, -box.y0).slices
        part = array[rows, columns] != 0
        if part.size == 0:
            return cls.empty(height, width)
        padded = np.zeros((part.shape[0], part.shape[1] + 2), dtype=bool)
        padded[:, 1:-1] = part
        row, column = np.nonzero(padded[:, 1:] != padded[:, :-1])
        edges = (row + inside.y0) * width + column + inside.x0
        # a run to the right border goes on at the left one of the next row: there is no change between the two
        if edges.size:
            joined = np.flatnonzero(edges[1:] == edges[:-1])
            edges = np.delete(edges, np.concatenate((joined, joined + 1)))
        return cls._from_edges(height, width, edges)

    @classmethod
    def from_box(cls, box: Box, height: int, width: int) -> Mask:
        """Every pixel of the box that lies inside the image."""
        box = box.clip(width, height)
        return cls.from_crop(np.ones((box.height, box.width), dtype=bool), box, height, width)

    @classmethod
    def union(cls, masks: Iterable[Mask], height: int, width: int) -> Mask:
        """The pixels that any of the masks has; one sort over all of their runs, however many they are.

        Raises:
            ValueError: for a mask of another size.
        """
        spans = []
        for mask in masks:
            if (mask.height, mask.width) != (height, width):
                raise ValueError(f"Masks of {width} x {height} and {mask.width} x {mask.height} pixels do not combine.")
            spans.append(mask._spans)
        if not spans:
            return cls.empty(height, width)
        starts, ends = (np.sort(np.concatenate(side), kind="stable") for side in zip(*spans, strict=True))
        order = np.arange(starts.size)
        # a stretch begins where all that began before has ended, and ends where all that began has; touching ones go on
        begins = starts[np.searchsorted(ends, starts, side="left") == order]
        stops = ends[np.searchsorted(starts, ends, side="right") == order + 1]
        return cls._from_edges(height, width, np.stack([begins, stops], axis=1).reshape(-1))

    @classmethod
    def empty(cls, height: int, width: int) -> Mask:
        """No pixel of an image of that size."""
        return cls._from_edges(height, width, np.zeros(0, dtype=np.int64))

    # ------------------------------------------------------------------------------------------------------ reading

    @property
    def _edges(self) -> np.ndarray:
        """Flat positions at which the value changes, the image's end left out."""
        return np.cumsum(self.runs[:-1], dtype=np.int64)

    @property
    def _spans(self) -> tuple[np.ndarray, np.ndarray]:
        """Flat starts and ends of the runs that are set."""
        edges = np.cumsum(self.runs, dtype=np.int64)
        ends = edges[1::2]
        return edges[0::2][: ends.size], ends

    def to_array(self, box: Box | None = None) -> np.ndarray:
        """bool[H, W]; with a box inside the image bool[box.height, box.width], at the cost of the box's rows alone."""
        if box is None:
            values = np.zeros(self.runs.size, dtype=bool)
            values[1::2] = True
            return np.repeat(values, self.runs).reshape(self.height, self.width)
        if not Box(0, 0, self.width, self.height).contains(box):
            raise ValueError(f"{box!r} reaches outside an image of {self.width} x {self.height} pixels.")
        first, last = box.y0 * self.width, box.y1 * self.width
        edges = self._edges
        low, high = np.searchsorted(edges, [first, last], side="right")
        runs = np.diff(np.minimum(edges[low:high], last), prepend=first, append=last)
        values = (np.arange(runs.size) + low) % 2 == 1
        rows = np.repeat(values, runs).reshape(box.height, self.width)
        return rows[:, box.x0 : box.x1]

    @cached_property
    def area(self) -> int:
        """Pixels that are set."""
        return int(self.runs[1::2].sum(dtype=np.int64))

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is set."""
        return self.runs.size < 2

    @cached_property
    def box(self) -> Box:
        """The smallest box around what is set; Box(0, 0, 0, 0) for an empty mask."""
        if self.is_empty:
            return Box(0, 0, 0, 0)
        starts, ends = self._spans
        first_row, last_row = starts // self.width, (ends - 1) // self.width
        wraps = bool((last_row > first_row).any())
        x0 = 0 if wraps else int((starts % self.width).min())
        x1 = self.width if wraps else int(((ends - 1) % self.width).max()) + 1
        return Box(x0, int(first_row[0]), x1, int(last_row[-1]) + 1)

    @property
    def centroid(self) -> tuple[float, float]:
        """(x, y) of the centre of mass, in the coordinates of Box.center; the image's centre for an empty mask."""
        if self.is_empty:
            return self.width / 2, self.height / 2
        box = self.box
        part = self.to_array(box)
        area = part.sum()
        x = float((part.sum(axis=0) * (np.arange(box.width) + 0.5)).sum() / area)
        y = float((part.sum(axis=1) * (np.arange(box.height) + 0.5)).sum() / area)
        return box.x0 + x, box.y0 + y

    def components(self) -> list[Mask]:
        """The parts that hang together (8-connected), the largest first, then in reading order."""
        from scipy import ndimage

        if self.is_empty:
            return []
        box = self.box
        labels, count = ndimage.label(self.to_array(box), structure=np.ones((3, 3)))  # pyright: ignore
        parts = []
        for index, slices in enumerate(ndimage.find_objects(labels), start=1):
            rows, columns = slices
            place = Box(columns.start, rows.start, columns.stop, rows.stop).shift(box.x0, box.y0)
            parts.append(Mask.from_crop(labels[slices] == index, place, self.height, self.width))
        assert len(parts) == count
        return sorted(parts, key=lambda part: (-part.area, part.box.y0, part.box.x0))

    # ----------------------------------------------------------------------------------------------- set operations

    def _combine(self, other: Mask, table: np.ndarray) -> Mask:
        """A function of two masks that is unset where both are; `table[2 * a + b]` is its truth table."""
        self._check_size(other)
        mine, theirs = self._edges, other._edges
        edges = np.union1d(mine, theirs)
        a = np.searchsorted(mine, edges, side="right") % 2
        b = np.searchsorted(theirs, edges, side="right") % 2
        values = table[2 * a + b]
        changes = np.flatnonzero(np.diff(values, prepend=False))
        return Mask._from_edges(self.height, self.width, edges[changes])

    def _check_size(self, other: Mask) -> None:
        if (self.height, self.width) != (other.height, other.width):
            raise ValueError(
                f"Masks of {self.width} x {self.height} and {other.width} x {other.height} pixels do not combine."
            )

    def __and__(self, other: Mask) -> Mask:
        """The pixels that both have; ValueError for another size, as in the three below."""
        return self._combine(other, np.array([False, False, False, True]))

    def __or__(self, other: Mask) -> Mask:
        """The pixels that either has."""
        return self._combine(other, np.array([False, True, True, True]))

    def __sub__(self, other: Mask) -> Mask:
        """The pixels of this one that the other has not."""
        return self._combine(other, np.array([False, False, True, False]))

    def __xor__(self, other: Mask) -> Mask:
        """The pixels that just one of the two has."""
        return self._combine(other, np.array([False, True, True, False]))

    def __invert__(self) -> Mask:
        """The pixels of the image that this one has not."""
        edges = self._edges
        edges = edges[1:] if edges.size and edges[0] == 0 else np.concatenate(([0], edges))
        return Mask._from_edges(self.height, self.width, edges)

    def shared(self, other: Mask) -> int:
        """How many pixels both have; ValueError where they are of different sizes."""
        self._check_size(other)
        return (self & other).area if self.box.meets(other.box) else 0

    def overlaps(self, other: Mask) -> bool:
        """Whether the two share a pixel; ValueError where they are of different sizes."""
        return self.shared(other) > 0

    def iou(self, other: Mask) -> float:
        """Intersection over union, in [0, 1]; 0 for two empty masks."""
        shared = self.shared(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    # --------------------------------------------------------------------------------------------------------- shape

    def shift(self, dx: int, dy: int) -> Mask:
        """Moved by whole pixels; what leaves the image is lost."""
        box = self.box
        return Mask.from_crop(self.to_array(box), box.shift(dx, dy), self.height, self.width)

    def grow(self, pixels: float) -> Mask:
        """With every pixel whose centre lies within `pixels` (Euclidean) of a set one's centre; shrinks if negative.

        The image's border is no edge: a mask that touches it does not shrink away from it.
        """
        from scipy import ndimage

        if self.is_empty or pixels == 0:
            return self
        if pixels < 0:
            return ~((~self).grow(-pixels))
        reach = int(np.ceil(pixels))
        box = self.box.grow(reach).clip(self.width, self.height)
        rows = max(BAND // box.width, 4 * reach)
        grown = Mask.empty(self.height, self.width)
        for top in range(box.y0, box.y1, rows):
            band = Box(box.x0, top, box.x1, min(top + rows, box.y1))
            # what is farther away than the reach cannot touch the band
            around = band.grow(reach).intersect(box)
            unset = ~self.to_array(around)
            if unset.all():
                continue
            near = np.asarray(ndimage.distance_transform_edt(unset)) <= pixels
            grown |= Mask.from_crop(near[band.shift(-around.x0, -around.y0).slices], band, self.height, self.width)
        return grown

    def shrink(self, pixels: float) -> Mask:
        """Without every pixel whose centre lies within `pixels` (Euclidean) of an unset one's; `grow(-pixels)`."""
        return self.grow(-pixels)

    def fill_holes(self, most: float | None = None) -> Mask:
        """With every unset pixel that no 4-connected path of unset pixels joins to the border of the mask's box.

        Args:
            most: pixels; a hole with more than that stays, None fills all.
        """
        from scipy import ndimage

        if self.is_empty:
            return self
        box = self.box
        part = self.to_array(box)
        filled = np.asarray(ndimage.binary_fill_holes(part), dtype=bool)
        holes = filled & ~part
        if not holes.any():
            return self
        if most is not None:
            # of the holes' own pixels alone: numbers of all would take eight times the picture
            numbers = np.asarray(ndimage.label(holes)[0], dtype=np.intp)[holes]  # pyright: ignore
            filled[holes] = np.bincount(numbers)[numbers] <= most
        return Mask.from_crop(filled, box, self.height, self.width)

    # ------------------------------------------------------------------------------------------------------ exchange

    def to_coco(self) -> dict[str, Any]:
        """COCO's uncompressed RLE: {"size": [H, W], "counts": […]}, column order, first count unset."""
        turned = Mask.from_array(self.to_array().T)
        return {"size": [self.height, self.width], "counts": turned.runs.tolist()}

    @classmethod
    def from_coco(cls, rle: dict[str, Any]) -> Mask:
        """From COCO's uncompressed RLE.

        Raises:
            ValueError: for the compressed form (counts as text), or counts that do not add up.
        """
        if not isinstance(rle.get("counts"), list):
            raise ValueError("Only COCO's uncompressed RLE is read: counts must be a list of numbers.")
        height, width = rle["size"]
        if sum(rle["counts"]) != height * width:
            raise ValueError(f"The COCO counts do not add up to {height} x {width} pixels.")
        # COCO files may hold zero counts in the middle: expand them by hand
        flat = np.repeat(np.arange(len(rle["counts"])) % 2 == 1, rle["counts"])
        return cls.from_array(flat.reshape(width, height).T)

    # ------------------------------------------------------------------------------------------------------- identity

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Mask)
            and (self.height, self.width) == (other.height, other.width)
            and np.array_equal(self.runs, other.runs)
        )

    def __hash__(self) -> int:
        return hash((self.height, self.width, self.runs.tobytes()))

    def __repr__(self) -> str:
        return f"Mask({self.width}x{self.height}, area={self.area})"

    __str__ = __repr__
