"""Perception without weights: things are cut out by colour and texture, and named by their look.

It sees that something is there and what colour and shape it has, never what it is. Good on things that lie apart on
calm ground; on a crowded photo it finds patches, and puts no label of yours on them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import numpy as np

from ...core.arrays import reduced
from ...core.belonging import owners_of
from ...core.colours import NAMES
from ...core.inflection import word_set
from ...core.progress import in_steps, part_of_work
from ...core.scene import (
    DescribeRequest,
    DetectRequest,
    EffectsRequest,
    OnStep,
    RelateRequest,
    Scene,
    SceneObject,
    SceneUpdate,
)
from ..assemble import new_object, numbered, scene_from_instances
from ..effects import NO_EFFECT, effects_of, shadow_taken_for_a_thing
from ..labels import as_labels
from ..protocols import Detection
from ..relate import relation_words

SIDE = 640
"""Pixels a side of the copy in which things are looked for."""
SHOWN = 12
"""Labels that a caption names."""
SOURCE = "built in"
GUESS = "guess from vertical position"
CROWDED = "This photo is too crowded for the built-in eyes: they found patches, not things."
"""The caption of a scene of patches; refusals repeat it."""


class BuiltinParser:
    """Turns images into scenes without weights; a `Parser`."""

    def parse(self, image: np.ndarray, labels: Sequence[str] | None = None, on_step: OnStep | None = None) -> Scene:
        """The scene of an image uint8 or float32 [H, W, 3]; the same for a picture as bytes or as floats.

        Args:
            labels: one label names every thing so. Of several, a thing takes the one whose words are in its look
                ("red cup", "green cup"); labels that no look tells apart name nothing and are listed as absent.
                Patches of a crowded photo are named by look whatever the labels, which are then all absent.
            on_step: told (done, total); what it raises cancels.
        """
        from .crowd import is_crowded
        from .refine import refined
        from .segment import things, things_on_ground

        def report(done: int, total: int) -> None:
            if on_step is not None:
                on_step(done, total)

        report(0, 100)
        reach = max(1, -(-max(image.shape[:2]) // SIDE))
        small = reduced(image, reach)
        report(10, 100)
        if min(small.shape[:2]) < 8:
            return scene_from_instances(image, [], SOURCE)
        coarse, scores, left_out = things(small, on_step=lambda done, total: report(10 + 40 * done // total, 100))
        crowded = is_crowded(small, coarse)
        if not crowded:
            kept = things_on_ground(coarse)
            coarse, scores = [coarse[k] for k in kept], [scores[k] for k in kept]
        masks = [refined(image, mask, reach) for mask in in_steps(coarse, part_of_work(on_step, 50, 90))]
        report(90, 100)
        wanted = as_labels(labels) or []
        name = wanted[0] if len(wanted) == 1 and not crowded else ""
        instances = [(Detection(name, score, mask.box), mask) for mask, score in zip(masks, scores, strict=True)]
        caption = CROWDED if crowded else _left_out_words(left_out)
        absent = wanted if crowded or (name and not masks) else ()
        scene = scene_from_instances(image, instances, SOURCE, caption, absent)
        scene = _with_guessed_depth(scene).model_copy(update={"crowded": bool(crowded), "left_out": int(left_out)})
        report(100, 100)
        return _relabelled(scene, wanted) if len(wanted) > 1 and not crowded else scene

    def perception(self, image: np.ndarray) -> BuiltinPerception:
        """Eyes on that image."""
        return BuiltinPerception(image)


class BuiltinPerception:
    """Answers requests from looks alone; what takes a model is said to take one. A `Perception`."""

    def __init__(self, image: np.ndarray) -> None:
        self.image = image

    def answer(self, scene: Scene, request) -> SceneUpdate:
        """The update for a request.

        Raises:
            SceneError: where the request names what the scene does not hold.
        """
        start = time.perf_counter()
        update = self._answer(scene, request)
        return update.model_copy(
            update={"request": request, "source": SOURCE, "seconds": round(time.perf_counter() - start, 3)}
        )

    def _answer(self, scene: Scene, request) -> SceneUpdate:
        if isinstance(request, RelateRequest):
            return SceneUpdate(answer=relation_words([scene[name] for name in request.objects]))
        if isinstance(request, DescribeRequest):
            thing = scene[request.object]
            words = ", ".join(f"{name} {word}" for name, word in sorted(thing.attributes.items()))
            return SceneUpdate(answer=f"By look alone: {words}. More cannot be seen without a vision model.")
        if isinstance(request, DetectRequest):
            answers = {label: [thing.id for thing in scene.objects if _fits(label, thing)] for label in request.labels}
            absent = tuple(label for label, ids in answers.items() if not ids)
            named = [f"{label}: {', '.join(ids)}." for label, ids in answers.items() if ids]
            return SceneUpdate(absent=absent, answer=" ".join(named))
        if isinstance(request, EffectsRequest):
            return self._effects(scene, request)
        return SceneUpdate(answer=f"A request for {request.kind} cannot be answered without a detection model.")

    def _effects(self, scene: Scene, request: EffectsRequest) -> SceneUpdate:
        """Shadow and reflection, by light and colour; what was taken for a thing and is a shadow is called so."""
        thing = scene[request.object]
        owners = owners_of(scene.objects, thing.id)
        patches = [other for other in scene.objects if other.source == SOURCE and other.id not in owners]
        mistaken, shadow = shadow_taken_for_a_thing(self.image, scene, thing, patches)
        linked = {"label": "shadow", "effect_of": thing.id}
        changed = [scene[name].model_copy(update=linked) for name in mistaken]
        if changed and shadow is not None:
            # what was taken for a thing was the darkest of it
            changed[0] = changed[0].model_copy(update={"mask": shadow, "box": shadow.box})
        scene = scene.apply(SceneUpdate(changed=tuple(changed)))
        effects, sentences = effects_of(self.image, scene, thing)
        added: list[SceneObject] = []
        for detection, mask in effects:
            added.append(new_object(self.image, scene, added, detection, mask, SOURCE, effect_of=request.object))
        named = [f"{other.label}: {other.id}." for other in added]
        answer = " ".join((*named, *sentences)) or NO_EFFECT
        return SceneUpdate(added=tuple(added), changed=tuple(changed), answer=answer)


# ----------------------------------------------------------------------------------------------------------- helpers


def _left_out_words(number: int) -> str:
    if not number:
        return ""
    return f"{number} more things are too small or too many for the built-in eyes; they are left out."


def _fits(label: str, thing: SceneObject) -> bool:
    """Whether a label is the thing's own, or nothing but words for a look that the thing has."""
    if label.lower() == thing.label.lower():
        return True
    words = set(re.findall(r"\w+", label.lower())) - {"object", "thing", "objects", "things"}
    return bool(words) and words <= _own_words(thing)


