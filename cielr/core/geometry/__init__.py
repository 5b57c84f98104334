"""Boxes, masks and spatial relations: where things are, evaluated by code.

Coordinates are pixels with the origin in the top left corner, x to the right, y down. A box is half-open: it holds the
columns x0 … x1 - 1 and the rows y0 … y1 - 1.

In: numbers and arrays. Out: `Box`, `Mask`, `Transform`, and by `relations` whether one thing is left of, on or inside
another. Open `mask.py` first.
"""

from .box import Box
from .distance import depths
from .mask import Mask
from .transform import Flip, Transform, bands, centred

__all__ = ["Box", "Flip", "Mask", "Transform", "bands", "centred", "depths"]
