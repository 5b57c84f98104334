"""Doubles of one thing: suppressed within a label, then merged across labels, with the other labels kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.geometry import Box
from .protocols import Detection

SAME_LABEL = 0.6
"""Overlap (IoU) of two boxes of one label from which the weaker is a double; neighbours overlap less."""
ANY_LABEL = 0.8
"""Overlap from which boxes of different labels are one thing seen twice; a part lies deeper within its whole."""


def merged(detections: Sequence[Detection]) -> list[Detection]:
    """The detections without doubles, surest first; of one box's labels the best wins, the rest are alternatives."""
    ordered = sorted(detections, key=lambda detection: (-detection.score, detection.box.corners, detection.label))
    if not ordered:
        return []
    overlap = overlaps([detection.box for detection in ordered])
    labels = np.array([detection.label for detection in ordered])
    kept = _strongest(np.where(labels[:, None] == labels[None, :], overlap, 0.0), SAME_LABEL)
    ordered = [ordered[k] for k in kept]
    overlap = overlap[np.ix_(kept, kept)]
    winners = _strongest(overlap, ANY_LABEL)
    best = []
    for place in winners:
        # what this one beat, and no stronger one did: a label is the alternative of one thing alone
        beaten = [
            k
            for k in range(place + 1, len(ordered))
            if k not in winners and next(w for w in winners if overlap[w, k] >= ANY_LABEL) == place
        ]
        others = [label for k in beaten for label in (ordered[k].label, *ordered[k].alternatives)]
        names = dict.fromkeys([*ordered[place].alternatives, *others])
        names.pop(ordered[place].label, None)
        best.append(replace(ordered[place], alternatives=tuple(names)))
    return best


def overlaps(boxes: Sequence[Box]) -> np.ndarray:
    """IoU of each box with each, float64 [N, N]."""
    x0, y0, x1, y1 = np.array([box.corners for box in boxes], dtype=np.float64).reshape(-1, 4).T
    width = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    height = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    shared = np.clip(width, 0, None) * np.clip(height, 0, None)
    area = (x1 - x0) * (y1 - y0)
    return shared / np.maximum(area[:, None] + area - shared, 1e-9)


def _strongest(overlap: np.ndarray, limit: float) -> list[int]:
    """Greedy non-maximum suppression; rows are ordered, the strongest first."""
    alive = np.ones(len(overlap), dtype=bool)
    kept = []
    for k in range(len(overlap)):
        if alive[k]:
            kept.append(k)
            alive[k + 1 :] &= overlap[k, k + 1 :] < limit
    return kept


def whole_pixels(corners: Sequence[float], width: int, height: int) -> Box | None:
    """The box of whole pixels nearest to (x0, y0, x1, y1), inside the image; None where nothing of it is inside."""
    if not np.isfinite(corners).all():
        return None
    x0, y0, x1, y1 = (float(value) for value in corners)
    if x1 <= 0 or y1 <= 0 or x0 >= width or y0 >= height or x1 <= x0 or y1 <= y0:
        return None
    left, top = min(max(round(x0), 0), width - 1), min(max(round(y0), 0), height - 1)
    return Box(left, top, min(max(round(x1), left + 1), width), min(max(round(y1), top + 1), height))
