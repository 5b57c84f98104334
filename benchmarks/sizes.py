"""Scene, plan and edit of one photo at 1, 4, 12 and 50 megapixels: seconds, and megabytes above the photo itself.

The bundled photo, enlarged; and one full of things that touch (a portrait in front of a shuttle, from scikit-image),
enlarged with a fine grain, for the scene alone. Beside each stands one pass that every editor makes: the whole photo to
CIELAB and back.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from _measure import ROOT, megabytes, seconds, table
from PIL import Image

import cielr
from cielr.editing.executor import execute
from cielr.region import regions, seeded

WORDS = "remove the largest coin then make the smallest coin dark red"


def photo(megapixels: float) -> np.ndarray:
    return enlarged(Image.open(Path(ROOT) / "photos" / "coins.png").convert("RGB"), megapixels)


def crowded(megapixels: float) -> np.ndarray:
    from skimage import data

    image = enlarged(Image.fromarray(data.astronaut()), megapixels)
    # a strip at a time: the grain of a whole photo would be the largest thing in memory
    rng = np.random.default_rng(0)
    for top in range(0, len(image), 256):
        strip = image[top : top + 256]
        strip[:] = np.clip(np.rint(strip + rng.normal(0, 3, strip.shape)), 0, 255)
    return image


def enlarged(small: Image.Image, megapixels: float) -> np.ndarray:
    scale = (megapixels * 1e6 / (small.width * small.height)) ** 0.5
    size = (round(small.width * scale), round(small.height * scale))
    return np.array(small.resize(size, Image.Resampling.BICUBIC))


def there_and_back(image: np.ndarray) -> np.ndarray:
    from skimage.color import lab2rgb, rgb2lab

    return lab2rgb(rgb2lab(image.astype(np.float32) / 255))


def main() -> None:
    rows = []
    for megapixels in (1, 4, 12, 50):
        image = photo(megapixels)
        look = partial(cielr.perceive, image, labels=["coin"])
        scene = look()
        _, plan, _ = cielr.reason(scene, WORDS)
        areas = seeded(regions(plan, scene), 0)
        steps = {
            "scene": look,
            "plan": partial(cielr.reason, scene, WORDS),
            "regions": partial(regions, plan, scene),
            "edit": partial(execute, image, areas),
            "beside: CIELAB and back": partial(there_and_back, image),
        }
        runs = 3 if megapixels < 12 else 1
        for name, work in steps.items():
            rows.append((f"{megapixels} MP", name, f"{seconds(work, runs):.2f} s", f"{megabytes(work):.0f} MB"))
        assert len(scene.objects) == 24, f"{len(scene.objects)} coins at {megapixels} megapixels"
        look = partial(cielr.perceive, crowded(megapixels))
        name = f"scene, crowded ({len(look().objects)} things)"
        rows.append((f"{megapixels} MP", name, f"{seconds(look, runs):.2f} s", f"{megabytes(look):.0f} MB"))
    table("Whole photos, no weights", ("photo", "step", "time", "memory"), rows)


if __name__ == "__main__":
    main()
