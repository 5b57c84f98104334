"""Spatial relations and orders, evaluated by code so that no language model has to do arithmetic.

Everything here takes `Thing`s: whatever has a box, a mask and maybe a depth. A relation is a plain boolean function; an
order is a sorted list (equal things keep the order in which they came).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from .box import Box
from .mask import Mask

if TYPE_CHECKING:
    from scipy.spatial import KDTree


class Thing(Protocol):
    """What can stand in a relation: a scene's object, say."""

    @property
    def box(self) -> Box:
        """Around it, in pixels of the image."""
        ...

    @property
    def mask(self) -> Mask:
        """Its pixels, of the image's size."""
        ...

    @property
    def depth(self) -> float | None:
        """How far it is: 0 nearest … 1 farthest, None where unknown."""
        ...


T = TypeVar("T", bound=Thing)

TOUCH = 0.004
"""Two things touch where their gap is at most this share of the image's diagonal (4 px at 800 x 600), and 2 px at
least: a segmenter leaves a seam between neighbours."""

INSIDE = 0.9
"""So much of a thing's mask must lie within the other's box for it to be inside."""

DEPTH_STEP = 0.02
"""Depths in [0, 1] closer than this are the same: monocular depth is not finer."""


# --------------------------------------------------------------------------------------------------- side by side


def left_of(a: Thing, b: Thing) -> bool:
    """The centre of each lies outside the other's columns, and a's is the left one. Antisymmetric and transitive."""
    return a.box.center[0] < b.box.x0 and b.box.center[0] > a.box.x1


def right_of(a: Thing, b: Thing) -> bool:
    """`left_of(b, a)`."""
    return left_of(b, a)


def above(a: Thing, b: Thing) -> bool:
    """The centre of each lies outside the other's rows, and a's is the upper one. Antisymmetric and transitive."""
    return a.box.center[1] < b.box.y0 and b.box.center[1] > a.box.y1


def below(a: Thing, b: Thing) -> bool:
    """`above(b, a)`."""
    return above(b, a)


def in_front_of(a: Thing, b: Thing) -> bool:
    """a is nearer by more than DEPTH_STEP; False where a depth is unknown. Antisymmetric and transitive."""
    return a.depth is not None and b.depth is not None and a.depth < b.depth - DEPTH_STEP


def behind(a: Thing, b: Thing) -> bool:
    """`in_front_of(b, a)`."""
    return in_front_of(b, a)


# --------------------------------------------------------------------------------------------------------- contact


def overlapping(a: Thing, b: Thing) -> bool:
    """Their masks share a pixel. Symmetric."""
    return a.box.meets(b.box) and a.mask.overlaps(b.mask)


def inside(a: Thing, b: Thing) -> bool:
    """At least INSIDE of a's mask lies within b's box, and a's box is the smaller one. Antisymmetric.

    The box and not the mask counts: what stands in a bowl hides the part of the bowl that it stands in.
    """
    if a.box.area >= b.box.area or a.mask.is_empty:
        return False
    shared = a.box.intersect(b.box)
    return not shared.is_empty and int(a.mask.to_array(shared).sum()) >= INSIDE * a.mask.area


def gap(a: Thing, b: Thing) -> float:
    """Shortest distance between two pixels of the masks, in pixels between their edges; 0 where they touch or overlap.

    inf where a mask is empty. Symmetric.
    """
    if a.mask.is_empty or b.mask.is_empty:
        return float("inf")
    if overlapping(a, b):
        return 0.0
    distances, _ = _rim(a.mask).query(_rim(b.mask).data)
    return max(0.0, float(np.min(distances)) - 1.0)


def touch_reach(width: int, height: int) -> int:
    """Pixels within which two things in an image of that size touch, rounded up."""
    return int(np.ceil(max(2.0, TOUCH * float(np.hypot(height, width)))))


def touching(a: Thing, b: Thing) -> bool:
    """Their gap is at most TOUCH of the image's diagonal and 2 px at least. Symmetric."""
    reach = _touch(a)
    return _box_gap(a.box, b.box) <= reach and gap(a, b) <= reach


def on(a: Thing, b: Thing) -> bool:
    """a rests on b: it touches or overlaps it, its foot lies within b's rows or just above, and its middle over b's
    columns; and a's middle is above b's, or a stands within b's box with b going on below its foot, as a plate does at
    the front of a table. Antisymmetric."""
    reach = _touch(a)
    return (
        b.box.y0 - reach <= a.box.y1 <= b.box.y1
        and b.box.x0 <= a.box.center[0] <= b.box.x1
        and (
            _goes_on_below(a, b, round(reach))
            or (a.box.center[1] < b.box.center[1] and not _goes_on_below(b, a, round(reach)))
        )
        and (overlapping(a, b) or touching(a, b))
    )


def _goes_on_below(a: Thing, b: Thing, reach: int) -> bool:
    """Whether a's box lies in b's, and most of the strip beneath a's foot is b."""
    if a.box == b.box or not b.box.contains(a.box):
        return False
    strip = Box(x0=a.box.x0, y0=a.box.y1, x1=a.box.x1, y1=a.box.y1 + 2 * reach).intersect(b.box)
    return not strip.is_empty and float(b.mask.to_array(strip).mean()) > 0.5


