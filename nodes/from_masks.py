"""IMAGE + masks, boxes or segments of any other node -> SCENE: any node pack can do the seeing."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import folder_paths
import numpy as np
from comfy_api.latest import io

from .internal.show import as_ui, scene_view
from .sockets import (
    PREVIEW,
    SCENE,
    PerImage,
    advanced,
    among,
    frame_mask,
    must,
    nearest,
    part,
    preview,
    says_nothing,
    stepper,
    thumbnail,
    to_arrays,
    to_masks,
    watch,
)

BOXES = io.Custom("BOUNDING_BOX")
SEGS = io.Custom("SEGS")


def knows_boxes() -> bool:
    """Whether this ComfyUI's own nodes give and take bounding boxes."""
    return hasattr(io, "BoundingBox")


def knows_segs() -> bool:
    """Whether the Impact pack, whose nodes give and take SEGS, is installed; it may be loaded after this pack."""
    roots = [Path(root) for root in folder_paths.get_folder_paths("custom_nodes")]
    return any("impact-pack" in place.name.lower() for root in roots if root.is_dir() for place in root.iterdir())


AUTOMATIC, EACH, ALL, SHARED = "automatic", "one for each image", "all for every image", "as many for each image"
PAIRINGS = [AUTOMATIC, EACH, ALL, SHARED]
"""How the masks of a batch belong to the images of a batch."""


class SceneFromMasks(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="CIELR_SceneFromMasks",
            display_name="Scene from Masks",
            category="CIELR/1 perceive",
            description="Makes a scene from masks that any other node found, so that any node pack can do the seeing.",
            # a graph may end here: to see what is in a picture is a result
            is_output_node=True,
            inputs=[
                io.Image.Input("image", tooltip="The image that the masks belong to, or a batch."),
                io.String.Input(
                    "labels",
                    default="",
                    multiline=True,
                    placeholder="cat, sofa",
                    tooltip="A name for each mask, in their order, with commas between; one name serves all.",
                ),
                io.Mask.Input(
                    "masks",
                    optional=True,
                    tooltip="One mask for each object. Of a batch of as many images and masks, each image has its own.",
                ),
                io.Image.Input(
                    "depth",
                    optional=True,
                    tooltip="A depth picture, bright is near (as depth nodes give it). Objects get its median.",
                ),
                advanced(
                    io.Combo.Input(
                        "pairing",
                        options=PAIRINGS,
                        default=AUTOMATIC,
                        optional=True,
                        tooltip="Of several images, which masks belong to which. Automatic: one for each where there "
                        "are as many, a single one for all; otherwise you are asked.",
                    )
                ),
                *_newer_sockets(),
            ],
            outputs=[SCENE.Output(display_name="scene", tooltip="One object for each mask that is not empty.")],
        )

    @classmethod
    def validate_inputs(cls, pairing=AUTOMATIC):
        return among(pairing, PAIRINGS, f"There is no pairing '{pairing}'; there are {', '.join(PAIRINGS)}.")

    @classmethod
    def execute(
        cls, image, labels="", masks=None, depth=None, pairing=AUTOMATIC, boxes=None, segs=None
    ) -> io.NodeOutput:
        from ..cielr.perception.labels import as_labels
        from ..cielr.telling.overlay import overlay

        must(cls.validate_inputs(pairing))
        arrays, on_step = to_arrays(image), stepper()
        given = to_masks(masks) if masks is not None else []
        names = as_labels(labels) or []
        if boxes is None and segs is None:
            seen, said = _masked(arrays, given, names, pairing)
        else:
            seen, said = _boxed(arrays, given, names, pairing, boxes, segs), []
        near = (
            PerImage(to_arrays(depth, "depth picture")).spread(len(arrays), "depth pictures")
            if depth is not None
            else ()
        )
        scenes, overlays, views = [], [], []
        for number, (array, things) in enumerate(zip(arrays, seen, strict=True)):
            far = _depth(near[number], *array.shape[:2]) if near else None
            scene = _scene(array, things, far, part(on_step, number, len(arrays)))
            overlays.append(thumbnail(overlay(array, scene, on_step=watch), PREVIEW))
            views.append(scene_view(scene, array))
            scenes.append(scene)
        said = [*said, *_empty_words(given)]
        ui = preview(overlays, cls) | as_ui(views, said)
        return io.NodeOutput(PerImage(scenes), ui=ui)


def _newer_sockets() -> list[Any]:
    """What only newer versions of ComfyUI, or other packs, can give."""
    sockets = []
    if knows_boxes():
        sockets.append(
            BOXES.Input(
                "boxes",
                optional=True,
                tooltip="Bounding boxes, with names and scores where the detector gave them. With as many masks they "
                "are pairs in their order; a box without a mask is outlined by colour.",
                # else the front end has a widget for a box, and sends one of 512 x 512 that nobody drew
                extra_dict={"forceInput": True},
            )
        )
    if knows_segs():
        sockets.append(
            SEGS.Input("segs", optional=True, tooltip="Segments of the Impact pack, with their names and confidence.")
        )
    return sockets


class Seen(NamedTuple):
    """One thing that somebody else found; without a label it is named by its look."""

    label: str
    score: float
    mask: Any
    box_only: bool = False


def _scene(array: np.ndarray, things: list[Seen], far: np.ndarray | None, on_step):
    from ..cielr.perception.assemble import scene_from_masks

    return scene_from_masks(
        array,
        [thing.mask for thing in things],
        [thing.label for thing in things],
        far,
        scores=[thing.score for thing in things],
        box_only=[thing.box_only for thing in things],
        on_step=on_step,
    )


