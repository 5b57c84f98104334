"""Things in annotation files: COCO and its kin, LabelMe, and what SAM's mask generator writes."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.geometry import Mask
from ...core.serial import sentences
from ...errors import SceneError
from .run_lengths import mask_of
from .things import Frame, GivenThing, filled, json_of, text_of

MOST_BYTES = 500_000_000
"""Of a file; COCO's own annotations of 118,000 photos take nine tenths of it."""


class Lenient(BaseModel):
    """Of other programs' files only what is needed is looked at."""

    model_config = ConfigDict(extra="ignore")


class Annotation(Lenient):
    """One of COCO's; `class_name` and `score` are of files that name no categories. A box is x, y, width, height, or
    its corners where the file says `xyxy`."""

    image_id: int | str | None = None
    category_id: int | str | None = None
    class_name: str | None = None
    segmentation: Any = None
    bbox: tuple[float, float, float, float] | None = None
    score: float = 1.0
    predicted_iou: float | None = None


class Picture(Lenient):
    id: int | str
    file_name: str
    width: int
    height: int


class Category(Lenient):
    id: int | str
    name: str


class Coco(Lenient):
    annotations: list[Annotation]
    images: list[Picture] = Field(default_factory=list)
    categories: list[Category] = Field(default_factory=list)
    img_width: int | None = None
    img_height: int | None = None
    box_format: str = "xywh"


class Shape(Lenient):
    """One of LabelMe's."""

    label: str
    points: list[tuple[float, float]]
    shape_type: str = "polygon"
    group_id: int | str | None = None
    mask: str | None = None


class LabelMe(Lenient):
    shapes: list[Shape]
    imageHeight: int | None = None
    imageWidth: int | None = None


def read_annotations(path: Path, frame: Frame) -> list[GivenThing]:
    """The things of a JSON file of annotations, in its order.

    Raises:
        SceneError: where it is of no known kind, not of this photo, or not of its size.
    """
    value = json_of(text_of(path, MOST_BYTES, "masks"), path)
    try:
        if isinstance(value, list) and value and isinstance(value[0], dict) and "segmentation" in value[0]:
            return _of_generator([Annotation.model_validate(item) for item in value], frame, path)
        if isinstance(value, dict) and "shapes" in value:
            return _of_labelme(LabelMe.model_validate(value), frame, path)
        if isinstance(value, dict) and "annotations" in value:
            return _of_coco(Coco.model_validate(value), frame, path)
    except ValidationError as error:
        raise SceneError(f"{path} cannot be used: {sentences(error)}.") from error
    raise SceneError(
        f"{path} holds no annotations that are read: COCO has 'annotations', LabelMe has 'shapes', and SAM's masks are "
        "a list with 'segmentation'."
    )


# ------------------------------------------------------------------------------------------------------------- kinds


def _of_generator(annotations: Sequence[Annotation], frame: Frame, path: Path) -> list[GivenThing]:
    things: list[GivenThing] = []
    for number, annotation in enumerate(annotations, start=1):
        score = annotation.score if annotation.predicted_iou is None else annotation.predicted_iou
        things += _thing(annotation, annotation.class_name or "", score, frame, f"mask {number} of {path}")
    return things


def _of_coco(coco: Coco, frame: Frame, path: Path) -> list[GivenThing]:
    picture = _own_picture(coco, frame, path)
    if picture is not None:
        frame.check(f"The photo {picture.file_name} in {path}", picture.width, picture.height)
    elif coco.img_width and coco.img_height:
        frame.check(f"The photo in {path}", coco.img_width, coco.img_height)
    labels = {category.id: category.name for category in coco.categories}
    things: list[GivenThing] = []
    for number, annotation in enumerate(coco.annotations, start=1):
        if picture is not None and annotation.image_id != picture.id:
            continue
        what = f"annotation {number} of {path}"
        label = annotation.class_name or labels.get(annotation.category_id or 0, "")
        if annotation.category_id is not None and not label:
            raise SceneError(f"The category {annotation.category_id} of {what} has no name in 'categories'.")
        things += _thing(annotation, label, annotation.score, frame, what, coco.box_format == "xyxy")
    return things


