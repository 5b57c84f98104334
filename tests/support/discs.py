"""A picture of three discs on even ground, its masks and its scene."""

from __future__ import annotations

import numpy as np
from scenes import scene_of_masks

from cielr.core.scene import Scene

GROUND = (40, 90, 60)
DISCS = {"disc_1": (60, 60, 22), "disc_2": (160, 60, 30), "disc_3": (90, 150, 26)}


def picture() -> np.ndarray:
    image = np.full((200, 240, 3), GROUND, np.uint8)
    for mask, colour in zip(masks().values(), [(200, 40, 40), (40, 60, 200), (220, 200, 60)], strict=True):
        image[mask] = colour
    return image


def masks() -> dict[str, np.ndarray]:
    y, x = np.mgrid[:200, :240]
    return {name: (x - cx) ** 2 + (y - cy) ** 2 <= r * r for name, (cx, cy, r) in DISCS.items()}


def scene() -> Scene:
    return scene_of_masks(masks())
