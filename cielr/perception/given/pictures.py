"""Masks that are pictures: one a thing, named by its file, or one for all, whose values stand for names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ...core.geometry import Mask
from ...errors import SceneError
from .things import Frame, GivenThing, label_of_stem

SUFFIXES = (".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".jpg", ".jpeg")
MOST_VALUES = 10_000
"""Of a label map: more are a photo that was taken for one."""
VOID = 255
"""The border between things in VOC's label maps, where it has no name."""


def read_mask_folder(folder: Path, frame: Frame) -> list[GivenThing]:
    """The things of a folder of masks, in the order of their names; the label is the file's name without its number.

    Raises:
        SceneError: where there is none, or one is not of the photo's size.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    if not files:
        raise SceneError(f"{folder} holds no picture of a mask; name a folder of masks such as cup.png, plate_2.png.")
    return [thing for path in files for thing in read_mask(path, frame, label_of_stem(path.stem))]


def read_mask(path: Path, frame: Frame, label: str) -> list[GivenThing]:
    """The thing that a picture masks: what is at least half bright.

    Raises:
        SceneError: where the picture is not of the photo's size, or see-through in parts; ImageError: where it cannot
            be read.
    """
    from ...photos.photo import read_photo

    photo = read_photo(path)
    frame.check(str(path), photo.width, photo.height)
    if photo.alpha is not None and (photo.alpha != photo.alpha.max()).any():
        # some programs erase the thing, others all but the thing
        raise SceneError(
            f"{path} is see-through in parts, and it is not clear whether the thing is what was erased or what stayed; "
            "save the mask in black and white, the thing white."
        )
    return frame.masked(label, as_mask(photo.pixels.max(axis=2)))


def as_mask(values: np.ndarray) -> Mask:
    """From an array [H, W]: bool, whole numbers (set from 128, or from 1 where none is larger) or floats from 0.5."""
    if values.dtype == bool:
        return Mask.from_array(values)
    if values.dtype.kind == "f":
        return Mask.from_array(values >= 0.5)
    return Mask.from_array(values >= (128 if values.size and values.max() > 1 else 1))


def read_label_map(path: Path, frame: Frame, names: Mapping[str, str]) -> list[GivenThing]:
    """One thing for each value of a picture but 0, named by `names`: by its number ("7") or its colour ("#ff0000").

    Raises:
        SceneError: where it is not of the photo's size, or its values and the names do not meet.
    """
    values, words = _label_values(path, frame)
    numbers, inverse = np.unique(values, return_inverse=True)
    if len(numbers) > MOST_VALUES:
        raise SceneError(f"{path} has {len(numbers):,} values, which no label map has; is it a photo?")
    inverse = inverse.reshape(values.shape)
    named = {key.lower(): name for key, name in names.items()}
    things: list[GivenThing] = []
    for place, number in enumerate(numbers.tolist()):
        key = words(number)
        if number == 0 or (number == VOID and key == str(VOID) and key not in named):
            continue
        things += frame.masked(named.get(key, ""), Mask.from_array(inverse == place))
    if named and not any(thing.label for thing in things):
        seen = ", ".join(words(number) for number in numbers.tolist()[:6])
        raise SceneError(f"None of the names is for a value of {path}; its values are {seen}.")
    return things


def is_label_map(path: Path) -> bool:
    """Whether a picture is one by its kind: a palette, whose values are numbers and no colours."""
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG", "GIF", "BMP", "TIFF"]) as image:
            return image.mode == "P"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _label_values(path: Path, frame: Frame) -> tuple[np.ndarray, Callable[[int], str]]:
    """(int [H, W], how a value is called)."""
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG", "GIF", "BMP", "TIFF", "WEBP"]) as image:
            frame.check(str(path), *image.size)
            values = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SceneError(f"{path} is not a label map that can be read: {error}.") from error
    if values.ndim == 2:
        return values.astype(np.int64), str
    colours = values[..., :3].astype(np.int64) @ np.array([65536, 256, 1])
    return colours, lambda number: f"#{number:06x}"
