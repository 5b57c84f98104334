"""What surrounds the painter, action by action, and how visible its seams are.

1. Overhead: the whole of an action at 1024 x 1024 (region, crop, scaling, colour match, stitch, the check of what
   changed), less the time in the painter itself. The ground of what is removed is filled before a model draws over it;
   that fill is a painter too, and timed apart.
2. The fills: a thing of 300 pixels removed from a photo of 1024 x 1024, without a model and as ground for one; with how
   far the fill is from the photo (of 255, both blurred) and how much detail it has of it. The thing is what lies there.
3. Seams: how much steeper the picture gets across a region's edge, for a painter that shifts all colours by 6 %, as a
   VAE does: stitched with and without colour match, and pasted in hard as many packs do.
4. Recolouring 4 megapixels, beside the way to CIELAB and back alone: by OpenCV where that is installed, which is the
   quickest there is, and by scikit-image.
"""

from __future__ import annotations

import time

import numpy as np
from _measure import seconds, table
from PIL import Image
from scipy import ndimage

from cielr.actions import Modify, Move, Place, Plan, Remove, Replace
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.editing.executor import execute
from cielr.editing.painters import BuiltinFill
from cielr.region import regions, seeded

SIDE = 1024
SHIFT = np.array([0.06, -0.03, 0.04], dtype=np.float32)


class Shifting:
    """A painter that gives its picture back with another tint, and knows how long it took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def inpaint(self, image, mask, prompt, negative_prompt, strength, seed, on_step=None):
        start = time.perf_counter()
        drawn = np.clip(image + SHIFT, 0, 1)
        self.seconds += time.perf_counter() - start
        return drawn


class Timed(BuiltinFill):
    """The built-in fill, timed; its own sketch."""

    seconds = 0.0

    def fill(self, image, hole, avoid, seed, on_step=None):
        start = time.perf_counter()
        filled = super().fill(image, hole, avoid, seed, on_step)
        self.seconds += time.perf_counter() - start
        return filled

    def sketch(self):
        self.window = super().sketch().window
        return self


def picture(side: int = SIDE) -> np.ndarray:
    """float32: smooth light with a fine grain, so that a seam can be told from what was there."""
    rows, columns = np.mgrid[:side, :side].astype(np.float32) / side
    ground = 0.35 + 0.3 * np.stack([rows, columns, 1 - rows], axis=-1)
    return np.clip(ground + np.random.default_rng(0).normal(0, 0.004, ground.shape), 0, 1).astype(np.float32)


def scene(side: int = SIDE, box: Box | None = None) -> Scene:
    box = box or Box(side // 4, side // 4, side // 2, side // 2)
    rows, columns = np.mgrid[:side, :side]
    (x, y), reach = box.center, box.width / 2
    mask = Mask.from_array((columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= reach * reach)
    thing = SceneObject(id="cup_1", label="cup", box=mask.box, mask=mask)
    return Scene(width=side, height=side, objects=(thing,))


def overhead() -> None:
    actions = {
        "replace (drawn)": Replace(targets=("cup_1",), with_="an orange"),
        "modify (drawn)": Modify(targets=("cup_1",), change="made of glass"),
        "remove (filled, then drawn)": Remove(targets=("cup_1",)),
        "move (filled, drawn, pasted)": Move(targets=("cup_1",), to=Place(relation="by", x=300, y=0)),
        "modify (colour, no model)": Modify(targets=("cup_1",), change="colour dark red"),
    }
    image, known, rows = picture(), scene(), []
    for name, action in actions.items():
        best = float("inf")
        fill_time = 0.0
        for _ in range(5):
            painter, fill = Shifting(), Timed("auto")
            start = time.perf_counter()
            execute(image, seeded(regions(Plan(actions=(action,)), known), 0), painter, fill=fill)
            rest = time.perf_counter() - start - painter.seconds - fill.seconds
            if rest < best:
                best, fill_time = rest, fill.seconds
        rows.append((name, f"{1000 * best:.0f} ms", f"{1000 * fill_time:.0f} ms" if fill_time else "-"))
    rows.append(("beside: a plain copy of the frame", f"{1000 * seconds(image.copy):.0f} ms", "-"))
    table(f"Everything but the painter, {SIDE} x {SIDE} float32", ("action", "overhead", "fill before it"), rows)


def fills() -> None:
    from skimage import data

    grounds = {"gravel": data.gravel(), "grass": data.grass(), "bricks": data.brick(), "cat": data.chelsea()}
    known = scene(box=Box(350, 350, 650, 650))
    region = seeded(regions(Plan(actions=(Remove(targets=("cup_1",)),)), known), 0)[0]
    hole = region.inside(region.support)
    nothing = np.zeros_like(hole)
    painters = {
        "auto, no model": BuiltinFill(),
        "auto, before a model": BuiltinFill().sketch(),
        "smooth": BuiltinFill("smooth"),
    }
    rows = []
    for name, values in {"smooth light": picture(), **grounds}.items():
        image = values if name == "smooth light" else enlarged(values)
        crop = image[region.crop.slices]
        for how, painter in painters.items():
            took = seconds(lambda painter=painter, crop=crop: painter.fill(crop, hole, nothing, 0), 3)
            filled = painter.fill(crop, hole, nothing, 0)
            far = blurred(filled)[hole] - blurred(crop)[hole]
            rows.append(
                (
                    name,
                    how,
                    f"{1000 * took:.0f} ms",
                    f"{255 * np.sqrt((far**2).mean()):.1f}",
                    f"{detail(filled, hole) / detail(crop, hole):.2f}",
                )
            )
    size = f"{region.crop.width} x {region.crop.height}"
    table(f"Fills of {hole.sum()} pixels in a crop of {size}", ("ground", "fill", "time", "off by", "detail"), rows)


def enlarged(values: np.ndarray) -> np.ndarray:
    image = Image.fromarray(values).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(image, dtype=np.float32) / 255


def blurred(image: np.ndarray) -> np.ndarray:
    return ndimage.gaussian_filter(image, (16, 16, 0))


def detail(image: np.ndarray, hole: np.ndarray) -> float:
    """Mean step from pixel to pixel inside the hole."""
    return float(np.abs(np.diff(image.mean(axis=-1), axis=1))[hole[:, 1:] & hole[:, :-1]].mean())


def steepness(image: np.ndarray, support: np.ndarray) -> float:
    """Mean gradient magnitude on the region's edge, of 255."""
    edge = ndimage.binary_dilation(support, iterations=2) & ~ndimage.binary_erosion(support, iterations=2)
    grey = ndimage.gaussian_filter(image.mean(axis=-1), 1)
    rows, columns = np.gradient(grey)
    return float(np.hypot(rows, columns)[edge].mean() * 255)


