"""Scenes of discs and rings, which overlap as real things do; boxes hide what a mask does at a slanted edge."""

from __future__ import annotations

import numpy as np
from things import boxed, scene_with

from cielr.actions import Plan
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.region import Region, regions

SIDE = 300
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def disc(x: int, y: int, radius: float) -> np.ndarray:
    """bool[SIDE, SIDE]: the pixels at most `radius` from (x, y)."""
    return (COLUMNS - x) ** 2 + (ROWS - y) ** 2 <= radius**2


def ring(x: int, y: int, outer: float, inner: float) -> np.ndarray:
    """bool[SIDE, SIDE]: a disc with a hole."""
    return disc(x, y, outer) & ~disc(x, y, inner)


def within(pixels: np.ndarray, reach: float) -> np.ndarray:
    """bool[SIDE, SIDE]: what lies at most `reach` pixels from one of them, found by trying every offset."""
    near = np.zeros_like(pixels)
    steps = int(np.ceil(reach))
    padded = np.pad(pixels, steps)
    for dy in range(-steps, steps + 1):
        for dx in range(-steps, steps + 1):
            if dx * dx + dy * dy <= reach**2:
                near |= padded[steps + dy : steps + dy + SIDE, steps + dx : steps + dx + SIDE]
    return near


def scene(*things: SceneObject) -> Scene:
    """SIDE x SIDE pixels with these things."""
    return Scene(width=SIDE, height=SIDE, objects=things)


COIN = disc(100, 100, 40)
SIZE = COIN.sum() ** 0.5  # 70.9 pixels
RIM = round((0.06 + 0.04) * SIZE)
RIM_REPLACED = round((0.08 + 0.04) * SIZE)
RIM_MOVED = round((0.03 + 0.04) * SIZE)
SOFT = 3  # 0.04 of the size


def regions_of(*actions, of: Scene, **more) -> list[Region]:
    """The regions of a plan of these actions in a scene."""
    return regions(Plan(actions=actions), of, **more)


def region_of(action, *things: SceneObject, **more) -> Region:
    """The one region of an action in a scene of these things."""
    [region] = regions_of(action, of=scene(*things), **more)
    return region


def wide_scene(box: Box) -> Scene:
    """1000 x 1000 pixels with a wall in them, larger than any limit of the recipes."""
    return scene_with(boxed("wall_1", box, 1000, 1000))


def pixels(mask: Mask) -> np.ndarray:
    """bool[H, W] of a mask."""
    return mask.to_array()
