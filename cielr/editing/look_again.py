"""After something was painted: where is it really?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..core.geometry import Mask
from ..core.scene import DetectRequest, Perception, Scene, SceneObject, SceneUpdate

Eyes = Callable[[np.ndarray], Perception]
"""Eyes on an image uint8 or float32 [H, W, 3]."""
LEAST = 0.02
"""Share of a region that a thing found in it covers at least; less is a speck that looks like it."""


def looked_again(scene: Scene, image: np.ndarray, names: Sequence[str], eyes: Eyes | None) -> tuple[Scene, list[str]]:
    """(the scene with what was painted as it really is, notices): what follows goes on from there.

    Where nobody can look, or the thing is not found in its region, the region stands for it, and a notice says so.

    Args:
        image: uint8 or float32 [H, W, 3], as painted; names: ids of what was drawn.
    """
    perception = eyes(image) if eyes is not None and names else None
    notices: list[str] = []
    for name in names:
        thing = scene[name]
        seen = found_in(thing.mask, thing.label, perception, scene) if perception is not None else None
        if seen is None:
            why = "nobody can look for it" if perception is None else f"no {thing.label} was found where it was painted"
            notices.append(f"'{name}': {why}, so its whole region stands for it.")
            continue
        update = {"mask": seen.mask, "box": seen.box, "depth": seen.depth, "attributes": seen.attributes}
        scene = scene.apply(SceneUpdate(changed=(thing.model_copy(update=update),)))
    return scene, notices


def found_in(where: Mask, label: str, perception: Perception, scene: Scene) -> SceneObject | None:
    """The largest thing of a label that eyes find within some pixels, cut off at them; None where there is none.

    Args:
        scene: of the image's size; nothing else of it counts.
    """
    place = SceneObject(id="region_1", label="region", box=where.box, mask=where)
    alone = Scene(width=scene.width, height=scene.height, objects=(place,))
    # "brown goat", and "goat" for eyes that know no more
    labels = tuple(dict.fromkeys((label, label.split()[-1])))
    update = perception.answer(alone, DetectRequest(labels=labels, within=place.id))
    inside = []
    for thing in update.added:
        mask = thing.mask & where
        if mask.area >= LEAST * where.area:
            inside.append(thing.model_copy(update={"mask": mask, "box": mask.box}))
    return max(inside, key=lambda thing: thing.mask.area, default=None)
