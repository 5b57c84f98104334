"""Answers to what a reasoner asks of an image: the paper's chain of scene updates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.belonging import owners_of
from ..core.geometry import Box, Mask
from ..core.scene import (
    DescribeRequest,
    DetectRequest,
    EffectsRequest,
    PartsRequest,
    RelateRequest,
    Scene,
    SceneObject,
    SceneUpdate,
)
from .assemble import box_words, deep, new_object
from .effects import NO_EFFECT, effects_of
from .instances import Instance, one_thing_once, outlined
from .protocols import Detection, Models
from .relate import relation_words

MARGIN = 0.25
"""Share of an object's longer side that is shown around it."""
KNOWN = 0.7
"""Overlap (IoU) of a new mask with an object's from which it is that object, seen again."""
SMALL = 32
"""A box whose shorter side would measure less on a segmenter's 1024 pixels is outlined in the crop that it was found
in; a larger one costs nothing more on the whole image, which is encoded already."""
UNSEEN = "That cannot be seen without a vision model."


class SceneEyes:
    """Eyes on one image; a `Perception`. Image embeddings are those that parsing computed."""

    def __init__(self, parser: Models, image: np.ndarray) -> None:
        self.parser = parser
        self.image = image

    def answer(self, scene: Scene, request) -> SceneUpdate:
        """The update for a request, with its provenance and duration.

        Raises:
            SceneError: where the request names what the scene does not hold, or the scene is another image's.
        """
        from ..errors import SceneError

        start = time.perf_counter()
        height, width = self.image.shape[:2]
        if (scene.width, scene.height) != (width, height):
            raise SceneError(
                f"The scene is {scene.width} x {scene.height} pixels and the image {width} x {height}; "
                "ask the eyes of the image that the scene was made of."
            )
        answers = {
            DetectRequest: (self._detect, self.parser.name),
            PartsRequest: (self._parts, self.parser.name),
            DescribeRequest: (self._describe, "vision model" if self.parser.describer else "none"),
            RelateRequest: (self._relate, "geometry"),
            EffectsRequest: (self._effects, self.parser.name),
        }
        if type(request) not in answers:
            raise SceneError(f"Nothing is known of a request like {request!r}.")
        answer, source = answers[type(request)]
        update = answer(scene, request)
        return update.model_copy(
            update={
                "request": request,
                "answer": " ".join(filter(None, (update.answer, *self.parser.remarks()))),
                "source": source,
                "seconds": round(time.perf_counter() - start, 3),
            }
        )

    # -------------------------------------------------------------------------------------------------- the requests

    def _detect(self, scene: Scene, request: DetectRequest) -> SceneUpdate:
        whole = scene[request.within] if request.within is not None else None
        if self.parser.detector is None:
            return self._built_in(scene, request)
        frame = Box(0, 0, scene.width, scene.height) if whole is None else self._around(scene, whole)
        things = self.found(request.labels, frame)
        if whole is not None:
            # the crop shows a margin around the object: what stands there is not within it
            things = [(detection, mask) for detection, mask in things if _centre_in(mask.box, whole.box)]
        return self._news(scene, request.labels, things, skip=request.within)

    def _parts(self, scene: Scene, request: PartsRequest) -> SceneUpdate:
        whole = scene[request.object]
        if self.parser.detector is None:
            return SceneUpdate(answer="Parts cannot be told apart without a detection model.")
        things = [
            (detection, mask)
            for detection, mask in self.found(request.labels, self._around(scene, whole))
            if _centre_in(mask.box, whole.box.grow(2)) and mask.area < whole.mask.box.area
        ]
        return self._news(scene, request.labels, things, skip=whole.id, part_of=whole.id)

    def _describe(self, scene: Scene, request: DescribeRequest) -> SceneUpdate:
        thing = scene[request.object]
        if self.parser.describer is None:
            return SceneUpdate(answer=UNSEEN)
        crop = self.image[self._around(scene, thing).slices]
        return SceneUpdate(answer=" ".join(str(self.parser.describer(crop, request.question)).split()) or "no answer")

    def _relate(self, scene: Scene, request: RelateRequest) -> SceneUpdate:
        things = [scene[name] for name in request.objects]
        changed: list[SceneObject] = []
        if self.parser.depth is not None and any(thing.depth is None for thing in things):
            depth = self.parser.depth.depth(self.image)
            changed = [deep(thing, depth) for thing in things if thing.depth is None]
            things = [next((new for new in changed if new.id == thing.id), thing) for thing in things]
        return SceneUpdate(changed=tuple(changed), answer=relation_words(things))

    def _effects(self, scene: Scene, request: EffectsRequest) -> SceneUpdate:
        if self.parser.detector is None:
            return self._built_in(scene, request)
        effects, sentences = effects_of(self.image, scene, scene[request.object], self.found)
        added: list[SceneObject] = []
        for detection, mask in effects:
            added.append(self.new_object(scene, added, detection, mask, effect_of=request.object))
        named = [f"{thing.label}: {thing.id}." for thing in added]
        return SceneUpdate(added=tuple(added), answer=" ".join((*named, *sentences)) or NO_EFFECT)

    # -------------------------------------------------------------------------------------------------------- shared

    def found(self, labels: Sequence[str], frame: Box) -> list[Instance]:
        """What of the labels is to be seen in a frame of the image, with its mask; the frame at full resolution."""
        parser, image = self.parser, self.image
        assert parser.detector is not None
        height, width = image.shape[:2]
        crop = image if frame == Box(0, 0, width, height) else np.ascontiguousarray(image[frame.slices])
        detections = parser.detector.detect(crop, labels)
        least = SMALL * max(width, height) / 1024 if crop is not image else 0
        small = [each for each in detections if min(each.box.width, each.box.height) < least]

        def in_image(detection: Detection) -> Detection:
            return replace(detection, box=detection.box.shift(frame.x0, frame.y0))

        in_crop = [
            (in_image(detection), Mask.from_crop(mask.to_array(), frame, height, width))
            for detection, mask in outlined(parser.segmenter, crop, small)
        ]
        large = [in_image(detection) for detection in detections if detection not in small]
        return one_thing_once([*in_crop, *outlined(parser.segmenter, image, large)])

    def new_object(
        self, scene: Scene, before: Sequence[SceneObject], detection: Detection, mask: Mask, **owner: str | None
    ) -> SceneObject:
        """An object for the scene, under an id that is free there and among those made before it.

        Args:
            owner: `part_of` or `effect_of`, an id.
        """
        source = f"{self.parser.name}, round {len(scene.updates) + 1}"
        thing = new_object(self.image, scene, before, detection, mask, source, **owner)
        if self.parser.depth is None or all(other.depth is None for other in scene.objects):
            return thing
        return deep(thing, self.parser.depth.depth(self.image))

    def _news(
        self,
        scene: Scene,
        labels: Sequence[str],
        things: Sequence[Instance],
        skip: str | None = None,
        part_of: str | None = None,
    ) -> SceneUpdate:
        """What is new among things found: new objects, known ones under a further label, and labels not found."""
        added: list[SceneObject] = []
        changed: dict[str, SceneObject] = {}
        seen: dict[str, list[str]] = {label: [] for label in labels}
        for detection, mask in things:
            known = _known(scene, mask)
            if known is not None and known.id == skip:
                continue
            if known is None:
                thing = self.new_object(scene, added, detection, mask, part_of=part_of)
                added.append(thing)
            else:
                thing = changed.get(known.id, known)
                # what the whole itself belongs to is no part of it
                is_owner = part_of is not None and known.id in owners_of(scene.objects, part_of)
                update = _further(thing, detection, None if is_owner else part_of)
                if update:
                    thing = changed[known.id] = thing.model_copy(update=update)
            for label in (detection.label, *detection.alternatives):
                seen.setdefault(label, []).append(thing.id)
        absent = tuple(label for label in labels if not seen[label])
        sentences = [f"{label}: {', '.join(ids)}." if ids else f"{label}: not found." for label, ids in seen.items()]
        sentences += filter(None, [box_words([thing.id for thing in added if thing.box_only])])
        return SceneUpdate(
            added=tuple(added), changed=tuple(changed.values()), absent=absent, answer=" ".join(sentences)
        )

    def _built_in(self, scene: Scene, request: DetectRequest | EffectsRequest) -> SceneUpdate:
        from .builtin.parser import BuiltinPerception

        return BuiltinPerception(self.image).answer(scene, request)

    def _around(self, scene: Scene, thing: SceneObject) -> Box:
        margin = max(8, round(MARGIN * max(thing.box.width, thing.box.height)))
        return thing.box.grow(margin).clip(scene.width, scene.height)


def _known(scene: Scene, mask: Mask) -> SceneObject | None:
    """The object of the scene that a mask shows, if any."""
    thing = max(scene.objects, key=lambda thing: thing.mask.iou(mask), default=None)
    return thing if thing is not None and thing.mask.iou(mask) >= KNOWN else None


def _further(thing: SceneObject, detection: Detection, part_of: str | None) -> dict[str, object]:
    """The fields of a known object that a second look changes."""
    update: dict[str, object] = {}
    also = [word for word in thing.attributes.get("also", "").split(", ") if word]
    known = {thing.label.lower(), *(word.lower() for word in also)}
    fresh = [label for label in (detection.label, *detection.alternatives) if label.lower() not in known]
    if fresh:
        update["attributes"] = {**thing.attributes, "also": ", ".join((*also, *fresh))}
    if part_of is not None and thing.part_of is None and thing.id != part_of:
        update["part_of"] = part_of
    return update


def _centre_in(box: Box, frame: Box) -> bool:
    x, y = box.center
    return frame.x0 <= x <= frame.x1 and frame.y0 <= y <= frame.y1
