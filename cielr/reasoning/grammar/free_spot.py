"""Where something new goes when nobody says: where there is room."""

from __future__ import annotations

import numpy as np

from ...actions import Place
from ...core.scene import Scene

GRID = 8
"""Columns and rows of places that are tried for something new whose place is not said."""


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


def _distance(box, point: tuple[float, float]) -> float:
    dx = max(box.x0 - point[0], 0.0, point[0] - box.x1)
    dy = max(box.y0 - point[1], 0.0, point[1] - box.y1)
    return float(np.hypot(dx, dy))
