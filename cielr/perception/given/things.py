"""What a file says of one thing, and the photo that it is held against."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.geometry import Box, Mask
from ...core.serial import json_sentence, read_text
from ...errors import SceneError

NEARLY = 0.01
"""Of a pixel: a box that reaches no further into one does not touch it; coordinates are rounded in files."""


@dataclass(frozen=True)
class GivenThing:
    """One thing that a file holds.

    Attributes:
        label: "" where the file names none.
        mask: of the photo's size, or None where the file has a box alone.
        box: around the mask, or what the file has in its place; inside the photo, and not empty.
        score: in [0, 1].
    """

    label: str
    mask: Mask | None
    box: Box
    score: float = 1.0


@dataclass(frozen=True)
class Frame:
    """The photo that things are held against.

    Attributes:
        width, height: in pixels.
        name: its file's name, by which annotations of many photos are searched; "" takes those of a single photo.
    """

    width: int
    height: int
    name: str = ""

    def check(self, what: str, width: int, height: int) -> None:
        """Raises SceneError, naming both sizes, where something is not of the photo's size."""
        if (width, height) != (self.width, self.height):
            raise SceneError(
                f"{what} is {width} x {height} pixels and the photo {self.width} x {self.height}; "
                "masks go with the photo that they were made of."
            )

    def masked(self, label: str, mask: Mask, score: float = 1.0) -> list[GivenThing]:
        """The thing of a mask, which has the photo's size; none where the mask is empty."""
        return [] if mask.is_empty else [GivenThing(label, mask, mask.box, _share(score))]

    def boxed(self, label: str, corners: Sequence[float], score: float = 1.0) -> list[GivenThing]:
        """The thing of a box x0, y0, x1, y1 in pixels and parts of them; none where it holds no pixel of the photo.

        Raises:
            SceneError: where it is no box.
        """
        if not all(map(math.isfinite, corners)):
            raise SceneError("A box has a corner that is not a number; correct it.")
        x0, y0, x1, y1 = (min(max(value, -1e9), 1e9) for value in corners)
        if x1 < x0 or y1 < y0:
            raise SceneError(f"A box ends before it begins: {x0:g}, {y0:g}, {x1:g}, {y1:g}.")
        first = math.floor(x0 + NEARLY), math.floor(y0 + NEARLY)
        last = math.ceil(x1 - NEARLY), math.ceil(y1 - NEARLY)
        box = Box(*first, max(first[0], last[0]), max(first[1], last[1])).clip(self.width, self.height)
        return [] if box.is_empty else [GivenThing(label, None, box, _share(score))]


def text_of(path: Path, most_bytes: int, what: str) -> str:
    """The text of a file of things.

    Raises:
        SceneError: where it cannot be read; `what` says what is sought in it: "masks".
    """
    try:
        return read_text(path, most_bytes)
    except ValueError as error:
        raise SceneError(f"No {what} can be read from {path}: {error}.") from error


def json_of(text: str, path: Path) -> Any:
    """What the text of a JSON file says.

    Raises:
        SceneError: where it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SceneError(f"{path} is not JSON: {json_sentence(text, error)}.") from error


def filled(polygons: Sequence[Sequence[float]], width: int, height: int) -> Mask:
    """The pixels inside polygons x0, y0, x1, y1, … and on their outlines; what has fewer than three corners is none."""
    from PIL import Image, ImageDraw

    image = Image.new("1", (width, height))
    draw = ImageDraw.Draw(image)
    for polygon in polygons:
        if len(polygon) >= 6:
            draw.polygon(list(zip(polygon[::2], polygon[1::2], strict=True)), fill=1, outline=1)
    return Mask.from_array(np.asarray(image))


def label_of_stem(stem: str) -> str:
    """The label in the name of a mask's file: "dark_red-cup_2" -> "dark red cup"; "" for a number alone."""
    words = " ".join(re.split(r"[\s_-]+", stem)).strip()
    words = re.sub(r"(^|\s)\(?\d+\)?$", "", words)
    return re.sub(r"(^|\s)masks?$", "", words, flags=re.IGNORECASE).strip()


def _share(score: float) -> float:
    return min(max(score, 0.0), 1.0) if math.isfinite(score) else 1.0
