"""Edits of a photo with transparency: alpha goes with the pixels, and what is transparent stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from ..actions import Modify
from ..core.arrays import as_dtype
from ..core.geometry import Box, Mask
from ..core.scene import OnStep
from ..errors import EditError
from ..region import Region, alpha_left
from .attempts import Picture
from .executor import execute
from .painters import Filler, Inpainter


class NearestFill:
    """Fills each pixel of a hole with the nearest one around it: what continues an edge of transparency."""

    def fill(
        self, image: np.ndarray, hole: np.ndarray, avoid: np.ndarray, seed: int, on_step: OnStep | None = None
    ) -> np.ndarray:
        known = ~hole & ~avoid if (~hole & ~avoid).any() else ~hole
        filled = image.copy()
        filled[hole] = _nearest(image, known)[hole] if known.any() else 0
        return filled


def execute_transparent(
    image: np.ndarray, alpha: np.ndarray, regions: Sequence[Region], *painting: Any, **options: Any
) -> tuple[np.ndarray, np.ndarray]:
    """(image, alpha) with every region carried out, as `executor.execute`, of a photo with transparency.

    What is removed, moved or resized takes its alpha along, and a hole continues the alpha around it. A change of
    colour leaves alpha alone. Outside all supports, and wherever nothing is visible before and after, every sample is
    bit-identical.

    Args:
        image: uint8 or float32 [H, W, 3]; alpha: of the same dtype, [H, W].
        painting, options: as for `execute`.

    Raises:
        EditError: as `execute`; where something would be drawn on transparent ground, or nothing of a change is seen.
    """
    hidden = alpha == 0
    _check(regions, Mask.from_array(alpha < (255 if alpha.dtype == np.uint8 else 1)), Mask.from_array(~hidden))
    plane = np.repeat(alpha[..., None], 3, axis=2)
    moving = [region for region in regions if region.action.needs == "fill" or region.pastes]
    alpha_after = np.ascontiguousarray(execute(plane, moving, fill=NearestFill())[..., 0])
    leaves = Mask.union([region.hole or region.support for region in moving], *alpha.shape).to_array()
    ground = _visible_everywhere(image, hidden, leaves, regions)
    result = execute(ground, regions, *painting, **options)
    touched = Mask.union([region.support for region in regions], *alpha.shape).to_array()
    same = ~touched | (hidden & (alpha_after == 0))
    result[same] = image[same]
    # what was removed does not live on under the transparency
    result[~same & (alpha_after == 0)] = 0
    return result, alpha_after


def painted(
    picture: Picture,
    regions: Sequence[Region],
    is_see_through: bool,
    inpainter: Inpainter | Filler | None = None,
    on_step: OnStep | None = None,
    **options: Any,
) -> Picture:
    """The picture with its regions carried out, its alpha with it where any of it is see-through.

    Args:
        options: as for `execute`.

    Raises:
        EditError: as `execute` and `execute_transparent`.
    """
    alpha = picture.alpha
    if alpha is not None and is_see_through:
        result, alpha = execute_transparent(picture.pixels, alpha, regions, inpainter, on_step, **options)
    else:
        result = execute(picture.pixels, regions, inpainter, on_step, **options)
    left = alpha_left(regions, *result.shape[:2])
    if left is not None:
        # what was extracted stands alone; what was transparent before stays so
        before = np.ones_like(left) if alpha is None else as_dtype(alpha, left.dtype)
        alpha = as_dtype(np.minimum(before, left), result.dtype)
    return replace(picture, pixels=result, alpha=alpha)


def _check(regions: Sequence[Region], clear: Mask, visible: Mask) -> None:
    for region in regions:
        # what is drawn over a thing keeps its outline, and so its alpha
        if region.action.needs == "draw" and not isinstance(region.action, Modify) and region.support.overlaps(clear):
            raise EditError(
                f"Action {region.index + 1} would draw where the photo is transparent, and no painter knows "
                "transparency; put the photo on a ground first, such as a white one."
            )
        if not region.support.overlaps(visible):
            raise EditError(
                f"All that action {region.index + 1} would change is transparent, so nothing of it would be seen; "
                "put the photo on a ground first, such as a white one."
            )


def _visible_everywhere(
    image: np.ndarray, hidden: np.ndarray, leaves: np.ndarray, regions: Sequence[Region]
) -> np.ndarray:
    """The image as painters may see it: under full transparency lies the nearest visible colour that stays.

    What was there is often black, or a picture that somebody thought erased.
    """
    if not regions or not hidden.any():
        return image
    whole = reduce(Box.union, (region.crop for region in regions))
    shown = image.copy()
    part, unknown = shown[whole.slices], hidden[whole.slices]
    known = ~unknown & ~leaves[whole.slices]
    # each region holds something visible, so that there is some
    known = known if known.any() else ~unknown
    part[unknown] = _nearest(part, known)[unknown]
    return shown


def _nearest(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The image with every pixel replaced by the nearest known one."""
    from scipy import ndimage

    rows, columns = np.asarray(ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True))
    return image[rows, columns]


__all__ = ["NearestFill", "execute_transparent", "painted"]
