"""A scene out of masks and boxes that somebody else found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.geometry import Mask
from ...core.scene import Scene
from ...errors import SceneError
from ..assemble import scene_from_instances
from ..instances import outlined
from ..labels import as_labels
from ..outlines import ColourSegmenter
from ..protocols import DepthEstimator, Detection, Segmenter
from .annotations import read_annotations
from .boxes import read_boxes
from .names import names_beside, read_names
from .pictures import SUFFIXES, as_mask, is_label_map, read_label_map, read_mask, read_mask_folder
from .things import Frame, GivenThing, label_of_stem

SOURCE = "given"


@dataclass(frozen=True)
class GivenFiles:
    """Where things are that somebody else found.

    Attributes:
        masks: a folder of pictures, a picture, or a JSON file of annotations; boxes: YOLO's .txt or COCO's .json.
        names: of the values of a label map, or of YOLO's classes; None looks beside the file.
    """

    masks: Path | None = None
    boxes: Path | None = None
    names: Path | None = None

    def __bool__(self) -> bool:
        return self.masks is not None or self.boxes is not None

    def things(self, frame: Frame) -> list[GivenThing]:
        """All that the files hold of a photo, in their order.

        Raises:
            SceneError: where they hold nothing, or are not of this photo; ImageError: where a picture cannot be read.
        """
        things = read_masks(self.masks, frame, self.names) if self.masks is not None else []
        return things + (read_boxes(self.boxes, frame, self.names) if self.boxes is not None else [])


def read_masks(path: Path, frame: Frame, names: Path | None = None) -> list[GivenThing]:
    """The things of a folder of masks, of a label map or a single mask, or of a JSON file of annotations.

    A picture is a label map where names are given or lie beside it, or where it has a palette; else it is one mask, of
    what its file's name says.

    Raises:
        SceneError: where there are none, or they are not of this photo; ImageError: where a picture cannot be read.
    """
    if path.is_dir():
        things = read_mask_folder(path, frame)
    elif not path.exists():
        raise SceneError(f"There is no file or folder {path} to take masks from.")
    elif path.suffix.lower() == ".json":
        things = read_annotations(path, frame)
    elif path.suffix.lower() not in SUFFIXES:
        raise SceneError(f"{path} is neither a picture of a mask nor a .json file of annotations.")
    else:
        named = names or names_beside(path)
        is_map = named is not None or is_label_map(path)
        things = (
            read_label_map(path, frame, read_names(named))
            if is_map
            else read_mask(path, frame, label_of_stem(path.stem))
        )
    if not things:
        raise SceneError(
            f"{path} masks nothing: there is no pixel in it that belongs to a thing; draw the thing white on black."
        )
    return things


def scene_of_things(
    image: np.ndarray,
    things: Sequence[GivenThing],
    labels: str | Sequence[str] | None = None,
    segmenter: Segmenter | None = None,
    depth: DepthEstimator | None = None,
) -> Scene:
    """The scene of an image uint8 or float32 [H, W, 3] that holds those things.

    Args:
        labels: one for all things that have none; without it they are named by their look.
        segmenter: outlines boxes; None does it by colour. Where no outline is found, the box is the mask.
        depth: says how far they are; None leaves it unknown.

    Raises:
        SceneError: for several labels, of which nobody knows which is whose.
    """
    given = as_labels(labels) or []
    if len(given) > 1:
        raise SceneError(
            f"Masks and boxes bring their own names, and nobody knows whose the {len(given)} labels are; give one "
            "label, for those that have none."
        )
    detections = [Detection(thing.label or "".join(given), thing.score, thing.box) for thing in things]
    # boxes are outlined all at once
    boxed = [detection for detection, thing in zip(detections, things, strict=True) if thing.mask is None]
    outlines = iter(outlined(segmenter or ColourSegmenter(), image, boxed))
    instances = [
        next(outlines) if thing.mask is None else (detection, thing.mask)
        for detection, thing in zip(detections, things, strict=True)
    ]
    far = depth.depth(image) if depth is not None else None
    return scene_from_instances(image, instances, SOURCE, depth=far)


def given_scene(
    image: np.ndarray,
    scene: Scene | None = None,
    masks: Mapping[str, Any] | str | Path | None = None,
    labels: str | Sequence[str] | None = None,
) -> Scene:
    """The scene of an image uint8 or float32 [H, W, 3], as it is or by its masks.

    Raises:
        SceneError: where it is not of the image's size, or masks are no good.
    """
    if scene is None:
        return scene_of_masks(image, masks or {}, labels=labels)
    height, width = image.shape[:2]
    if (scene.width, scene.height) != (width, height):
        raise SceneError(
            f"The scene is of {scene.width} x {scene.height} pixels and the photo has {width} x {height}; "
            "give the scene that was made of this photo."
        )
    return scene


def scene_of_masks(
    image: np.ndarray,
    masks: Mapping[str, Any] | str | Path,
    name: str = "",
    labels: str | Sequence[str] | None = None,
) -> Scene:
    """The scene of an image uint8 or float32 [H, W, 3] and of masks.

    Args:
        masks: {label: mask, or a list of masks}, where a mask is an array [H, W] (bool; or whole numbers, or floats in
            [0, 1], set from half on), a `Mask`, or a picture's path; or the path of a folder or file, as `read_masks`
            takes it.
        name: of the photo's file; labels: one, for masks that have no name.

    Raises:
        SceneError: where a mask is not of the photo's size, or none.
    """
    frame = Frame(image.shape[1], image.shape[0], name)
    if not isinstance(masks, Mapping):
        return scene_of_things(image, read_masks(Path(masks), frame), labels)
    things: list[GivenThing] = []
    for label, given in masks.items():
        several = given if isinstance(given, (list, tuple)) else [given]
        for mask in several:
            things += _given_mask(str(label), mask, frame)
    if not things:
        raise SceneError("The masks are empty: there is no pixel in them that belongs to a thing.")
    return scene_of_things(image, things, labels)


def _given_mask(label: str, mask: Any, frame: Frame) -> list[GivenThing]:
    if isinstance(mask, (str, Path)):
        return read_mask(Path(mask), frame, label)
    if isinstance(mask, np.ndarray) and mask.ndim == 2:
        mask = as_mask(mask)
    if not isinstance(mask, Mask):
        shape = f"an array of the shape {list(mask.shape)}" if isinstance(mask, np.ndarray) else type(mask).__name__
        raise SceneError(f"The mask of '{label}' is an array [H, W], a Mask or a path, not {shape}.")
    frame.check(f"The mask of '{label}'", mask.width, mask.height)
    return frame.masked(label, mask)
