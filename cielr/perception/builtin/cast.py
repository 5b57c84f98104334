"""What things cast, looked for when they are taken away: by light and colour alone.

To ask a detector takes as long as the first look did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ...core.scene import EffectsRequest, Scene
from ...telling.trace import Step
from .parser import BuiltinPerception

MOST = 24
"""Things whose shadow is looked for in one edit: each look takes a moment."""


def with_effects(
    scene: Scene, names: Sequence[str], named: Collection[str], image: np.ndarray | None, step: Step
) -> Scene:
    """The scene with the shadows and reflections of some things; what the plan names stays what it was.

    Args:
        names: of things that are taken away; named: all that the plan speaks of.
        image: uint8 or float32 [H, W, 3]; None, or one of another size, leaves the scene as it is.
    """
    known = {thing.effect_of for thing in scene.objects}
    there = [scene.get(name) for name in dict.fromkeys(names)]
    names = [thing.id for thing in there if thing is not None and thing.effect_of is None and thing.id not in known]
    if image is None or scene.crowded or not names or image.shape[:2] != (scene.height, scene.width):
        return scene
    eyes, answers, none = BuiltinPerception(image), [], []
    for name in names[:MOST]:
        update = eyes.answer(scene, EffectsRequest(object=name))
        if (update.added or update.changed) and not any(thing.id in named for thing in update.changed):
            scene = scene.apply(update)
            answers.append(f"{name}: {update.answer}")
        else:
            none.append(name)
    none += names[MOST:]
    if none:
        answers.append(f"For {', '.join(none)} none can be told from the ground; if there is one, it stays.")
    step.note("effects", f"Shadows and reflections: {' '.join(answers)}", source="light and colour")
    return scene
