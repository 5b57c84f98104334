"""Moving and resizing: the hole is filled, the thing is put at its new place with its own pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from ..actions.placement import placed_box, placed_mask
from ..core.arrays import as_dtype
from ..region import Region

EDGE = 2
"""Pixels over which a pasted thing and a filled hole fade in: an edge in a photo is about that wide."""


def with_thing(ground: np.ndarray, crop: np.ndarray, region: Region) -> np.ndarray:
    """The ground with the region's thing, taken from `crop`, at its new place; [h, w, 3] as `crop`, dtype kept.

    Scaled by whole-picture geometry: `region.source` about its box's centre, then shifted by (dx, dy).
    """
    assert region.source is not None
    goal = region.inside(placed_mask(region.source, region.scale, region.dx, region.dy))
    goal &= region.inside(region.support)
    pixels = _placed_pixels(crop, region)
    weight = soft(goal)[..., None]
    result = ground.copy()
    full = weight[..., 0] == 1
    result[full] = pixels[full]
    part = (weight[..., 0] > 0) & ~full
    mixed = ground[part].astype(np.float32) * (1 - weight[part]) + pixels[part].astype(np.float32) * weight[part]
    result[part] = np.rint(mixed).astype(np.uint8) if crop.dtype == np.uint8 else mixed
    return result


def soft(mask: np.ndarray) -> np.ndarray:
    """float32: 1 inside the mask, falling over its last `EDGE` - 1 pixels, 0 outside; the border is no edge."""
    if mask.all():
        return np.ones(mask.shape, dtype=np.float32)
    weight = np.zeros(mask.shape, dtype=np.float32)
    if mask.any():
        # only the mask's box and one pixel around it can matter
        spans = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
        box = tuple(slice(max(0, int(span[0]) - 1), int(span[-1]) + 2) for span in spans)
        weight[box] = np.minimum(np.asarray(ndimage.distance_transform_edt(mask[box])) / EDGE, 1)
    return weight


def _placed_pixels(crop: np.ndarray, region: Region) -> np.ndarray:
    """A frame like the crop that holds the thing's pixels where they go; elsewhere it is of no meaning."""
    assert region.source is not None
    before = region.source.box
    after = placed_box(before, region.scale, region.dx, region.dy)
    old = before.shift(-region.crop.x0, -region.crop.y0)
    thing = crop[old.slices]
    if (after.width, after.height) != (before.width, before.height):
        thing = _scaled(thing, region.source.to_array(before), after.width, after.height)
    new = after.shift(-region.crop.x0, -region.crop.y0)
    seen = new.clip(crop.shape[1], crop.shape[0])
    result = crop.copy()
    result[seen.slices] = thing[seen.shift(-new.x0, -new.y0).slices]
    return result


def _scaled(thing: np.ndarray, mask: np.ndarray, width: int, height: int) -> np.ndarray:
    """The thing at another size; its surroundings are weighed out, so that no old ground shows at its edge."""
    weight = mask.astype(np.float32)
    values = as_dtype(thing, np.dtype(np.float32))

    def scaled(plane: np.ndarray) -> np.ndarray:
        picture = Image.fromarray(np.ascontiguousarray(plane))
        return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))

    total = scaled(weight)
    planes = [scaled(values[..., c] * weight) for c in range(3)]
    inner = np.stack(planes, axis=-1) / np.maximum(total, 1e-3)[..., None]
    # where bicubic weights nearly cancel, the nearest pixel of the thing says what is there
    weak = total < 0.25
    if weak.any() and not weak.all():
        rows, columns = np.asarray(ndimage.distance_transform_edt(weak, return_distances=False, return_indices=True))
        inner = inner[rows, columns]
    return as_dtype(inner.clip(0, 1).astype(np.float32), thing.dtype)
