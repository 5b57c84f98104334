"""Draws docs/recipes.jpg: for each kind of action the region that its recipe makes, on a bundled photo.

The region's crop is what is not dimmed; its support is outlined; what is tinted changes, the stronger the more.
"""

from __future__ import annotations

import numpy as np
from make_docs_pictures import ROOT, below, beside, coffee, photo
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

import cielr
from cielr.actions import (
    Action,
    Add,
    Background,
    Duplicate,
    Extract,
    Global,
    Modify,
    Move,
    Place,
    Plan,
    Remove,
    Replace,
    Resize,
    Swap,
    Turn,
)
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene
from cielr.region import Region, regions

TILE = (540, 360)
"""Width and height of a tile's picture; the caption stands above it."""
CAPTION = 48
AROUND = 14
"""Pixels of the photo shown around a crop."""
DIM = 0.42
"""Of the brightness, outside the crop."""
TINT, DEPTH = np.array((255, 0, 170), np.float32), 0.6
"""The colour of change, and how much of it where the change is full."""
LINES = {"crop": (255, 214, 0), "support": (0, 180, 255), "core": (255, 255, 255), "hole": (120, 255, 0)}


RECIPES: tuple[tuple[str, Action], ...] = (
    ("coins", Remove(targets=("coin_16",))),
    ("coffee", Replace(targets=("coffee_1",), with_="a cup of tea")),
    ("coffee", Modify(targets=("coffee_1",), change="with a leaf of foam")),
    ("coffee", Add(what="a biscuit", where=Place(relation="right_of", anchors=("coffee_1",)), size="medium")),
    ("coffee", Background(to="a marble table")),
    ("coins", Move(targets=("coin_10",), to=Place(relation="by", x=44, y=34))),
    ("coins", Resize(targets=("coin_16",), scale=0.6)),
    ("coins", Turn(targets=("coin_16",), degrees=30)),
    ("coins", Swap(targets=("coin_16", "coin_10"))),
    ("coins", Duplicate(targets=("coin_10",), to=Place(relation="by", x=44, y=34))),
    ("coffee", Extract(targets=("coffee_1",))),
    ("coffee", Global(style="at night")),
)
"""An action on a photo: one of each kind, in the order of `cielr.actions.KINDS`."""


def view_of(region: Region) -> Box:
    """The part of the photo that a tile shows: the crop and a little more, in the tile's proportions."""
    width, height = region.support.width, region.support.height
    box = region.crop.grow(AROUND).clip(width, height)
    ratio = TILE[0] / TILE[1]
    wide, high = max(box.width, round(box.height * ratio)), max(box.height, round(box.width / ratio))
    wide, high = min(wide, width), min(high, height)
    (x, y) = box.center
    x0 = min(max(0, round(x - wide / 2)), width - wide)
    y0 = min(max(0, round(y - high / 2)), height - high)
    return Box(x0, y0, x0 + wide, y0 + high)


def outlined(canvas: np.ndarray, inside: np.ndarray, colour: tuple[int, int, int], dashed: bool = False) -> None:
    """Draws the inner edge of what is inside: bool [h, w] at the canvas's size."""
    width = 4 if dashed else 2
    edge = inside & ~np.asarray(ndimage.binary_erosion(inside, iterations=width, border_value=1), bool)
    if dashed:
        rows, columns = np.indices(inside.shape)
        edge &= (rows + columns) // 8 % 2 == 0
    canvas[edge] = colour


