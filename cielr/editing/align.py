"""Takes back the drift of a model that redraws a whole picture: by some pixels, and by a hair in size.

Models that follow an instruction return the picture a little shifted or zoomed. What lies around the region should have
stayed as it was, so the drift is measured there and undone before the region is cut out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from ..core.arrays import as_floats, resized
from ..region import Region

FURTHEST = 0.06
"""Of the crop's longer side: whatever seems to have moved further was not moved but drawn anew."""
ZOOM = 0.08
"""More than this, up or down, is no drift."""
STILL = 0.1
"""Pixels: less is left as it is, as each resampling softens a little."""
MARGIN = 4
"""Pixels around the region that are not looked at: what is drawn reaches over its edge."""
ALIKE = 0.8
"""How much the surroundings must correlate once they are moved back: other pictures stay below 0.4, moved ones that are
drawn with a coat of noise above 0.95."""
BLUR = 1.5
"""Sigma, in pixels, with which they are compared: resampling alone would make noise look better."""
ENOUGH = 400
"""Pixels of surroundings that can be compared; fewer say nothing."""
COARSE = 160
"""Longer side, in pixels, of the smallest picture on which the drift is looked for first."""
ROUNDS = 12
"""Steps at each size; it settles in three or four."""


@dataclass(frozen=True)
class Drift:
    """Where a model put what was at (x, y): at `centre + zoom * ((x, y) - centre) + (dx, dy)`; pixels of the crop."""

    dx: float = 0.0
    dy: float = 0.0
    zoom_x: float = 1.0
    zoom_y: float = 1.0

    def furthest(self, height: int, width: int) -> float:
        """How far the corner that moved most has moved, in pixels."""
        across = abs(self.dx) + abs(self.zoom_x - 1) * width / 2
        down = abs(self.dy) + abs(self.zoom_y - 1) * height / 2
        return float(np.hypot(across, down))


def aligned(painted: np.ndarray, crop: np.ndarray, region: Region) -> np.ndarray:
    """The painted crop with its drift undone; itself where the surroundings show none, or cannot tell.

    Args:
        painted: uint8 or float32 [h, w, 3], what the model returned for the crop; another size is scaled first.
        crop: [crop.height, crop.width, 3] before painting.

    Returns:
        float32 [crop.height, crop.width, 3] in [0, 1].
    """
    painted = as_floats(resized(painted, region.crop.width, region.crop.height))
    near = np.asarray(ndimage.binary_dilation(region.inside(region.support), iterations=MARGIN), dtype=bool)
    before = as_floats(crop)
    drift = drift_of(painted, before, ~near)
    height, width = near.shape
    if drift.furthest(height, width) < STILL:
        return painted
    return np.clip(undone(painted, drift), 0, 1)


def drift_of(painted: np.ndarray, before: np.ndarray, around: np.ndarray) -> Drift:
    """How a painted picture lies beside the one before, judged by what is around the region.

    Args:
        painted, before: float32 [h, w, 3]; around: bool [h, w], what should have stayed as it was.

    Returns:
        No drift where the surroundings are too few or too plain to tell, or moving them back makes them no more alike.
    """
    if np.count_nonzero(around) < ENOUGH:
        return Drift()
    height, width = around.shape
    grey = [picture.mean(axis=2) for picture in (painted, before)]
    drift = Drift()
    for scale in _scales(max(height, width)):
        sizes = max(8, round(width * scale)), max(8, round(height * scale))
        small, goal = (resized(picture, *sizes) for picture in grey)
        weight = resized(around.astype(np.float32), *sizes)
        drift = _settled(small, goal, weight, drift, sizes[0] / width, sizes[1] / height)
    believable = (
        np.hypot(drift.dx, drift.dy) <= FURTHEST * max(height, width)
        and max(abs(drift.zoom_x - 1), abs(drift.zoom_y - 1)) <= ZOOM
    )
    if not believable or not _is_better(grey[0], grey[1], around, drift):
        return Drift()
    return drift


