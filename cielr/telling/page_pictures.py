"""The pictures on a trace's page: a photo as a data URL, outlines over it, what lies outside a region darkened."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np

from ..core.arrays import as_dtype
from ..core.geometry import Mask
from ..core.scene import Scene
from ..region import Region
from .overlay import COLOURS

PICTURE = 1400
"""Pixels of the longer side of the large pictures."""
DETAIL = 480
"""Pixels of the longer side of a region's picture."""


def drawing(scene: Scene, chosen: set[str], original: np.ndarray | None) -> str:
    """An SVG of a scene's outlines and ids over the photo, where there is one; those of `chosen` stand out."""
    background = (
        f'<image href="{picture_url(original)}" width="{scene.width}" height="{scene.height}" '
        'preserveAspectRatio="none"/>'
        if original is not None
        else ""
    )
    size = max(scene.width, scene.height) / 48
    # the small ones last, so that the pointer finds them on top of what they lie on
    order = sorted(range(len(scene.objects)), key=lambda number: -scene.objects[number].mask.area)
    paths, names = [], []
    for number in order:
        thing = scene.objects[number]
        if thing.mask.is_empty:
            continue
        paths.append(
            f'<path data-thing="{escape(thing.id)}" d="{_outline(thing.mask)}" stroke="{own_colour(number)}" '
            f'style="--own:{own_colour(number)}" fill-rule="evenodd"{" class=target" if thing.id in chosen else ""}>'
            f"<title>{escape(thing.id)}: {escape(thing.label)}</title></path>"
        )
        x, y = thing.mask.centroid
        names.append(f'<text x="{x:.1f}" y="{y:.1f}">{escape(thing.id)}</text>')
    return (
        f'<svg class="scene" viewBox="0 0 {scene.width} {scene.height}" role="img" '
        f'aria-label="The objects on the photo" font-size="{size:.1f}" stroke-width="{size / 7:.1f}">'
        f"{background}{''.join(paths)}{''.join(names)}</svg>"
    )


def _outline(mask: Mask) -> str:
    """The SVG path around a mask, in pixels, coarser where the mask is large."""
    from skimage.measure import approximate_polygon, find_contours

    box = mask.box
    step = max(1, max(mask.width, mask.height) // PICTURE)
    reduced = mask.to_array(box)[::step, ::step]
    parts = []
    for contour in find_contours(np.pad(reduced, 1).astype(np.uint8), 0.5):
        line = approximate_polygon(contour, 0.6)
        if len(line) < 4:
            continue
        # the pad is one cell; a pixel's middle is half a pixel in
        points = " ".join(f"{(x - 0.5) * step + box.x0:.1f},{(y - 0.5) * step + box.y0:.1f}" for y, x in line[:-1])
        parts.append(f"M{points}Z")
    if not parts:
        return f"M{box.x0},{box.y0}H{box.x1}V{box.y1}H{box.x0}Z"
    return "".join(parts)


def outlined(crop: np.ndarray, region: Region) -> str:
    """The crop with what lies outside the region darkened."""
    picture = as_dtype(crop, np.dtype(np.uint8))
    inside = region.inside(region.support)
    shown = np.where(inside[..., None], picture, (picture * 0.45).astype(np.uint8))
    return picture_url(shown, DETAIL)


def picture_url(image: np.ndarray, longest: int = PICTURE) -> str:
    """A data URL with the image, reduced."""
    from PIL import Image

    stride = max(1, max(image.shape[:2]) // (2 * longest))
    picture = Image.fromarray(np.ascontiguousarray(as_dtype(image[::stride, ::stride], np.dtype(np.uint8))))
    picture.thumbnail((longest, longest))
    memory = io.BytesIO()
    picture.save(memory, "JPEG", quality=88, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(memory.getvalue()).decode()


def shown_width(image: np.ndarray) -> int:
    """CSS pixels: small photos are not blown up more than twice, tall ones fit a screen."""
    height, width = image.shape[:2]
    return round(min(2 * width, PICTURE, 760 * width / height))


def own_colour(number: int) -> str:
    """The CSS colour of the object at that place in its scene."""
    return "#{:02x}{:02x}{:02x}".format(*COLOURS[number % len(COLOURS)])
