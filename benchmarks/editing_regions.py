"""Regions of one removal in scenes of more and more things: cost must follow the number of things, not its square.

Beside it what the union of all masks costs where they are put together one by one, and that the result is equal.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from _measure import seconds, table

from cielr.actions import Plan, Remove
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.region import regions

WIDTH, HEIGHT = 4000, 3000


def crowd(count: int) -> Scene:
    """Discs on a photo of 12 megapixels, some of which overlap."""
    rng = np.random.default_rng(0)
    things = []
    for number in range(count):
        radius = int(rng.integers(20, 60))
        x, y = int(rng.integers(0, WIDTH - 2 * radius)), int(rng.integers(0, HEIGHT - 2 * radius))
        rows, columns = np.mgrid[: 2 * radius, : 2 * radius] + 0.5 - radius
        box = Box(x, y, x + 2 * radius, y + 2 * radius)
        mask = Mask.from_crop(rows**2 + columns**2 <= radius**2, box, HEIGHT, WIDTH)
        things.append(SceneObject(id=f"coin_{number + 1}", label="coin", box=mask.box, mask=mask))
    return Scene(width=WIDTH, height=HEIGHT, objects=tuple(things))


def main() -> None:
    rows = []
    for count in (10, 50, 200, 1000):
        scene = crowd(count)
        masks = [thing.mask for thing in scene.objects]
        plan = Plan(actions=(Remove(targets=("coin_1",)),))
        region = seconds(lambda plan=plan, scene=scene: regions(plan, scene), 3)
        union = seconds(lambda masks=masks: Mask.union(masks, HEIGHT, WIDTH), 3)
        by_one = seconds(lambda masks=masks: reduce(Mask.__or__, masks), 1)
        equal = Mask.union(masks, HEIGHT, WIDTH) == reduce(Mask.__or__, masks)
        rows.append(
            (
                count,
                f"{1000 * region:.0f} ms",
                f"{1000 * union:.2f} ms",
                f"{1000 * by_one:.1f} ms",
                f"{by_one / union:.0f} x",
                "yes" if equal else "NO",
            )
        )
    table(
        f"One removal among so many things, {WIDTH} x {HEIGHT}",
        ("things", "its regions", "union of all", "one by one", "ratio", "equal"),
        rows,
    )


if __name__ == "__main__":
    main()
