"""What a thing looks like, in words measured from its pixels: colour, size, position, shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.arrays import as_floats
from ..core.colours import colour_names
from ..core.geometry import Mask
from ..core.progress import in_steps
from ..core.scene import OnStep

SAMPLES = 20_000
"""Pixels from which a colour is measured; more change no name."""
COLOUR_SAMPLES = 256
"""Places of which the colour is named one by one."""
GOOD_PART = 0.25
"""Share of a thing from which a further colour is told."""
LIT = 75.0
"""Percentile of its lightness from which what has a colour is lit and gives the name."""
PALE = 84.0
"""CIELAB lightness from which the light half of what has no hue is white."""
REDDISH, RED_HUE = 14.0, 45.0
"""CIELAB chroma from which a dark colour has a hue, and the degrees around red within which it is red, not brown."""
LONG = 2.0
"""Ratio of the main axes from which a thing is called long."""
ROUND = 0.92
"""Overlap (IoU) with the ellipse of its own moments from which a thing is called round or oval."""
SQUARE = 0.9
"""Share of its tightest box, turned any way, from which a thing is called square or rectangular."""
IRREGULAR = 0.8
"""Share of its convex hull below which a thing is called irregular."""
SHAPE_SIDE = 128
"""Pixels a side at which shapes are measured: words need no more."""


def appearances(image: np.ndarray, masks: Sequence[Mask], on_step: OnStep | None = None) -> list[dict[str, str]]:
    """For each mask words for "colour", "size" (relative to the other masks), "position" and "shape".

    Args:
        image: uint8 or float32 [H, W, 3]; masks: of its size, none of them empty.
        on_step: told of each mask; what it raises cancels.
    """
    areas = np.array([mask.area for mask in masks], dtype=float)
    words = []
    for mask in in_steps(masks, on_step):
        colours = colour_words(image, mask)
        words.append(
            ({"colours": ", ".join(colours)} if len(colours) > 1 else {})
            | {
                "colour": colours[0],
                "size": size_word(mask.area, areas),
                "position": position_word(mask),
                "shape": shape_word(mask),
            }
        )
    return words


def look(words: dict[str, str]) -> str:
    """A label by look: "dark red round object"."""
    shape = words.get("shape", "irregular")
    return " ".join(part for part in (words.get("colour", ""), "" if shape == "irregular" else shape, "object") if part)


def colour_words(image: np.ndarray, mask: Mask) -> list[str]:
    """The names of a thing's colours, the one that most of it has first; others where they cover a good part.

    Shade is told apart from paint: darker pixels of a hue belong to the lighter ones, and those give the name.
    """
    lab = _handfuls(sampled_lab(image, mask))
    bases = np.array([_BASES.get(name, name.split()[-1]) for name in _names(lab)])
    names, counts = np.unique(bases, return_counts=True)
    order = sorted(range(len(names)), key=lambda k: (-counts[k], names[k]))
    kept = [names[k] for k in order if k == order[0] or counts[k] >= GOOD_PART * len(lab)]
    if kept[0] == "grey" and "white" in kept:
        # most of a white thing may lie in the shade
        kept = ["white", *(base for base in kept if base != "white")]
    words = []
    for base in kept:
        own = lab[bases == base]
        lit = own[own[:, 0] >= np.percentile(own[:, 0], LIT)]
        name = _names(np.median(lit, axis=0)[None])[0]
        # what is lit less than fully: paper and paint in the shade are no light grey to anybody
        words.append("white" if name == "light grey" and np.median(lit[:, 0]) >= PALE else name)
    return list(dict.fromkeys(words))


_BASES = {"light grey": "white"}
"""Names that are another's kin in the shade, where the last word does not say it."""


def _names(lab: np.ndarray) -> list[str]:
    """The names of CIELAB colours [n, 3]; near black all warm colours are alike, and the hue tells red from brown."""
    hue = np.abs(np.degrees(np.arctan2(lab[:, 2], lab[:, 1])))
    reddish = (np.hypot(lab[:, 1], lab[:, 2]) >= REDDISH) & (hue < RED_HUE)
    return [
        "dark red" if name == "dark brown" and red else name
        for name, red in zip(colour_names(lab), reddish, strict=True)
    ]


