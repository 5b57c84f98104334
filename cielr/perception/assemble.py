"""From masks to a scene, and to its objects: labels, ids, appearance words and depth for whatever cut them out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.geometry import Mask, reading_order
from ..core.scene import OnStep, Scene, SceneObject, new_id
from .appearance import appearances, look
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
    seen = []
    for number, mask in enumerate(masks):
        mask = mask if isinstance(mask, Mask) else Mask.from_array(np.asarray(mask, dtype=bool))
        if (mask.height, mask.width) != (height, width):
            raise ValueError(f"Mask {number + 1} is {mask.width} x {mask.height} pixels, the image {width} x {height}.")
        if not mask.is_empty:
            label = labels[0] if len(labels) == 1 else labels[number] if number < len(labels) else ""
            score = float(scores[number]) if number < len(scores) else 1.0
            seen.append((mask, label.strip(), score, number < len(box_only) and box_only[number]))
    if depth is not None and depth.shape != (height, width):
        raise ValueError(f"The depth is {depth.shape[1]} x {depth.shape[0]} pixels, the image {width} x {height}.")
    words = appearances(image, [mask for mask, *_ in seen], on_step)
    drafts = []
    for (mask, label, score, boxed), attributes in zip(seen, words, strict=True):
        drafts.append(
            SceneObject(
                id="draft",
                label=label or look(attributes),
                score=score,
                box=mask.box,
                mask=mask,
                depth=None if depth is None else median_depth(mask, depth),
                attributes=attributes,
                box_only=boxed,
                source=source,
            )
        )
    objects: list[SceneObject] = []
    for draft in reading_order(drafts):
        objects.append(draft.model_copy(update={"id": new_id(draft.label, [other.id for other in objects])}))
    caption = " ".join(filter(None, (caption, box_words([thing.id for thing in objects if thing.box_only]))))
    return Scene(width=width, height=height, objects=tuple(objects), caption=caption, absent=tuple(absent))


def new_object(
    image: np.ndarray,
    scene: Scene,
    before: Sequence[SceneObject],
    detection: Detection,
    mask: Mask,
    source: str,
    part_of: str | None = None,
    effect_of: str | None = None,
) -> SceneObject:
    """An object for the scene, under an id that is free there and among those made before it; its depth is unknown."""
    words = appearances(image, [*(thing.mask for thing in scene.objects), mask])[-1]
    if detection.alternatives:
        words["also"] = ", ".join(detection.alternatives)
    label = detection.label or look(words)
    return SceneObject(
        id=new_id(label, [*scene.used_ids, *(thing.id for thing in before)]),
        label=label,
        score=min(max(detection.score, 0.0), 1.0),
        box=mask.box,
        mask=mask,
        attributes=words,
        source=source,
        part_of=part_of,
        effect_of=effect_of,
        box_only=detection.box_only,
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