def _relabelled(scene: Scene, labels: Sequence[str]) -> Scene:
    """The scene with each thing named by the one label whose colour, shape or size words fit it alone."""
    named: list[SceneObject] = []
    for thing in scene.objects:
        fitting = [label for label in labels if (looks := _look_words(label)) and looks <= _own_words(thing)]
        named.append(thing.model_copy(update={"label": fitting[0]}) if len(fitting) == 1 else thing)
    used = {thing.label for thing in named}
    absent = tuple(label for label in labels if label not in used)
    shown = ", ".join(absent[:SHOWN]) + (f" and {len(absent) - SHOWN:,} more" if len(absent) > SHOWN else "")
    remark = f"Without a detection model these labels cannot be told apart: {shown}." if absent else ""
    caption = " ".join(filter(None, (remark, scene.caption)))
    return scene.model_copy(update={"objects": numbered(named), "caption": caption, "absent": absent})


_LOOKS = word_set(" ".join(NAMES) + " round oval square rectangular triangular long irregular large medium small")


def _look_words(label: str) -> set[str]:
    return {word for word in re.findall(r"\w+", label.lower()) if word in _LOOKS}


def _own_words(thing: SceneObject) -> set[str]:
    return set(" ".join(thing.attributes.get(key, "") for key in ("colour", "shape", "size")).split())


def _with_guessed_depth(scene: Scene) -> Scene:
    """The scene with depth from where each thing stands: the lower its foot, the nearer. A guess, and marked as one."""
    objects = tuple(
        thing.model_copy(
            update={
                "depth": round(1 - thing.mask.box.y1 / scene.height, 4),
                "attributes": thing.attributes | {"depth": GUESS},
            }
        )
        for thing in scene.objects
    )
    return scene.model_copy(update={"objects": objects})