def seams() -> None:
    image, known = picture(), scene()
    region = seeded(regions(Plan(actions=(Replace(targets=("cup_1",), with_="an orange"),)), known), 0)[0]
    support = region.support.to_array()
    hard = image.copy()
    hard[support] = np.clip(image[support] + SHIFT, 0, 1)
    results = {
        "before the edit": image,
        "pasted in hard": hard,
        "feathered, colour match off": execute(image, [region], Shifting(), colour_match=False),
        "feathered, colour match on": execute(image, [region], Shifting()),
    }
    base = steepness(image, support)
    rows = []
    for name, result in results.items():
        value = steepness(result, support)
        outside = int((result != image).any(axis=-1)[~support].sum())
        rows.append((name, f"{value:.2f}", f"{value / base:.2f}", outside))
    table("Seams: gradient across the region's edge", ("", "mean, of 255", "to before", "changed outside"), rows)


def recolouring() -> None:
    from skimage.color import lab2rgb, rgb2lab

    from cielr.editing.recolour import recoloured

    image = np.rint(255 * np.tile(picture(), (2, 2, 1))).astype(np.uint8)
    everything = np.ones(image.shape[:2], dtype=bool)
    rows = [
        ("ours: dominant colour found, all painted", seconds(lambda: recoloured(image, everything, (40, 90, 160)), 2))
    ]
    try:
        import cv2
    except ImportError:
        print("\nOpenCV is not installed; the quickest way to CIELAB is not in the table.")
    else:

        def there_and_back() -> np.ndarray:
            return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), cv2.COLOR_LAB2RGB)

        rows.append(("beside: CIELAB and back alone, OpenCV, bytes", seconds(there_and_back, 2)))
    rows.append(("beside: CIELAB and back alone, scikit-image, doubles", seconds(lambda: lab2rgb(rgb2lab(image)), 1)))
    size = f"{image.shape[1]} x {image.shape[0]}"
    table(f"Recolouring {size} bytes", ("", "time"), [(name, f"{took:.2f} s") for name, took in rows])


if __name__ == "__main__":
    recolouring()
    overhead()
    fills()
    seams()