def sampled_lab(image: np.ndarray, mask: Mask) -> np.ndarray:
    """CIELAB [n, 3] of some SAMPLES of the pixels under the mask."""
    from skimage.color import rgb2lab

    # every so-manyth set pixel in reading order, counted off the runs: no array is made
    lengths = mask.runs[1::2].astype(np.int64)
    behind = np.cumsum(lengths)
    number = np.arange(0, behind[-1], max(1, behind[-1] // SAMPLES))
    run = np.searchsorted(behind, number, side="right")
    ends = np.cumsum(mask.runs, dtype=np.int64)[1::2]
    rows, columns = np.divmod((ends - behind)[run] + number, mask.width)
    pixels = image[rows, columns]
    return rgb2lab(as_floats(pixels).astype(np.float64)[None])[0]


def _handfuls(lab: np.ndarray) -> np.ndarray:
    """CIELAB [n, 3] of at most COLOUR_SAMPLES places: neighbours in a row share their noise, their median is one."""
    handful = max(1, len(lab) // COLOUR_SAMPLES)
    places = len(lab) // handful
    return np.median(lab[: handful * places].reshape(places, handful, 3), axis=1)


def size_word(area: float, areas: np.ndarray) -> str:
    """ "large", "small" or "medium": twice or half the area of the median thing."""
    middle = float(np.median(areas))
    if area >= 2 * middle:
        return "large"
    return "small" if area <= middle / 2 else "medium"


def position_word(mask: Mask) -> str:
    """The third of the picture, each way, in which the mask's centre lies: "top left", "centre", "bottom" …."""
    x, y = mask.centroid
    across = ("left", "", "right")[min(int(3 * x / mask.width), 2)]
    down = ("top", "", "bottom")[min(int(3 * y / mask.height), 2)]
    return f"{down} {across}".strip() or "centre"


def shape_word(mask: Mask) -> str:
    """ "round", "oval", "square", "rectangular", "triangular", "long" or "irregular"."""
    from skimage.measure import label, regionprops
    from skimage.transform import resize

    crop = np.pad(mask.to_array(mask.box), 1)
    longer = max(crop.shape)
    if longer > SHAPE_SIDE:
        size = [max(3, round(side * SHAPE_SIDE / longer)) for side in crop.shape]
        # of a large mask every so-manyth pixel tells enough, in a fraction of the time
        step = max(1, longer // (4 * SHAPE_SIDE))
        crop = crop[::step, ::step]
        crop = resize(crop.astype(float), size, order=1, anti_aliasing=True) > 0.5
    parts = regionprops(label(crop))
    if not parts:
        return "irregular"
    part = max(parts, key=lambda part: part.area)
    minor = max(part.axis_minor_length, 1.0)
    long = part.axis_major_length / minor >= LONG
    width, height = _tightest_box(_tips(part.image))
    if part.area / (width * height) >= SQUARE:
        return "long" if long else "square" if max(width, height) / min(width, height) < 1.15 else "rectangular"
    if _ellipse_overlap(part) >= ROUND:
        return "long" if long else "round" if part.axis_major_length / minor < 1.25 else "oval"
    if part.solidity < IRREGULAR:
        return "long" if part.axis_major_length / minor >= 2 * LONG else "irregular"
    if long:
        return "long"
    return "triangular" if 0.45 < part.area / (width * height) < 0.6 and part.solidity > 0.93 else "irregular"


def _ellipse_overlap(part) -> float:
    """IoU of a region with the ellipse of the same second moments."""
    rows, columns = part.image.shape
    y, x = np.mgrid[:rows, :columns]
    cy, cx = part.centroid_local
    turn = part.orientation
    along = (x - cx) * np.sin(turn) + (y - cy) * np.cos(turn)
    across = (x - cx) * np.cos(turn) - (y - cy) * np.sin(turn)
    major, minor = max(part.axis_major_length, 1) / 2, max(part.axis_minor_length, 1) / 2
    inside = (along / major) ** 2 + (across / minor) ** 2 <= 1
    return float((inside & part.image).sum() / max((inside | part.image).sum(), 1))


def _tips(shape: np.ndarray) -> np.ndarray:
    """int [n, 2]: the first and last set pixel of each row; the outermost are among them, whichever way one looks."""
    rows = np.arange(len(shape))
    last = shape.shape[1] - 1 - shape[:, ::-1].argmax(axis=1)
    points = np.concatenate([np.stack([rows, shape.argmax(axis=1)], axis=1), np.stack([rows, last], axis=1)])
    return points[np.tile(shape.any(axis=1), 2)]


def _tightest_box(points: np.ndarray) -> tuple[float, float]:
    """Sides of the smallest box around the points over all turns, in steps of two degrees."""
    angles = np.radians(np.arange(0, 90, 2))
    along = points @ np.stack([np.cos(angles), np.sin(angles)])
    across = points @ np.stack([-np.sin(angles), np.cos(angles)])
    # a pixel is as wide as one, seen from the angle
    wide = np.abs(np.cos(angles)) + np.abs(np.sin(angles))
    widths, heights = np.ptp(along, axis=0) + wide, np.ptp(across, axis=0) + wide
    best = int(np.argmin(widths * heights))
    return float(widths[best]), float(heights[best])
