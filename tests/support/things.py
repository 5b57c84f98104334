"""Things of scenes by their boxes or pixels, pictures of noise, and a listener to progress."""

from __future__ import annotations

import numpy as np

from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.errors import Cancelled


def masked(name: str, mask: Mask | np.ndarray, **more) -> SceneObject:
    """An object of those pixels; its label is the id's stem."""
    mask = mask if isinstance(mask, Mask) else Mask.from_array(mask)
    return SceneObject(**{"id": name, "label": name.rsplit("_", 1)[0], "box": mask.box, "mask": mask} | more)


def boxed(name: str, corners: Box | tuple[int, ...], width: int, height: int, **more) -> SceneObject:
    """An object that fills its box, in a picture of that size."""
    box = corners if isinstance(corners, Box) else Box(*corners)
    return masked(name, Mask.from_box(box, height, width), **{"box": box} | more)


def scene_with(*things: SceneObject | Mask | np.ndarray) -> Scene:
    """A scene of the size of these things' masks; a mask alone is "thing_1", "thing_2", …."""
    named = [
        thing if isinstance(thing, SceneObject) else masked(f"thing_{number}", thing)
        for number, thing in enumerate(things, start=1)
    ]
    return Scene(width=named[0].mask.width, height=named[0].mask.height, objects=tuple(named))


def noise(height: int, width: int, seed: int = 0, dtype: type = np.uint8) -> np.ndarray:
    """[height, width, 3] of that type: each sample by chance."""
    values = np.random.default_rng(seed).random((height, width, 3), dtype=np.float32)
    return values if dtype == np.float32 else np.rint(values * 255).astype(np.uint8)


class Listener:
    """Hears how far work is, and cancels it at the `stop`-th time."""

    def __init__(self, stop: int | None = None) -> None:
        self.stop = stop
        self.shares: list[float] = []

    def __call__(self, done: int, total: int) -> None:
        self.shares.append(done / total)
        if len(self.shares) == self.stop:
            raise Cancelled("The user stopped.")

    @property
    def rises(self) -> bool:
        """Whether it never went back."""
        return self.shares == sorted(self.shares)