def _own_picture(coco: Coco, frame: Frame, path: Path) -> Picture | None:
    """The photo that a frame is of; None where the file lists no photos, as for a single one."""
    if not coco.images:
        return None
    stem = PurePosixPath(frame.name).stem
    exact = [picture for picture in coco.images if PurePosixPath(picture.file_name).name == frame.name]
    alike = [picture for picture in coco.images if PurePosixPath(picture.file_name).stem == stem]
    own = exact or alike or (coco.images if len(coco.images) == 1 else [])
    if len(own) == 1:
        return own[0]
    problem = f"lists {len(own)} photos called {frame.name}" if own else f"has no photo called {frame.name}"
    raise SceneError(f"{path} {problem} among its {len(coco.images)}.")


def _thing(
    annotation: Annotation, label: str, score: float, frame: Frame, what: str, corners: bool = False
) -> list[GivenThing]:
    mask = mask_of(annotation.segmentation, frame, what)
    if mask is not None:
        return frame.masked(label, mask, score)
    if annotation.bbox is None:
        return []
    x, y, right, bottom = annotation.bbox
    return frame.boxed(label, (x, y, right, bottom) if corners else (x, y, x + right, y + bottom), score)


def _of_labelme(file: LabelMe, frame: Frame, path: Path) -> list[GivenThing]:
    if file.imageWidth and file.imageHeight:
        frame.check(f"The photo in {path}", file.imageWidth, file.imageHeight)
    grouped: dict[Any, tuple[str, Mask]] = {}
    for number, shape in enumerate(file.shapes, start=1):
        mask = _shape_mask(shape, frame, f"shape {number} of {path}")
        # what somebody put into one group is one thing in several pieces
        key = (shape.label, shape.group_id) if shape.group_id is not None else number
        grouped[key] = (shape.label, grouped[key][1] | mask if key in grouped else mask)
    return [thing for label, mask in grouped.values() for thing in frame.masked(label, mask)]


def _shape_mask(shape: Shape, frame: Frame, what: str) -> Mask:
    points, kind = shape.points, shape.shape_type
    if not all(math.isfinite(value) and abs(value) < 1e6 for point in points for value in point):
        raise SceneError(f"The {what} has a corner that is not a pixel of any photo.")
    if kind == "polygon" and len(points) >= 3:
        return filled([[value for point in points for value in point]], frame.width, frame.height)
    if kind in ("rectangle", "mask", "circle") and len(points) != 2:
        raise SceneError(f"The {what} is a {kind} of {len(points)} points; two are needed.")
    if kind == "rectangle":
        (ax, ay), (bx, by) = points
        boxed = frame.boxed("", (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
        empty = Mask.empty(frame.height, frame.width)
        return Mask.from_box(boxed[0].box, frame.height, frame.width) if boxed else empty
    if kind == "circle":
        (x, y), (rim_x, rim_y) = points
        rows, columns = np.ogrid[: frame.height, : frame.width]
        return Mask.from_array((columns - x) ** 2 + (rows - y) ** 2 <= (rim_x - x) ** 2 + (rim_y - y) ** 2)
    if kind == "mask" and shape.mask:
        return _stored_mask(shape.mask, points, frame, what)
    raise SceneError(f"The {what} is a {kind} of {len(points)} points, which covers no area; remove it, or outline it.")


def _stored_mask(packed: str, points: Sequence[tuple[float, float]], frame: Frame, what: str) -> Mask:
    from PIL import Image

    from ...core.geometry import Box

    try:
        with Image.open(io.BytesIO(base64.b64decode(packed)), formats=["PNG"]) as image:
            if image.width > frame.width + 1 or image.height > frame.height + 1:
                raise SceneError(f"The {what} is a mask larger than the photo.")
            part = np.asarray(image.convert("L")) > 0
    except (OSError, ValueError, SyntaxError) as error:
        raise SceneError(f"The {what} holds a mask that cannot be read: {error}.") from error
    x, y = (round(value) for value in points[0])
    return Mask.from_crop(part, Box(x, y, x + part.shape[1], y + part.shape[0]), frame.height, frame.width)
