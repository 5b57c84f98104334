"""The scene drawn over its picture: an outline and an id for every object, the chosen ones filled; and the regions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ..core.geometry import Mask
from ..core.scene import OnStep, Scene
from ..region import Region

# Okabe and Ito's palette (2008): told apart by colour-blind readers too
COLOURS = np.array(
    [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167)],
    dtype=np.uint8,
)
FILL = 0.45
"""How much of the fill's colour a chosen object takes on."""
STRIP = 256
"""Rows of a picture that are turned into bytes at a time: quicker than all at once, and a cancel is heard between."""


def overlay(
    image: np.ndarray | None, scene: Scene, chosen: Collection[str] = (), on_step: OnStep | None = None
) -> np.ndarray:
    """uint8[H, W, 3]: the image (mid grey where there is none) with outlines and ids; `chosen` ids are filled.

    Args:
        image: uint8 or float32 [H, W, 3] of the scene's size, or None.
        on_step: told (done, total) of the objects, often; what it raises cancels.
    """
    canvas = _as_uint8(image, scene, on_step)
    line = max(1, round(max(scene.width, scene.height) / 500))
    for number, thing in enumerate(scene.objects):
        if on_step is not None:
            on_step(number, len(scene.objects))
        _outline(canvas, thing.mask, COLOURS[number % len(COLOURS)], line, thing.id in chosen)
    return _labelled(canvas, [(thing.mask, thing.id) for thing in scene.objects], line)


def regions_overlay(image: np.ndarray | None, scene: Scene, regions: Sequence[Region]) -> np.ndarray:
    """uint8[H, W, 3]: the image darkened but for the regions, each with an outline, its number and what is to be done.

    Args:
        image: uint8 or float32 [H, W, 3] of the scene's size; None is mid grey.
    """
    canvas = _as_uint8(image, scene)
    support = Mask.union([region.support for region in regions], scene.height, scene.width).to_array()
    canvas[~support] = canvas[~support] // 2
    line = max(1, round(max(scene.width, scene.height) / 500))
    for region in regions:
        _outline(canvas, region.support, COLOURS[region.index % len(COLOURS)], line, fill=False)
    return _labelled(canvas, [(region.support, f"{region.index + 1} {region.action.kind}") for region in regions], line)


def _labelled(canvas: np.ndarray, texts: Sequence[tuple[Mask, str]], line: int) -> np.ndarray:
    """The canvas with a text in the middle of each mask."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=max(10, round(max(canvas.shape) / 45)))
    for mask, text in texts:
        draw.text(mask.centroid, text, anchor="mm", font=font, fill="white", stroke_width=line, stroke_fill="black")
    return np.asarray(picture)


def _as_uint8(image: np.ndarray | None, scene: Scene, on_step: OnStep | None = None) -> np.ndarray:
    if image is None:
        return np.full((scene.height, scene.width, 3), 96, dtype=np.uint8)
    if image.dtype == np.uint8:
        return image[..., :3].copy()
    canvas = np.empty((*image.shape[:2], 3), dtype=np.uint8)
    for top in range(0, len(image), STRIP):
        if on_step is not None:
            on_step(0, len(scene.objects))
        strip = image[top : top + STRIP, :, :3]
        canvas[top : top + STRIP] = np.clip(strip, 0, 1) * 255 + 0.5
    return canvas


def _outline(canvas: np.ndarray, mask: Mask, colour: np.ndarray, line: int, fill: bool) -> None:
    from scipy import ndimage

    box = mask.box.grow(line).clip(mask.width, mask.height)
    if box.is_empty:
        return
    inside = mask.to_array(box)
    part = canvas[box.slices]
    if fill:
        part[inside] = (part[inside] * (1 - FILL) + colour * FILL).astype(np.uint8)
    # so many dilations by a cross, at the price of one
    outer = np.asarray(ndimage.distance_transform_cdt(~inside, metric="taxicab")) <= line
    part[outer & ~np.asarray(ndimage.binary_erosion(inside), bool)] = colour
