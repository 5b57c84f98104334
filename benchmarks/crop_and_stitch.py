"""Crop + stitch of a region of 256 and one of 512 pixels a side: cost must follow the region, not the frame.

The result is a new frame, so one copy of the frame is in every time. "to 1K" holds what is left without that copy
against the smallest frame; it must stay below 1.3. It is timed by itself, by `stitch_into` on a frame that is there
already: a copy of a large frame takes far longer than the rest, and no two copies take the same time. Beside it run two
others: the whole frame blended through a full-size soft mask, as many packs do, and the crop alone blended through its
own soft mask into a copy of the frame, which is the least that can be done. "strays" are pixels that change outside the
mask.
"""

from __future__ import annotations

import numpy as np
from _measure import megabytes, seconds, table

from cielr.actions import Modify
from cielr.actions.plan import Plan
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.editing.crop import crop_region, stitch_into, stitch_region
from cielr.region import Region, regions


def whole_frame(image: np.ndarray, mask: np.ndarray, crop: Box, painted: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    soft = ndimage.gaussian_filter(mask.astype(np.float32), 8)[..., None]
    full = image.copy()
    full[crop.slices] = painted
    return image * (1 - soft) + full * soft


def crop_alone(image: np.ndarray, mask: np.ndarray, crop: Box, painted: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    soft = ndimage.gaussian_filter(mask[crop.slices].astype(np.float32), 8)[..., None]
    result = image.copy()
    part = result[crop.slices]
    part += soft * (painted - part)
    return result


def region_of(width: int, height: int, side: int) -> tuple[Region, np.ndarray]:
    """A region of `side` pixels in a frame, and its mask as an array."""
    mask = Mask.from_box(Box(256, 256, 256 + side, 256 + side), height, width)
    thing = SceneObject(id="thing_1", label="thing", box=mask.box, mask=mask)
    scene = Scene(width=width, height=height, objects=(thing,))
    plan = Plan(actions=(Modify(targets=("thing_1",), change="of glass"),))
    return regions(plan, scene)[0], mask.to_array()


def measured(side: int) -> None:
    rows, first = [], 0.0
    for name, width, height in (("1K", 1024, 1024), ("2K", 1920, 1080), ("4K", 3840, 2160), ("8K", 7680, 4320)):
        image = np.random.default_rng(0).random((height, width, 3), dtype=np.float32)
        region, array = region_of(width, height, side)
        painted = 1 - image[region.crop.slices]
        frame = image.copy()

        def ours(image=image, region=region, painted=painted) -> np.ndarray:
            crop_region(image, region)
            return stitch_region(image, region, painted)

        def in_place(image=image, frame=frame, region=region, painted=painted) -> None:
            crop_region(image, region)
            stitch_into(frame, region, painted)

        def blended(image=image, array=array, region=region, painted=painted) -> np.ndarray:
            return whole_frame(image, array, region.crop, painted)

        def least(image=image, array=array, region=region, painted=painted) -> np.ndarray:
            return crop_alone(image, array, region.crop, painted)

        strays = [int((result != image).any(axis=-1)[~array].sum()) for result in (ours(), blended(), least())]
        took, copy, alone = seconds(ours), seconds(image.copy), seconds(in_place, runs=15)
        first = first or alone
        rows.append(
            (
                name,
                f"{1000 * took:.0f} ms",
                f"{max(0.0, megabytes(ours) - image.nbytes / 1e6):.0f} MB",
                f"{1000 * copy:.0f} ms",
                f"{1000 * alone:.1f} ms",
                f"{alone / first:.2f} x",
                strays[0],
                f"{1000 * seconds(blended, runs=2):.0f} ms",
                f"{megabytes(blended) - image.nbytes / 1e6:.0f} MB",
                strays[1],
                f"{1000 * seconds(least):.0f} ms",
                strays[2],
            )
        )
    head = ("frame", "ours", "memory", "a plain copy", "without it", "to 1K", "strays")
    there = ("whole frame", "memory", "strays", "crop alone", "strays")
    title = f"Crop + stitch of a {side} x {side} region in a float32 frame (memory: above the result itself)"
    table(title, (*head, *there), rows)


if __name__ == "__main__":
    for side in (256, 512):
        measured(side)
