"""Whether the right things were meant and seen, where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...core.geometry import Mask

MATCH = 0.5
"""Intersection over union from which two masks are of the same thing, as in COCO's and PASCAL's counts."""


def matched_objects(seen: Mapping[str, Mask], truth: Mapping[str, Mask]) -> dict[str, str]:
    """Which true object each seen one is, by name: one to one, with the largest sum of IoUs, each at least MATCH."""
    from scipy.optimize import linear_sum_assignment

    if not seen or not truth:
        return {}
    scores = np.array([[mask.iou(other) for other in truth.values()] for mask in seen.values()])
    # what is below the limit must not buy a better sum elsewhere
    rows, columns = linear_sum_assignment(-np.where(scores >= MATCH, scores, 0))
    names, true_names = list(seen), list(truth)
    return {
        names[row]: true_names[column]
        for row, column in zip(rows, columns, strict=True)
        if scores[row, column] >= MATCH
    }
