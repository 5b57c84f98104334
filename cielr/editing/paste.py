"""Moving, resizing, turning: the hole is filled, and each thing is put at its new place with its own pixels."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from ..core.arrays import as_dtype, as_floats
from ..core.geometry import Box, Transform, bands
from ..core.progress import in_steps, share_of
from ..core.scene import OnStep
from ..region import Paste, Region

BAND = 1 << 18
"""Pixels that are turned or enlarged at a time: keeps memory and the wait for a cancel short."""
AT_ONCE = 1 << 21
"""Pixels up to which a scaled thing is made in one piece."""
EDGE_WEIGHTS = (0.5, np.sqrt(0.5))
"""How much shows of a pixel beside the outside, and of one that touches it by a corner: half its distance to it. An
edge in a photo is about two pixels wide."""
WEAK = 0.25
"""Where less of a pixel than that comes from the thing, its colour cannot be told from it."""


def with_thing(ground: np.ndarray, crop: np.ndarray, region: Region, on_step: OnStep | None = None) -> np.ndarray:
    """The ground with all that the region puts down, taken from `crop`, at its new place; [h, w, 3], dtype kept.

    Everything is taken from `crop`, the picture before, so that things may trade places.

    Args:
        on_step: told (done, total); what it raises cancels and passes through.
    """
    result = ground.copy()
    for number, paste in enumerate(region.pastes):
        _put_down(result, crop, region, paste, share_of(on_step, number, len(region.pastes)))
    return result


def soft(mask: np.ndarray) -> np.ndarray:
    """float32: 1 inside the mask, less over its last two pixels, 0 outside; the picture's border is no edge."""
    weight = mask.astype(np.float32)
    if mask.all() or not mask.any():
        return weight
    # only the mask's box and one pixel around it can matter
    box = Box.around(mask, 1).slices
    here, shown = mask[box], weight[box]
    inner = np.asarray(ndimage.binary_erosion(here, border_value=1), dtype=bool)
    deep = np.asarray(ndimage.binary_erosion(here, np.ones((3, 3)), border_value=1), dtype=bool)
    shown[here & ~inner] = EDGE_WEIGHTS[0]
    shown[inner & ~deep] = EDGE_WEIGHTS[1]
    return weight


def _put_down(result: np.ndarray, crop: np.ndarray, region: Region, paste: Paste, on_step: OnStep | None) -> None:
    """Writes one thing into the result."""
    goal = region.inside(paste.goal)
    goal &= region.inside(region.support)
    weight = soft(goal)
    seen = Box.around(goal)
    if seen.is_empty:
        return
    x, y = region.crop.x0, region.crop.y0
    seen = seen.shift(x, y)
    before = paste.source.box
    pixels = _Pixels(crop[before.shift(-x, -y).slices], paste.source.to_array(before), paste.transform)
    stretches = bands(seen, BAND) if pixels.is_resampled else [seen]
    for stretch in in_steps(stretches, on_step):
        place = stretch.shift(-x, -y).slices
        _blend(result[place], pixels.within(stretch), weight[place])


def _blend(ground: np.ndarray, pixels: np.ndarray, weight: np.ndarray) -> None:
    """Writes the pixels into the ground, as much as their weight in [0, 1] says."""
    full = weight == 1
    ground[full] = pixels[full]
    part = (weight > 0) & ~full
    share = weight[part][:, None]
    mixed = ground[part].astype(np.float32) * (1 - share) + pixels[part].astype(np.float32) * share
    ground[part] = np.rint(mixed).astype(np.uint8) if ground.dtype == np.uint8 else mixed


class _Pixels:
    """A thing's pixels, wherever a transform takes them.

    Args:
        thing: uint8 or float32 [h, w, 3], the picture in the transform's start; mask: bool [h, w], what of it is the
            thing.
    """

    def __init__(self, thing: np.ndarray, mask: np.ndarray, transform: Transform) -> None:
        self.transform = transform
        self.thing, self.mask = transform.oriented(thing), transform.oriented(mask)
        upright = transform.upright
        self.upright = upright
        if transform.rest == 0:
            shrinks = upright.width <= self.mask.shape[1] and upright.height <= self.mask.shape[0]
            if self.mask.shape != (upright.height, upright.width) and (shrinks or upright.area <= AT_ONCE):
                self.thing = _scaled(self.thing, self.mask, upright.width, upright.height)
            self.is_resampled = self.thing.shape[:2] != (upright.height, upright.width)
        else:
            self.is_resampled = True
        if self.is_resampled:
            self.planes = self._weighed()

    def within(self, seen: Box) -> np.ndarray:
        """[seen.height, seen.width, 3], dtype kept; seen: a part of the goal. Off the thing it is of no meaning."""
        if not self.is_resampled:
            return self.thing[seen.shift(-self.upright.x0, -self.upright.y0).slices]
        from skimage.transform import warp

        height, width = self.planes[0].shape
        matrix = self.transform.back(seen, (width, height))
        shape = seen.height, seen.width
        *colours, total = (
            warp(plane, matrix, output_shape=shape, order=3, clip=False, preserve_range=True) for plane in self.planes
        )
        values = np.stack(colours, axis=-1) / np.maximum(total, WEAK)[..., None]
        result = as_dtype(values.clip(0, 1).astype(np.float32), self.thing.dtype)
        # where weights nearly cancel, the nearest pixel of the thing says what is there
        weak = total < WEAK
        rows, columns = (np.broadcast_to(index, shape)[weak] for index in self.transform.nearest(seen))
        result[weak] = self.thing[rows, columns]
        return result

    def _weighed(self) -> list[np.ndarray]:
        """float32 [h, w] each: the colours times what is the thing, and that; reduced where the thing gets smaller."""
        height, width = self.mask.shape
        size = min(self.upright.width, width), min(self.upright.height, height)
        return [
            np.array(plane if size == (width, height) else _resampled(plane, *size))
            for plane in _premultiplied(self.thing, self.mask)
        ]


def _premultiplied(thing: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    weight = mask.astype(np.float32)
    return [*(as_floats(thing[..., c]) * weight for c in range(3)), weight]


def _resampled(plane: np.ndarray, width: int, height: int) -> np.ndarray:
    picture = Image.fromarray(np.ascontiguousarray(plane))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC))


def _scaled(thing: np.ndarray, mask: np.ndarray, width: int, height: int) -> np.ndarray:
    """The thing at another size; its surroundings are weighed out, so that no old ground shows at its edge."""
    *colours, total = (_resampled(plane, width, height) for plane in _premultiplied(thing, mask))
    inner = np.stack(colours, axis=-1) / np.maximum(total, 1e-3)[..., None]
    # where bicubic weights nearly cancel, the nearest pixel of the thing says what is there
    weak = total < WEAK
    if weak.any() and not weak.all():
        rows, columns = np.asarray(ndimage.distance_transform_edt(weak, return_distances=False, return_indices=True))
        inner = inner[rows, columns]
    return as_dtype(inner.clip(0, 1).astype(np.float32), thing.dtype)