def next_to(a: Thing, b: Thing) -> bool:
    """Side by side: the gap is at most half the larger one's mean side, and neither is inside the other. Symmetric."""
    if inside(a, b) or inside(b, a):
        return False
    reach = max((thing.box.width + thing.box.height) / 4 for thing in (a, b))
    return _box_gap(a.box, b.box) <= reach and gap(a, b) <= reach


def between(a: Thing, b: Thing, c: Thing) -> bool:
    """a's centre lies in the strip from b's centre to c's, no farther from the line than a's own half diagonal.

    What holds both, such as the sofa under two cushions, lies not between them. Symmetric in b and c.
    """
    pa, pb, pc = (np.array(thing.box.center) for thing in (a, b, c))
    line, offset = pc - pb, pa - pb
    length2 = float(np.dot(line, line))
    # half pixels are exact in floats, so the test is the same from either end
    along = float(np.dot(offset, line))
    across = abs(float(line[0] * offset[1] - line[1] * offset[0]))
    half_diagonal = float(np.hypot(a.box.width, a.box.height)) / 2
    x0, y0, x1, y1 = a.box.corners
    if all(x0 < x < x1 and y0 < y < y1 for x, y in (pb, pc)):
        return False
    return 0 < along < length2 and across <= float(np.sqrt(length2)) * half_diagonal


# ---------------------------------------------------------------------------------------------------------- orders


def left_to_right(things: Iterable[T]) -> list[T]:
    """By the centre of the box."""
    return sorted(things, key=lambda thing: thing.box.center[0])


def right_to_left(things: Iterable[T]) -> list[T]:
    """By the centre of the box."""
    return sorted(things, key=lambda thing: -thing.box.center[0])


def top_to_bottom(things: Iterable[T]) -> list[T]:
    """By the centre of the box."""
    return sorted(things, key=lambda thing: thing.box.center[1])


def bottom_to_top(things: Iterable[T]) -> list[T]:
    """By the centre of the box."""
    return sorted(things, key=lambda thing: -thing.box.center[1])


def near_to_far(things: Iterable[T]) -> list[T]:
    """By depth; what has none is left out."""
    return sorted((t for t in things if t.depth is not None), key=lambda thing: thing.depth or 0.0)


def far_to_near(things: Iterable[T]) -> list[T]:
    """By depth; what has none is left out."""
    return sorted((t for t in things if t.depth is not None), key=lambda thing: -(thing.depth or 0.0))


def small_to_large(things: Iterable[T]) -> list[T]:
    """By the mask's area."""
    return sorted(things, key=lambda thing: thing.mask.area)


def large_to_small(things: Iterable[T]) -> list[T]:
    """By the mask's area."""
    return sorted(things, key=lambda thing: -thing.mask.area)


def rows(things: Iterable[T]) -> list[list[T]]:
    """Things that stand side by side, as people see rows: the top row first, each from left to right.

    Rows are cut where the vertical distance from one centre to the next is more than half the median height.
    """
    return _bands(things, axis=1)


def columns(things: Iterable[T]) -> list[list[T]]:
    """Things that stand one over another: the left column first, each from top to bottom. The same rule as `rows`."""
    return _bands(things, axis=0)


def reading_order(things: Iterable[T]) -> list[T]:
    """Row by row, each from left to right."""
    return [thing for row in rows(things) for thing in row]


# ---------------------------------------------------------------------------------------------------------- helpers


def _bands(things: Iterable[T], axis: int) -> list[list[T]]:
    ordered = sorted(things, key=lambda thing: thing.box.center[axis])
    if not ordered:
        return []
    sides = [(thing.box.width, thing.box.height)[axis] for thing in ordered]
    cut = max(1.0, float(np.median(sides)) / 2)
    bands: list[list[T]] = [[ordered[0]]]
    for before, thing in pairwise(ordered):
        if thing.box.center[axis] - before.box.center[axis] > cut:
            bands.append([])
        bands[-1].append(thing)
    sort: Callable[[Iterable[T]], list[T]] = left_to_right if axis == 1 else top_to_bottom
    return [sort(band) for band in bands]


def _touch(thing: Thing) -> float:
    return max(2.0, TOUCH * float(np.hypot(thing.mask.height, thing.mask.width)))


def _box_gap(a: Box, b: Box) -> float:
    """A lower bound of the gap between what the boxes hold."""
    across = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    down = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return float(np.hypot(across, down))


@lru_cache(maxsize=64)
def _rim(mask: Mask) -> KDTree:
    """The pixels of a mask that have a 4-neighbour outside it, as a tree of [N, 2] (row, column).

    Kept for a while: whoever asks how far a thing is from one neighbour asks for the next one too.
    """
    from scipy.spatial import KDTree

    box = mask.box
    inner = np.pad(mask.to_array(box), 1)
    core = inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    return KDTree(np.argwhere(inner[1:-1, 1:-1] & ~core) + np.array([box.y0, box.x0]))