def undone(painted: np.ndarray, drift: Drift) -> np.ndarray:
    """The picture [h, w] or [h, w, c] as it was before it drifted; what came in over its border is repeated."""
    height, width = painted.shape[:2]
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    zoom = np.array([drift.zoom_y, drift.zoom_x])
    offset: Any = middle - zoom * middle + np.array([drift.dy, drift.dx])
    channels = painted[..., None] if painted.ndim == 2 else painted
    moved = [
        ndimage.affine_transform(channels[..., c], zoom, offset=offset, order=3, mode="nearest")
        for c in range(channels.shape[2])
    ]
    return np.stack(moved, axis=-1).reshape(painted.shape).astype(np.float32)


def _scales(longer: int) -> list[float]:
    """From a small picture to a whole one, each twice as large: a far drift is found on the small one."""
    scales = [1.0]
    while longer * scales[0] > COARSE:
        scales.insert(0, scales[0] / 2)
    return scales


def _settled(
    painted: np.ndarray, goal: np.ndarray, weight: np.ndarray, drift: Drift, scale_x: float, scale_y: float
) -> Drift:
    """The drift that makes two grey pictures most alike where the weight says: Gauss and Newton's steps from a guess.

    Pixels that differ much count little (Huber): what the model drew beyond the region must not pull.
    """
    height, width = goal.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    dx, dy, zoom_x, zoom_y = drift.dx * scale_x, drift.dy * scale_y, drift.zoom_x, drift.zoom_y
    for _ in range(ROUNDS):
        moved = undone(painted, Drift(dx, dy, zoom_x, zoom_y))
        slope_y, slope_x = np.gradient(moved)
        # the gain of the model's encoder, light and dark, is no drift
        error = (goal - goal.mean()) - (moved - moved.mean())
        spread = max(1e-4, 1.5 * float(np.median(np.abs(error[weight > 0.5]))) if (weight > 0.5).any() else 1e-4)
        trust = weight * np.minimum(1, spread / np.maximum(np.abs(error), 1e-6))
        columns = np.stack([slope_x, slope_y, slope_x * x, slope_y * y]).reshape(4, -1)
        weighted = columns * trust.ravel()
        normal = weighted @ columns.T
        # a plain picture has no slope to go by
        if np.linalg.cond(normal) > 1e12 or not np.isfinite(normal).all():
            return drift
        step = np.linalg.solve(normal, weighted @ error.ravel())
        # `moved` samples at zoom * position, so a step in the sampled picture's own measure
        dx, dy, zoom_x, zoom_y = dx + step[0] * zoom_x, dy + step[1] * zoom_y, zoom_x + step[2], zoom_y + step[3]
        if not (0.5 < zoom_x < 2 and 0.5 < zoom_y < 2) or max(abs(dx), abs(dy)) > max(height, width) / 2:
            return drift
        if np.hypot(step[0], step[1]) < 0.01 and np.hypot(step[2] * width, step[3] * height) < 0.02:
            break
    return Drift(float(dx / scale_x), float(dy / scale_y), float(zoom_x), float(zoom_y))


def _is_better(painted: np.ndarray, before: np.ndarray, around: np.ndarray, drift: Drift) -> bool:
    """Whether the surroundings are the same picture when they are moved back, and no less so than before.

    By correlation, which the model's own gain in light and contrast does not move.
    """

    def likeness(picture: np.ndarray) -> float:
        here, there = (ndimage.gaussian_filter(each, BLUR)[around] for each in (picture, before))
        here, there = here - here.mean(), there - there.mean()
        return float((here * there).sum() / (np.sqrt((here**2).sum() * (there**2).sum()) + 1e-9))

    moved_back = likeness(undone(painted, drift))
    return moved_back > ALIKE and moved_back >= likeness(painted)
