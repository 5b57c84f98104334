"""From masks to a scene: labels, ids, appearance words and depth for whatever cut the masks out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.geometry import Mask, reading_order
from ..core.scene import OnStep, Scene, SceneObject, new_id
from .appearance import appearances, look


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
) -> Scene:
    """The scene of an image whose objects somebody else cut out; ids are given in reading order.

    Args:
        image: uint8 or float32 [H, W, 3].
        masks: bool [H, W] or Mask; empty ones are left out.
        labels: one for each mask, or one for all; where there is none (or "") the object is named by its look.
        depth: float [H, W], 0 nearest … 1 farthest; an object has the median under its mask. None: unknown.
        on_step: told of each object; what it raises cancels.

    Raises:
        ValueError: where a mask or the depth has another size than the image.
    """
    height, width = image.shape[:2]
    found = []
    for number, mask in enumerate(masks):
        mask = mask if isinstance(mask, Mask) else Mask.from_array(np.asarray(mask, dtype=bool))
        if (mask.height, mask.width) != (height, width):
            raise ValueError(f"Mask {number + 1} is {mask.width} x {mask.height} pixels, the image {width} x {height}.")
        if not mask.is_empty:
            label = labels[0] if len(labels) == 1 else labels[number] if number < len(labels) else ""
            found.append((mask, label.strip(), float(scores[number]) if number < len(scores) else 1.0))
    if depth is not None and depth.shape != (height, width):
        raise ValueError(f"The depth is {depth.shape[1]} x {depth.shape[0]} pixels, the image {width} x {height}.")
    words = appearances(image, [mask for mask, _, _ in found], on_step)
    drafts = []
    for (mask, label, score), attributes in zip(found, words, strict=True):
        far = (
            None if depth is None else float(np.clip(np.median(depth[mask.box.slices][mask.to_array(mask.box)]), 0, 1))
        )
        drafts.append(
            SceneObject(
                id="draft",
                label=label or look(attributes),
                score=score,
                box=mask.box,
                mask=mask,
                depth=far,
                attributes=attributes,
                source=source,
            )
        )
    objects: list[SceneObject] = []
    for draft in reading_order(drafts):
        objects.append(draft.model_copy(update={"id": new_id(draft.label, [other.id for other in objects])}))
    return Scene(width=width, height=height, objects=tuple(objects), caption=caption, absent=tuple(absent))
