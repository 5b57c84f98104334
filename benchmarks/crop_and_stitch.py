"""Crop + stitch of one 512 x 512 region: cost must follow the region, not the frame.

The result is a new frame, so one copy of the frame is in every time. "to 1K" holds what is left without that copy
against the smallest frame; it must stay below 1.3. It is timed by itself, by `stitch_into` on a frame that is there
already: a copy of a large frame takes far longer than the rest, and no two copies take the same time. Beside it runs
what many packs do: blend the whole frame through a full-size soft mask.
"""

from __future__ import annotations

import sys

import numpy as np
from _measure import ROOT, megabytes, seconds, table

sys.path.insert(0, str(ROOT))

from cielr.actions import Modify, Plan
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.editing.crop import crop_region, stitch_into, stitch_region
from cielr.region import regions


def whole_frame(image: np.ndarray, mask: np.ndarray, crop: Box, painted: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    soft = ndimage.gaussian_filter(mask.astype(np.float32), 8)[..., None]
    full = image.copy()
    full[crop.slices] = painted
    return image * (1 - soft) + full * soft


def main() -> None:
    rows, first = [], 0.0
    for name, width, height in (("1K", 1024, 1024), ("2K", 1920, 1080), ("4K", 3840, 2160), ("8K", 7680, 4320)):
        image = np.random.default_rng(0).random((height, width, 3), dtype=np.float32)
        mask = Mask.from_box(Box(256, 256, 768, 768), height, width)
        thing = SceneObject(id="thing_1", label="thing", box=mask.box, mask=mask)
        scene = Scene(width=width, height=height, objects=(thing,))
        region = regions(Plan(actions=(Modify(targets=("thing_1",), change="of glass"),)), scene)[0]
        painted = 1 - image[region.crop.slices]

        def ours(image=image, region=region, painted=painted) -> np.ndarray:
            crop_region(image, region)
            return stitch_region(image, region, painted)

        frame = image.copy()

        def in_place(image=image, frame=frame, region=region, painted=painted) -> None:
            crop_region(image, region)
            stitch_into(frame, region, painted)

        array = mask.to_array()

        def theirs(image=image, array=array, region=region, painted=painted) -> np.ndarray:
            return whole_frame(image, array, region.crop, painted)

        outside = ~array
        strays = [int((result != image).any(axis=-1)[outside].sum()) for result in (ours(), theirs())]
        copy = seconds(image.copy)
        took, other = seconds(ours), seconds(theirs, runs=2)
        alone = seconds(in_place, runs=15)
        first = first or alone
        rows.append(
            (
                name,
                f"{took:.3f} s",
                f"{megabytes(ours) - image.nbytes / 1e6:.0f} MB",
                f"{copy:.3f} s",
                f"{alone:.3f} s",
                f"{alone / first:.2f} x",
                f"{other:.3f} s",
                f"{megabytes(theirs) - image.nbytes / 1e6:.0f} MB",
                f"{other / took:.1f} x",
                strays[0],
                strays[1],
            )
        )
    head = ("frame", "ours", "memory", "a plain copy", "without it", "to 1K")
    there = ("whole frame", "memory", "ratio", "strays", "strays there")
    table(
        "Crop + stitch of a 512 x 512 region in a float32 frame (memory: above the result itself)",
        (*head, *there),
        rows,
    )


if __name__ == "__main__":
    main()