def _masked(arrays, given: list[np.ndarray], names: list[str], pairing: str) -> tuple[list[list[Seen]], list[str]]:
    """(the things of each image, what is to be said) where there are masks alone."""
    if not given:
        raise ValueError("There is nothing to make a scene of: connect masks, or what else this node takes.")
    height, width = arrays[0].shape[:2]
    owned, said = paired(len(arrays), len(given), pairing)
    seen = []
    for numbers, known in zip(owned, _names(names, owned, len(given)), strict=True):
        things = []
        for place, mask in enumerate(numbers):
            watch()
            label = known[0] if len(known) == 1 else known[place] if place < len(known) else ""
            things.append(Seen(label, 1.0, frame_mask(given[mask], height, width)))
        seen.append(things)
    return seen, said


def _boxed(arrays, given: list[np.ndarray], names: list[str], pairing: str, boxes, segs) -> list[list[Seen]]:
    """The things of each image where there are boxes or segments, and perhaps masks."""
    from .internal.boxes import detections, frames, joined, masks_of_segs

    height, width = arrays[0].shape[:2]
    lists = frames(boxes, len(arrays)) if boxes is not None else [[] for _ in arrays]
    counts = [len(frame) for frame in lists]
    if sum(counts) == len(given):
        # as a detector gives the masks of a batch: those of the first image's boxes, then those of the second's
        ends = np.cumsum(counts).tolist()
        owned = [range(end - count, end) for end, count in zip(ends, counts, strict=True)]
    else:
        owned = paired(len(arrays), len(given), pairing)[0]
    seen = []
    for array, frame, numbers in zip(arrays, lists, owned, strict=True):
        watch()
        pairs = joined(detections(frame, width, height), [frame_mask(given[mask], height, width) for mask in numbers])
        if segs is not None:
            pairs += masks_of_segs(segs, width, height)
        if len(names) not in (0, 1, len(pairs)):
            raise ValueError(f"There are {len(names)} labels and {len(pairs)} things: name each, or give one for all.")
        seen.append(_outlined(array, pairs, names))
    return seen


def _outlined(array: np.ndarray, pairs, names: list[str]) -> list[Seen]:
    """The things with an outline each; their own names come first, then those that were typed."""
    from ..cielr.core.geometry import Mask
    from ..cielr.perception.outlines import ColourSegmenter

    height, width = array.shape[:2]
    bare = [detection.box for detection, mask in pairs if mask is None or mask.is_empty]
    outlines = iter(ColourSegmenter().segment(array, bare) if bare else ())
    things = []
    for place, (detection, mask) in enumerate(pairs):
        typed = names[0] if len(names) == 1 else names[place] if names else ""
        if mask is None or mask.is_empty:
            mask = next(outlines)
        boxed = mask.is_empty
        outline = Mask.from_box(detection.box, height, width) if boxed else mask
        things.append(Seen(detection.label or typed, detection.score, outline, boxed))
    return things


def paired(images: int, masks: int, pairing: str) -> tuple[list[range], list[str]]:
    """(for each image the numbers of its masks, from 0; what is to be said about it).

    Raises:
        ValueError: where it is unclear, or cannot be so.
    """
    every = [range(masks)] * images
    if images == 1 or pairing == ALL or (pairing == AUTOMATIC and masks == 1):
        return every, []
    share, rest = divmod(masks, images)
    if masks == images and pairing != SHARED:
        return [range(number, number + 1) for number in range(images)], ["Each image has the mask of its own number."]
    if pairing == SHARED and share and not rest:
        return [range(number * share, (number + 1) * share) for number in range(images)], []
    there = f"There are {images} images and {masks} masks"
    if pairing == AUTOMATIC:
        raise ValueError(
            f"{there}, so it is not clear which mask belongs to which image: choose that in 'pairing' of this node."
        )
    raise ValueError(
        f"{there}, which does not go with the pairing '{pairing}': choose another, or connect other masks."
    )


def _names(labels: list[str], owned: list[range], masks: int) -> list[list[str]]:
    """The labels of each image's masks: one serves all; else they count through the masks of each image, or of all."""
    if len(labels) <= 1:
        return [labels] * len(owned)
    if len(labels) <= max(map(len, owned)):
        return [labels] * len(owned)
    if len(labels) == masks:
        return [[labels[mask] for mask in numbers] for numbers in owned]
    raise ValueError(f"There are {len(labels)} labels and {masks} masks: name each mask, or give one name for all.")


def _empty_words(masks: list[np.ndarray]) -> list[str]:
    """A sentence on the masks in which nothing is painted."""
    empty = [number for number, mask in enumerate(masks, start=1) if not (mask >= 0.5).any()]
    if not empty:
        return []
    if len(masks) == 1 and says_nothing(masks[0]):
        return ["The mask is empty, as Load Image gives it for a picture without transparency: there is no object."]
    which = ", ".join(map(str, empty[:6])) + (" …" if len(empty) > 6 else "")
    head = f"Mask {which} of {len(masks)} has" if len(empty) == 1 else f"Masks {which} of {len(masks)} have"
    return [f"{head} no pixel of 0.5 or more: left out."]


def _depth(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """float32 [H, W], 0 nearest … 1 farthest, from a picture in which bright is near; flat pictures are all near."""
    grey = nearest(picture.mean(axis=-1), height, width)
    low, high = float(grey.min()), float(grey.max())
    return (high - grey) / (high - low) if high > low else np.zeros_like(grey)
