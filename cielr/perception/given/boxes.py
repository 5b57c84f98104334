"""Boxes that somebody else found: YOLO's text files, and the boxes of annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...errors import SceneError
from .annotations import read_annotations
from .names import names_of_yolo, read_names
from .things import Frame, GivenThing, text_of

MOST_BYTES = 10_000_000
"""Of a file of YOLO's boxes, which is of one photo."""


def read_boxes(path: Path, frame: Frame, names: Path | None = None) -> list[GivenThing]:
    """The boxes of a file: YOLO's .txt (class, centre, size as shares of the photo's, and perhaps a score), or the
    boxes of COCO's annotations, without their outlines.

    Args:
        names: of YOLO's classes; None looks for classes.txt, obj.names or data.yaml in the folder and above.

    Raises:
        SceneError: where there are none, or they are not of this photo.
    """
    if path.suffix.lower() == ".json":
        things = [replace(thing, mask=None) for thing in read_annotations(path, frame)]
    else:
        things = _of_yolo(path, frame, read_names(names or names_of_yolo(path)))
    if not things:
        raise SceneError(f"{path} holds no box that lies in the photo.")
    return things


def _of_yolo(path: Path, frame: Frame, names: Mapping[str, str]) -> list[GivenThing]:
    lines = enumerate(text_of(path, MOST_BYTES, "boxes").splitlines(), start=1)
    boxes = [_yolo_box(line.split(), frame, names, f"{path}, line {number}") for number, line in lines if line.strip()]
    return [thing for box in boxes for thing in box]


def _yolo_box(words: list[str], frame: Frame, names: Mapping[str, str], place: str) -> list[GivenThing]:
    try:
        x, y, width, height, *rest = (float(word) for word in words[1:])
    except ValueError:
        rest = [0.0, 0.0]
        x = y = width = height = 0.0
    if len(rest) > 1 or not words[0].isdigit():
        raise SceneError(f"{place} is not a YOLO box: class, centre x, centre y, width, height, and perhaps a score.")
    if max(abs(value) for value in (x, y, width, height)) > 2:
        raise SceneError(f"{place} has a box in pixels; YOLO's are shares of the photo's width and height, up to 1.")
    label = names.get(words[0], "")
    if names and not label:
        raise SceneError(f"{place} is of class {words[0]}, which has no name; --names gives them, one a line.")
    corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    scaled = [share * (frame.height if k % 2 else frame.width) for k, share in enumerate(corners)]
    return frame.boxed(label, scaled, rest[0] if rest else 1.0)
