"""Boxes, masks and spatial relations: where things are, evaluated by code.

Coordinates are pixels with the origin in the top left corner, x to the right, y down. A box is half-open: it holds the
columns x0 … x1 - 1 and the rows y0 … y1 - 1.

In: numbers and arrays. Out: `Box`, `Mask`, and whether one thing is left of, on or inside another. Open `mask.py`
first.
"""

from .box import Box
from .distance import depths
from .mask import Mask
from .relations import (
    Thing,
    above,
    behind,
    below,
    between,
    bottom_to_top,
    columns,
    far_to_near,
    gap,
    in_front_of,
    inside,
    large_to_small,
    left_of,
    left_to_right,
    near_to_far,
    next_to,
    on,
    overlapping,
    reading_order,
    right_of,
    right_to_left,
    rows,
    small_to_large,
    top_to_bottom,
    touch_reach,
    touching,
)
from .transform import Flip, Transform, bands, centred

__all__ = [
    "Box",
    "Flip",
    "Mask",
    "Thing",
    "Transform",
    "above",
    "bands",
    "behind",
    "below",
    "between",
    "bottom_to_top",
    "centred",
    "columns",
    "depths",
    "far_to_near",
    "gap",
    "in_front_of",
    "inside",
    "large_to_small",
    "left_of",
    "left_to_right",
    "near_to_far",
    "next_to",
    "on",
    "overlapping",
    "reading_order",
    "right_of",
    "right_to_left",
    "rows",
    "small_to_large",
    "top_to_bottom",
    "touch_reach",
    "touching",
]
