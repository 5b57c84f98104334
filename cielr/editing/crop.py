"""Crop with context, and stitch back: what lies outside a region's support stays bit for bit as it was.

Cost follows the region, not the frame: only the crop is read, blended and written.
"""

from __future__ import annotations

import numpy as np

from ..core.arrays import as_dtype, resized
from ..core.geometry import Box, bands
from ..core.things import CONTEXT, CONTEXT_LEAST
from ..errors import EditError
from ..region import Region

USEFUL = 64
"""Pixels, eight latent cells: a region's shorter side is not shrunk below that where it can be helped."""
CELL = 8
"""Pixels of a latent cell: one that a region only touches is painted whole."""
BAND = 1 << 20
"""Pixels that are blended or compared at a time, so that a whole photo takes little more memory than itself."""
LONGEST = 7 / 3
"""A reference is at most this many times as long as it is wide: the limit of what Kontext and its like were shown."""
MOST = 1.5
"""A working crop has at most this squared times the pixels of the model's own square."""


def crop_region(image: np.ndarray, region: Region) -> np.ndarray:
    """A copy of what the region's painter sees: uint8 or float32 [crop.height, crop.width, 3].

    Raises:
        EditError: where the region was made for an image of another size, or a sample there is not a number.
    """
    _check(image, region)
    crop = image[region.crop.slices].copy()
    wrong = _not_numbers(crop)
    if wrong:
        raise EditError(
            f"Around the region the picture holds samples that are not numbers (NaN or infinite): {wrong}; replace "
            "them before editing."
        )
    return crop