def drawn(image: np.ndarray, region: Region) -> np.ndarray:
    """uint8 [h, w, 3]: the part of the image that `view_of` gives, with the region on it."""
    view = view_of(region)
    scale = min(TILE[0] / view.width, TILE[1] / view.height)
    size = round(view.width * scale), round(view.height * scale)

    def large(array: np.ndarray, how: Image.Resampling) -> np.ndarray:
        return np.asarray(Image.fromarray(array).resize(size, how))

    def mask(given: Mask | None) -> np.ndarray:
        empty = np.zeros((view.height, view.width), bool)
        return large(given.to_array(view) if given is not None else empty, Image.Resampling.NEAREST).astype(bool)

    canvas = large(image[view.slices], Image.Resampling.LANCZOS).astype(np.float32)
    alpha = np.zeros((region.support.height, region.support.width), np.float32)
    alpha[region.crop.slices] = region.alpha()
    weight = DEPTH * large(alpha[view.slices], Image.Resampling.NEAREST)[..., None]
    canvas += weight * (TINT - canvas)
    crop = mask(Mask.from_box(region.crop, region.support.height, region.support.width))
    canvas[~crop] *= DIM
    canvas = canvas.astype(np.uint8)
    outlined(canvas, crop, LINES["crop"])
    outlined(canvas, mask(region.support), LINES["support"])
    outlined(canvas, mask(region.core), LINES["core"], dashed=True)
    outlined(canvas, mask(region.hole), LINES["hole"], dashed=True)
    return canvas


def captioned(picture: np.ndarray, lines: tuple[str, str]) -> Image.Image:
    canvas = Image.new("RGB", (TILE[0], TILE[1] + CAPTION), "white")
    canvas.paste(Image.fromarray(picture), ((TILE[0] - picture.shape[1]) // 2, CAPTION))
    draw = ImageDraw.Draw(canvas)
    for row, line in enumerate(lines):
        font = ImageFont.load_default(size=18 - 3 * row)
        draw.text((2, 4 + 23 * row), line, fill="black" if row == 0 else "#444444", font=font)
    return canvas


def tile(image: np.ndarray, scene: Scene, action: Action) -> Image.Image:
    [region] = regions(Plan(actions=(action,)), scene)
    numbers = (
        f"support {region.support.area:,} px, feather {region.feather} px, "
        f"crop {region.crop.width} x {region.crop.height}, strength {region.strength:g}"
    )
    return captioned(drawn(image, region), (f"{action.kind}: {action.sentence()}", numbers))


def legend() -> Image.Image:
    canvas = Image.new("RGB", (TILE[0], TILE[1] + CAPTION), "white")
    draw = ImageDraw.Draw(canvas)
    rows = [
        ("crop", "crop: what the painter sees, inside the image"),
        ("support", "support: the only pixels that may change"),
        (None, "alpha: how much of the change shows; pale is the feather"),
        ("core", "core: changes fully, whatever the feather says"),
        ("hole", "hole: filled before a moved thing is put back"),
    ]
    for row, (name, words) in enumerate(rows):
        y = CAPTION + 34 + 58 * row
        if name is None:
            for x in range(60):
                share = min(1, x / 24) * DEPTH
                shade = tuple(int(150 + share * (float(value) - 150)) for value in TINT)
                draw.line([(20 + x, y), (20 + x, y + 28)], fill=shade)
        else:
            draw.rectangle((20, y, 80, y + 28), fill="#707070")
            box = np.zeros((29, 61), bool)
            box[2:-2, 2:-2] = True
            swatch = np.full((29, 61, 3), 112, np.uint8)
            outlined(swatch, box, LINES[name], dashed=name in ("core", "hole"))
            canvas.paste(Image.fromarray(swatch), (20, y))
        draw.text((98, y + 4), words, fill="black", font=ImageFont.load_default(size=16))
    return canvas


def sheet() -> Image.Image:
    coins = photo("coins.png")
    known = {"coins": (coins, cielr.perceive(coins, labels=["coin"])), "coffee": coffee()}
    tiles = [tile(*known[name], action) for name, action in RECIPES] + [legend()]
    return below([beside(tiles[k : k + 3]) for k in range(0, len(tiles), 3)])


def main() -> None:
    sheet().save(ROOT / "docs" / "recipes.jpg", quality=88)


if __name__ == "__main__":
    main()
