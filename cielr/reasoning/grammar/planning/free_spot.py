"""Where something new goes when nobody says: where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....actions import Place
from ....core.geometry import Box
from ....core.scene import Scene

GRID = 8
"""Columns and rows of places that are tried for something new whose place is not said."""

GROUND = 8
"""So many times as large as a thing is what it may stand on."""


def free_spot(scene: Scene) -> Place:
    """The place of a coarse grid that is farthest from every thing; of equals the lowest, where the ground is."""
    boxes = [thing.box for thing in scene.objects if thing.box.area < 0.6 * scene.width * scene.height]
    best, farthest = (0.5, 0.6), -1.0
    for row in range(GRID - 2, 0, -1):
        for column in range(1, GRID):
            x, y = column / GRID, (row + 0.5) / GRID
            point = (x * scene.width, y * scene.height)
            far = min([_distance(box, point) for box in boxes], default=float("inf"))
            # as well as a little love for the middle of the picture
            far = min(far, 0.35 * min(scene.width, scene.height)) - abs(x - 0.5)
            if far > farthest + 1e-9:
                best, farthest = (x, y), far
    return Place(relation="at", x=round(best[0], 4), y=round(best[1], 4))


def free_row(scene: Scene, box: Box, spared: Sequence[str], count: int) -> list[Place]:
    """Where copies of what stands in a box go: in a row to the right, to the left, below or above, whichever covers the
    least of other things, of equals where there is more room; nothing where the picture ends before, or where several
    would hide what is there."""
    room = {"right": scene.width - box.x1, "left": box.x0, "down": scene.height - box.y1, "up": box.y0}
    steps = {"right": (box.width, 0), "left": (-box.width, 0), "down": (0, box.height), "up": (0, -box.height)}
    others = [thing.box for thing in scene.objects if thing.id not in spared]
    # what is as large as a table or a river bears a copy as well
    others = [other for other in others if other.area < GROUND * box.area and not _holds(other, box)]
    best: tuple[float, bool, float, list[Place]] | None = None
    for side, (dx, dy) in steps.items():
        length = abs(dx + dy)
        if count * length > room[side] + (length / 2 if count == 1 else 0):
            continue
        rows = [(dx * number, dy * number) for number in range(1, count + 1)]
        covered = sum(_shared(box, x, y, other) for x, y in rows for other in others)
        places = [Place(relation="by", x=float(x), y=float(y)) for x, y in rows]
        rated = (covered, side in ("down", "up"), -float(room[side]), places)
        best = rated if best is None or rated[:3] < best[:3] else best
    crowded = best is not None and count > 1 and best[0] > count * box.area / 4
    return [] if best is None or crowded else best[3]


def _shared(box: Box, dx: float, dy: float, other: Box) -> float:
    """The area that a box, moved, shares with another, in pixels."""
    across = min(box.x1 + dx, other.x1) - max(box.x0 + dx, other.x0)
    down = min(box.y1 + dy, other.y1) - max(box.y0 + dy, other.y0)
    return max(across, 0.0) * max(down, 0.0)


def _holds(outer: Box, inner: Box) -> bool:
    """Whether a thing is what another stands on or in, so that a copy may stand there, too."""
    return outer.x0 <= inner.x0 and outer.y0 <= inner.y0 and outer.x1 >= inner.x1 and outer.y1 >= inner.y1


def _distance(box, point: tuple[float, float]) -> float:
    dx = max(box.x0 - point[0], 0.0, point[0] - box.x1)
    dy = max(box.y0 - point[1], 0.0, point[1] - box.y1)
    return float(np.hypot(dx, dy))
