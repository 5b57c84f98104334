"""Pictures whose truth is known, and eyes that answer from it."""

from __future__ import annotations

import numpy as np

from cielr.core.geometry import Box, Mask
from cielr.perception.parser import SceneParser
from cielr.perception.protocols import Detection
from cielr.perception.suppress import merged

HEIGHT, WIDTH = 120, 200


class World:
    """A picture of plain discs and boxes on grey ground, with the truth about each."""

    def __init__(self, things: dict[str, tuple[str, Box, tuple[int, int, int]]]):
        self.image = np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8)
        self.image[..., 0] += (np.arange(WIDTH) % 7).astype(np.uint8)
        self.truth: dict[str, tuple[str, np.ndarray]] = {}
        y, x = np.mgrid[:HEIGHT, :WIDTH]
        for name, (label, box, colour) in things.items():
            cx, cy = box.center
            mask = ((x + 0.5 - cx) / (box.width / 2)) ** 2 + ((y + 0.5 - cy) / (box.height / 2)) ** 2 <= 1
            self.image[mask] = colour
            self.truth[name] = (label, mask)


class Oracle:
    """Detector, segmenter and depth at once: finds its crop in the world's image and answers from the truth."""

    name = "oracle"

    def __init__(self, world: World, doubles: dict[str, str] | None = None):
        self.world = world
        self.doubles = doubles or {}
        self.seen: list[tuple[tuple[int, int], tuple[str, ...]]] = []

    def _place(self, image: np.ndarray) -> Box:
        height, width = image.shape[:2]
        for y in range(HEIGHT - height + 1):
            for x in range(WIDTH - width + 1):
                if np.array_equal(self.world.image[y : y + height, x : x + width], image):
                    return Box(x, y, x + width, y + height)
        raise AssertionError("this is no crop of the world")

    def detect(self, image, labels, on_step=None):
        self.seen.append((image.shape[:2], tuple(labels)))
        if on_step is not None:
            on_step(0, 1)
        place = self._place(image)
        found = []
        for label, mask in self.world.truth.values():
            inside = Mask.from_array(mask[place.slices])
            for name in (label, self.doubles.get(label)):
                if name is not None and name in labels and not inside.is_empty:
                    found.append(Detection(name, 0.9 if name == label else 0.6, inside.box))
        return merged(found)

    def segment(self, image, boxes, on_step=None):
        place = self._place(image)
        masks = []
        for box in boxes:
            here = [Mask.from_array(mask[place.slices]) for _, mask in self.world.truth.values()]
            masks.append(max(here, key=lambda mask: mask.box.iou(box)))
        return masks

    def depth(self, image, on_step=None):
        return np.tile(np.linspace(1, 0, HEIGHT, dtype=np.float32)[:, None], (1, WIDTH))


def parser_of(world: World, **more) -> SceneParser:
    oracle = Oracle(world, more.pop("doubles", None))
    return SceneParser(oracle, oracle, more.pop("depth", None), **more)