def check_drawn(drawn: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """What a painter drew, as it is.

    Args:
        drawn: uint8 or float32 [h, w, 3]; where: bool [h, w], what of it is to be used; None is all.

    Raises:
        EditError: where it is no picture, or a sample that is to be used is not a number.
    """
    if drawn.ndim != 3 or drawn.shape[2] != 3 or drawn.size == 0:
        raise EditError(f"A painted crop must be [height, width, 3], not {list(drawn.shape)}.")
    wrong = 0 if drawn.dtype == np.uint8 else _not_numbers(drawn if where is None else drawn[where])
    if wrong:
        raise EditError(
            f"The painter drew samples that are not numbers (NaN or infinite): {wrong}; that is often a fault of half "
            "precision, so use a VAE or model in full precision."
        )
    return drawn


def stitch_region(image: np.ndarray, region: Region, painted: np.ndarray) -> np.ndarray:
    """A new image with the painted crop blended in by the region's soft mask; of `image`'s dtype.

    Args:
        painted: the crop after painting, uint8 or float32 [h, w, 3]; one of another size is scaled back first.

    Raises:
        EditError: where sizes do not fit, or a painted sample that is to be used is not a number.
    """
    result = image.copy()
    stitch_into(result, region, painted)
    return result


def stitch_into(image: np.ndarray, region: Region, painted: np.ndarray) -> None:
    """As `stitch_region`, but writes into `image`."""
    _check(image, region)
    crop = region.crop
    fitting = painted.shape[:2] == (crop.height, crop.width)
    alpha = region.alpha()
    check_drawn(painted, alpha > 0 if fitting else None)
    painted = resized(painted, crop.width, crop.height)
    for band in bands(crop, BAND):
        rows = band.shift(-crop.x0, -crop.y0).slices
        blend_into(image[band.slices], as_dtype(painted[rows], image.dtype), alpha[rows])


def blend_into(target: np.ndarray, painted: np.ndarray, alpha: np.ndarray) -> None:
    """Writes the painted pixels into the target, [h, w, 3] of one dtype, as much as alpha float32 [h, w] says."""
    full = alpha == 1
    target[full] = painted[full]
    soft = (alpha > 0) & ~full
    if soft.any():
        weight = alpha[soft][:, None]
        before = target[soft].astype(np.float32)
        blend = before + weight * (painted[soft].astype(np.float32) - before)
        target[soft] = np.rint(blend).astype(np.uint8) if target.dtype == np.uint8 else blend


def working_region(region: Region, size: int = 0, multiple: int = 8) -> Region:
    """The region with the crop that `working_crop` takes."""
    box = _crop_for(region, size) if size else region.crop
    frame = region.support.width, region.support.height
    return region.model_copy(update={"crop": _multiple_box(box, *frame, multiple)})


def working_crop(
    image: np.ndarray, region: Region, size: int = 0, multiple: int = 8
) -> tuple[np.ndarray, np.ndarray, Region]:
    """The crop as a diffusion model wants it: (crop [h, w, 3], mask float32 [h, w], the region for stitching).

    The mask is 1 on all of the support and one latent cell around it, and fades out over two more: the model paints up
    to the region's edge and beyond it, and `stitch_region` takes what lies inside.
    Both sides become multiples of `multiple`: the crop takes in more of the picture where there is more, and is
    scaled by a hair where there is not. With `size` it is scaled so that its longer side is about that many pixels;
    a long and thin region gets less context and more pixels, so that its shorter side stays useful.

    Raises:
        EditError: where the region was made for an image of another size.
    """
    region = working_region(region, size, multiple)
    return _scaled(image, region, _working_scale(region, size) if size else 1.0, multiple)


def reference_region(region: Region) -> Region:
    """The region with the crop that `reference_crop` takes."""
    box = region.crop
    least = round(max(box.width, box.height) / LONGEST)
    x0, x1 = _wider(box.x0, box.x1, max(box.width, least), region.support.width)
    y0, y1 = _wider(box.y0, box.y1, max(box.height, least), region.support.height)
    return region.model_copy(update={"crop": Box(x0, y0, x1, y1)})


def reference_crop(
    image: np.ndarray, region: Region, size: int = 1024, multiple: int = 16
) -> tuple[np.ndarray, np.ndarray, Region]:
    """The crop as a model that redraws the whole of what it is shown wants it; returns as `working_crop`.

    About size x size pixels whatever its shape, as such models were trained, and never longer than 7 : 3, for which the
    crop takes in more of the picture, where there is more. Nothing of it is cut off; its sides are rounded to
    multiples, which scales it by a hair that is undone when it is put back.

    Raises:
        EditError: where the region was made for an image of another size.
    """
    region = reference_region(region)
    return _scaled(image, region, size / (region.crop.width * region.crop.height) ** 0.5, multiple)


def _scaled(image: np.ndarray, region: Region, scale: float, multiple: int) -> tuple[np.ndarray, np.ndarray, Region]:
    """(crop, mask, region) of a region's crop at another scale, its sides rounded to multiples."""
    crop = crop_region(image, region)
    height, width = (max(multiple, round(side * scale / multiple) * multiple) for side in crop.shape[:2])
    return resized(crop, width, height), _painted(region.inside(region.support), width, height), region


def _wider(start: int, stop: int, length: int, limit: int) -> tuple[int, int]:
    length = min(max(length, stop - start), limit)
    start = min(max(0, start - (length - (stop - start)) // 2), limit - length)
    return start, start + length


def _crop_for(region: Region, size: int) -> Box:
    """The region's crop. Where it would shrink a thin region too far: only as much context as its shorter side asks."""
    crop, box = region.crop, region.support.box
    short = min(box.width, box.height)
    if box.is_empty or short * size / max(crop.width, crop.height) >= min(short, USEFUL):
        return crop
    return box.grow(max(CONTEXT_LEAST, round(CONTEXT * short))).intersect(crop)


def _working_scale(region: Region, size: int) -> float:
    """From the crop to the model's size. A thin region may have more pixels than that, so that it stays drawable."""
    crop, box = region.crop, region.support.box
    scale = size / max(crop.width, crop.height)
    thin = USEFUL / max(1, min(box.width, box.height))
    most = MOST * size / (crop.width * crop.height) ** 0.5
    return max(scale, min(thin, most, 1.0))


def _not_numbers(values: np.ndarray) -> int:
    """How many samples are NaN or infinite."""
    return 0 if values.dtype == np.uint8 else int(values.size - np.count_nonzero(np.isfinite(values)))


def _check(image: np.ndarray, region: Region) -> None:
    frame = region.support.height, region.support.width
    if image.shape[:2] != frame:
        raise EditError(
            f"The region is for an image of {frame[1]} x {frame[0]} pixels, this one has "
            f"{image.shape[1]} x {image.shape[0]}."
        )


def _painted(inside: np.ndarray, width: int, height: int) -> np.ndarray:
    from scipy import ndimage

    covered = resized(inside.astype(np.float32), width, height) > 0
    if covered.all() or not covered.any():
        return covered.astype(np.float32)
    distance = np.asarray(ndimage.distance_transform_edt(~covered), dtype=np.float32)
    return np.clip(1 - (distance - CELL) / (2 * CELL), 0, 1)


def _multiple_box(box: Box, width: int, height: int, multiple: int) -> Box:
    """The box grown, inside the frame, to sides that are multiples; a side that has no room stays as it is."""
    x0, x1 = _multiple_span(box.x0, box.x1, width, multiple)
    y0, y1 = _multiple_span(box.y0, box.y1, height, multiple)
    return Box(x0, y0, x1, y1)


def _multiple_span(start: int, stop: int, limit: int, multiple: int) -> tuple[int, int]:
    length = -(-(stop - start) // multiple) * multiple
    return (start, stop) if length > limit else _wider(start, stop, length, limit)
