"""From masks to a scene, and to its objects: labels, ids, appearance words and depth for whatever cut them out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.geometry import Mask
from ..core.geometry.relations import reading_order
from ..core.ids import UsedIds, new_id
from ..core.scene import OnStep, Scene, SceneObject
from .appearance import appearances, look
from .instances import Instance
from .protocols import Detection


def scene_from_masks(
    image: np.ndarray,
    masks: Sequence[np.ndarray | Mask],
    labels: Sequence[str] = (),
    depth: np.ndarray | None = None,
    scores: Sequence[float] = (),
    source: str = "",
    caption: str = "",
    absent: Sequence[str] = (),
    on_step: OnStep | None = None,
    box_only: Sequence[bool] = (),
) -> Scene:
    """The scene of an image whose objects somebody else cut out; ids are given in reading order.

    Args:
        image: uint8 or float32 [H, W, 3].
        masks: bool [H, W] or Mask; empty ones are left out.
        labels: one for each mask, or one for all; where there is none (or "") the object is named by its look.
        depth: float [H, W], 0 nearest … 1 farthest; an object has the median under its mask. None: unknown.
        on_step: told of each object; what it raises cancels.
        box_only: of each mask whether it is a box for want of an outline; the caption then says so.

    Raises:
        ValueError: where a mask or the depth has another size than the image.
    """
    height, width = image.shape[:2]
    instances: list[Instance] = []
    for number, mask in enumerate(masks):
        mask = mask if isinstance(mask, Mask) else Mask.from_array(np.asarray(mask, dtype=bool))
        if (mask.height, mask.width) != (height, width):
            raise ValueError(f"Mask {number + 1} is {mask.width} x {mask.height} pixels, the image {width} x {height}.")
        label = labels[0] if len(labels) == 1 else labels[number] if number < len(labels) else ""
        score = float(scores[number]) if number < len(scores) else 1.0
        boxed = number < len(box_only) and box_only[number]
        instances.append((Detection(label, score, mask.box, box_only=boxed), mask))
    return scene_from_instances(image, instances, source, caption, absent, depth, on_step)


def scene_from_instances(
    image: np.ndarray,
    instances: Sequence[Instance],
    source: str = "",
    caption: str = "",
    absent: Sequence[str] = (),
    depth: np.ndarray | None = None,
    on_step: OnStep | None = None,
) -> Scene:
    """The scene of an image and of detections with their masks; as `scene_from_masks`.

    Raises:
        ValueError: where the depth has another size than the image.
    """
    height, width = image.shape[:2]
    if depth is not None and depth.shape != (height, width):
        raise ValueError(f"The depth is {depth.shape[1]} x {depth.shape[0]} pixels, the image {width} x {height}.")
    seen = [(detection, mask) for detection, mask in instances if not mask.is_empty]
    words = appearances(image, [mask for _, mask in seen], on_step)
    drafts = [_described(*instance, look_words, source) for instance, look_words in zip(seen, words, strict=True)]
    objects = numbered(reading_order(drafts if depth is None else [deep(draft, depth) for draft in drafts]))
    caption = " ".join(filter(None, (caption, box_words([thing.id for thing in objects if thing.box_only]))))
    return Scene(width=width, height=height, objects=objects, caption=caption, absent=tuple(absent))


def new_object(
    image: np.ndarray,
    scene: Scene,
    before: Sequence[SceneObject],
    detection: Detection,
    mask: Mask,
    source: str,
    **owner: str | None,
) -> SceneObject:
    """An object for the scene, under an id that is free there and among those made before it; its depth is unknown.

    Args:
        owner: `part_of` or `effect_of`, an id.
    """
    words = appearances(image, [*(thing.mask for thing in scene.objects), mask])[-1]
    thing = _described(detection, mask, words, source)
    name = new_id(thing.label, [*scene.used_ids, *(other.id for other in before)])
    return thing.model_copy(update={"id": name, **owner})


def numbered(things: Sequence[SceneObject]) -> tuple[SceneObject, ...]:
    """The objects under ids of their labels, counted up in their order."""
    ids = UsedIds().free([thing.label for thing in things])
    return tuple(thing.model_copy(update={"id": name}) for thing, name in zip(things, ids, strict=True))


def _described(detection: Detection, mask: Mask, words: dict[str, str], source: str) -> SceneObject:
    """A detection as an object that has no id yet, named by its look where it has no label."""
    if detection.alternatives:
        words = words | {"also": ", ".join(detection.alternatives)}
    return SceneObject(
        id="draft",
        label=detection.label.strip() or look(words),
        score=min(max(detection.score, 0.0), 1.0),
        box=mask.box,
        mask=mask,
        attributes=words,
        box_only=detection.box_only,
        source=source,
    )


def box_words(names: Sequence[str]) -> str:
    """A sentence on the objects whose mask is their box, or ""."""
    if not names:
        return ""
    return f"No outline was found of {', '.join(names)}: the mask is the whole box, with what else is in it."


def deep(thing: SceneObject, depth: np.ndarray) -> SceneObject:
    """The object with the median of a depth map float32 [H, W] under its mask; what was guessed is forgotten."""
    attributes = {name: word for name, word in thing.attributes.items() if name != "depth"}
    return thing.model_copy(update={"depth": median_depth(thing.mask, depth), "attributes": attributes})


def median_depth(mask: Mask, depth: np.ndarray) -> float:
    """In [0, 1]: of a depth map float [H, W], under a mask."""
    return float(np.clip(np.median(depth[mask.box.slices][mask.to_array(mask.box)]), 0, 1))
