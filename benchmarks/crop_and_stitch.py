"""Crop + stitch of one 256 x 256 region: cost must follow the region, not the frame.

Beside it runs what many packs do: blend the whole frame through a full-size soft mask.
"""

from __future__ import annotations

import numpy as np
from _measure import megabytes, seconds, table

from cielr.editing.crop import crop_region, stitch_region
from cielr.geometry import Box, Mask
from cielr.plan import Modify, Plan
from cielr.region import regions
from cielr.scene import Scene, SceneObject


def whole_frame(image: np.ndarray, mask: np.ndarray, crop: Box, painted: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    soft = ndimage.gaussian_filter(mask.astype(np.float32), 8)[..., None]
    full = image.copy()
    full[crop.slices] = painted
    return image * (1 - soft) + full * soft


def main() -> None:
    rows = []
    for name, width, height in (("1K", 1024, 576), ("2K", 1920, 1080), ("4K", 3840, 2160), ("8K", 7680, 4320)):
        image = np.random.default_rng(0).random((height, width, 3), dtype=np.float32)
        mask = Mask.from_box(Box(400, 150, 656, 406), height, width)
        thing = SceneObject(id="thing_1", label="thing", box=mask.box, mask=mask)
        scene = Scene(width=width, height=height, objects=(thing,))
        region = regions(Plan(actions=(Modify(targets=("thing_1",), change="of glass"),)), scene)[0]
        painted = 1 - image[region.crop.slices]

        def ours(image=image, region=region, painted=painted) -> np.ndarray:
            crop_region(image, region)
            return stitch_region(image, region, painted)

        array = mask.to_array()

        def theirs(image=image, array=array, region=region, painted=painted) -> np.ndarray:
            return whole_frame(image, array, region.crop, painted)

        outside = ~array
        strays = [int((result != image).any(axis=-1)[outside].sum()) for result in (ours(), theirs())]
        copy = seconds(image.copy)
        took, other = seconds(ours), seconds(theirs, runs=2)
        rows.append(
            (
                name,
                f"{took:.3f} s",
                f"{megabytes(ours) - image.nbytes / 1e6:.0f} MB",
                f"{copy:.3f} s",
                f"{other:.3f} s",
                f"{megabytes(theirs) - image.nbytes / 1e6:.0f} MB",
                f"{other / took:.1f} x",
                strays[0],
                strays[1],
            )
        )
    table(
        "Crop + stitch of a 256 x 256 region in a float32 frame (memory: above the result itself)",
        ("frame", "ours", "memory", "a plain copy", "whole frame", "memory", "ratio", "strays", "strays there"),
        rows,
    )


if __name__ == "__main__":
    main()
