"""Draws the pictures in docs/ with the project's own code: before and after, and how the fills do on real photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage import data

import cielr
from cielr.core.geometry import Mask
from cielr.core.scene import Scene
from cielr.editing.executor import execute
from cielr.editing.fill.exemplar import exemplar_fill
from cielr.editing.fill.smooth import is_smooth_around, smooth_fill
from cielr.perception.assemble import scene_from_masks
from cielr.region import regions, seeded
from cielr.telling.overlay import overlay

ROOT = Path(__file__).resolve().parent.parent
INSTRUCTION = "remove the second coin from the left in the top row"
COINS = (
    "turn the three largest coins gold",
    "remove every coin in the second row",
    "shrink the largest coin to half its size",
)
COFFEE = ("make the coffee green", "make the background greyscale", "darken everything except the coffee")
HOLES = {
    # photo, centre x, centre y, radius
    "coffee: wood": (data.coffee, 500, 330, 40),
    "cat: fur": (data.chelsea, 150, 200, 35),
    "sky and lattice": (data.rocket, 100, 350, 40),
    "evening sky": (data.rocket, 260, 90, 45),
    "brick": (data.brick, 250, 250, 40),
    "gravel": (data.gravel, 250, 250, 50),
}
"""From scikit-image; public domain or CC0."""


def photo(name: str) -> np.ndarray:
    """uint8[H, W, 3] of a bundled one."""
    return np.asarray(Image.open(ROOT / "photos" / name).convert("RGB"))


def masked(name: str) -> Mask:
    """What is white in a bundled picture."""
    return Mask.from_array(np.asarray(Image.open(ROOT / "photos" / name).convert("L")) >= 128)


def coffee() -> tuple[np.ndarray, Scene]:
    """The photo of a cup, and its scene by a mask that was brought along."""
    image = photo("coffee.jpg")
    return image, scene_from_masks(image, [masked("coffee_mask.png")], ["coffee"])


def carried_out(image: np.ndarray, scene: Scene, words: str, **bounds: Mask) -> np.ndarray:
    """The edit that an instruction makes of a scene that is known."""
    scene, plan, _ = cielr.reason(scene, words)
    return execute(image, seeded(regions(plan, scene, **bounds), 0))


def titled(picture: np.ndarray, title: str, width: int) -> Image.Image:
    small = Image.fromarray(picture).convert("RGB")
    small = small.resize((width, round(small.height * width / small.width)), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", (width, small.height + 26), "white")
    canvas.paste(small, (0, 26))
    ImageDraw.Draw(canvas).text((4, 4), title, fill="black", font=ImageFont.load_default(size=15))
    return canvas


def beside(pictures: list[Image.Image], gap: int = 8) -> Image.Image:
    height = max(picture.height for picture in pictures)
    canvas = Image.new("RGB", (sum(p.width + gap for p in pictures) - gap, height), "white")
    x = 0
    for picture in pictures:
        canvas.paste(picture, (x, 0))
        x += picture.width + gap
    return canvas


def below(pictures: list[Image.Image]) -> Image.Image:
    turned = beside([picture.transpose(Image.Transpose.TRANSPOSE) for picture in pictures])
    return turned.transpose(Image.Transpose.TRANSPOSE)


def before_after() -> Image.Image:
    coins = photo("coins.png")
    result = cielr.edit(coins, INSTRUCTION, labels=["coin"])
    chosen = [name for action in result.plan.actions for name in action.objects]
    rows = [
        titled(coins, "the photo", 384),
        titled(overlay(coins, result.scene, chosen), "the scene, and what was chosen", 384),
        titled(result.image, f'"{INSTRUCTION}"', 384),
    ]
    return beside(rows)


def fills() -> Image.Image:
    rows = []
    for name, (load, cx, cy, radius) in HOLES.items():
        image = load()
        image = np.stack([image] * 3, axis=-1) if image.ndim == 2 else image
        y, x = np.mgrid[: image.shape[0], : image.shape[1]]
        hole = (y - cy) ** 2 + (x - cx) ** 2 < radius**2
        reach = radius + 70
        box = (
            slice(max(0, cy - reach), min(image.shape[0], cy + reach)),
            slice(max(0, cx - reach), min(image.shape[1], cx + reach)),
        )
        crop, hole = image[box], hole[box]
        nothing = np.zeros_like(hole)
        smooth = is_smooth_around(crop, hole, nothing)
        rows.append(
            beside(
                [
                    titled(crop, name, 200),
                    titled(np.where(hole[..., None], np.uint8(128), crop), "the hole", 200),
                    titled(smooth_fill(crop, hole, nothing, 0), "smooth fill" + " (chosen)" * smooth, 200),
                    titled(exemplar_fill(crop, hole, nothing, 0), "exemplar fill" + " (chosen)" * (not smooth), 200),
                ]
            )
        )
    return below([beside(rows[k : k + 2], gap=24) for k in range(0, len(rows), 2)])


def strip() -> Image.Image:
    """One edit a tile, each by `cielr.edit` on a bundled photo, or on a mask that was brought along."""
    coins, cup = photo("coins.png"), coffee()
    tiles = [
        *((cielr.edit(coins, words, labels=["coin"]).image, words) for words in COINS),
        *((carried_out(*cup, words), words) for words in COFFEE),
    ]
    return below([beside([titled(*tile, 384) for tile in tiles[k : k + 3]]) for k in range(0, len(tiles), 3)])


def main() -> None:
    (ROOT / "docs").mkdir(exist_ok=True)
    before_after().save(ROOT / "docs" / "before_after.png", optimize=True)
    strip().save(ROOT / "docs" / "strip.jpg", quality=88)
    fills().save(ROOT / "docs" / "fills.jpg", quality=88)


if __name__ == "__main__":
    main()
