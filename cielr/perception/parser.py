"""From an image to a scene with models: a detector names, a segmenter outlines, a depth estimator says how far.

What is missing is done without weights: no detector leaves things named by their look, no segmenter leaves outlines by
colour, no depth estimator leaves depth unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy

import numpy as np

from ..core.belonging import owners_of
from ..core.geometry import Box, Mask
from ..core.progress import part_of_work
from ..core.scene import OnStep, Scene, SceneObject
from .assemble import deep, scene_from_instances, scene_from_masks
from .builtin.parser import BuiltinParser
from .instances import distinct, one_thing_once, outlined, uncovered
from .labels import EVERYDAY, as_labels, nouns, whole_of
from .outlines import ColourSegmenter
from .protocols import DepthEstimator, Describer, Detection, Detector, Proposer, Segmenter
from .requests import SceneEyes

WITHIN_WHOLE = 0.8
"""Share of a part that must lie within the box of its whole."""


class SceneParser:
    """Turns images into scenes with models; a `Parser`.

    Args:
        detector, segmenter, depth: None does without.
        describer: answers questions about one object from a crop, where there is a vision model.
        proposer: says what is to be seen where nobody gives labels; None takes an everyday vocabulary.
        hints: labels to look for before those, where nobody gives labels.
        max_objects: of more things than that the smallest are left out, and the scene's caption says so.
        cover_all: also takes the segments that no label covers, where the segmenter finds things by itself.
    """

    def __init__(
        self,
        detector: Detector | None = None,
        segmenter: Segmenter | None = None,
        depth: DepthEstimator | None = None,
        describer: Describer | None = None,
        proposer: Proposer | None = None,
        hints: Sequence[str] = (),
        max_objects: int = 100,
        cover_all: bool = False,
    ) -> None:
        if max_objects < 1:
            raise ValueError(f"A scene of at most {max_objects} objects has none; max_objects starts at 1.")
        self.detector = detector
        self.segmenter: Segmenter = segmenter or ColourSegmenter()
        self.has_segmenter = segmenter is not None
        self.depth = depth
        self.describer = describer
        self.proposer = proposer
        self.hints = tuple(hints)
        self.max_objects = max_objects
        self.cover_all = cover_all

    @property
    def name(self) -> str:
        """The models, for a scene's provenance: "owlv2-base + sam2-hiera-tiny"."""
        parts = [self.detector.name if self.detector else "", self.segmenter.name]
        return " + ".join(part for part in parts if part)

    def parse(self, image: np.ndarray, labels: Sequence[str] | None = None, on_step: OnStep | None = None) -> Scene:
        """The scene of an image uint8 or float32 [H, W, 3], its objects in reading order.

        Args:
            labels: what to look for; None or none asks the proposer, or takes the everyday vocabulary.
            on_step: told (done, total); what it raises cancels.
        """
        wanted = list(dict.fromkeys(as_labels(labels) or ()))
        if self.detector is None:
            scene = self._undetected(image, wanted, part_of_work(on_step, 0, 80))
        else:
            scene = self._detected(image, wanted, part_of_work(on_step, 0, 80))
        if self.depth is not None:
            depth = self.depth.depth(image, on_step=part_of_work(on_step, 80, 99))
            scene = scene.model_copy(update={"objects": tuple(deep(thing, depth) for thing in scene.objects)})
        scene = _with_parts(scene)
        remarks = self.remarks()
        if remarks:
            scene = scene.model_copy(update={"caption": " ".join(filter(None, (scene.caption, *remarks)))})
        if on_step is not None:
            on_step(100, 100)
        return scene

    def about(self, instruction: str, proposer: Proposer | None = None) -> SceneParser:
        """The same parser, which also looks for what an instruction speaks of, and for what a vision model proposes."""
        parser = copy(self)
        parser.hints = nouns(instruction)
        parser.proposer = self.proposer or proposer
        return parser

    def perception(self, image: np.ndarray) -> SceneEyes:
        """Eyes on that image, for the questions that come later."""
        return SceneEyes(self, image)

    def remarks(self) -> tuple[str, ...]:
        """What the models have to say since the last call, such as that one went to the CPU for want of memory."""
        remarks: list[str] = []
        for model in (self.detector, self.segmenter, self.depth):
            take = getattr(model, "take_remarks", None)
            remarks += take() if take is not None else []
        return tuple(dict.fromkeys(remarks))

    def _undetected(self, image: np.ndarray, wanted: list[str], on_step: OnStep | None) -> Scene:
        everything = getattr(self.segmenter, "everything", None)
        if not self.has_segmenter or everything is None:
            return BuiltinParser().parse(image, wanted, on_step)
        masks = distinct(everything(image, on_step=on_step))
        masks, caption, over = self._bounded(masks, [mask.area for mask in masks])
        single = len(wanted) == 1
        absent = wanted if not single or not masks else []
        if absent:
            caption = f"Without a detection model nothing is found by its name: {', '.join(absent)}. {caption}".strip()
        scene = scene_from_masks(
            image, masks, wanted if single else (), source=self.segmenter.name, caption=caption, absent=absent
        )
        return scene.model_copy(update={"left_out": over})

    def _detected(self, image: np.ndarray, wanted: list[str], on_step: OnStep | None) -> Scene:
        assert self.detector is not None
        sought = wanted or self._proposed(image)
        detections = self.detector.detect(image, sought, on_step=part_of_work(on_step, 0, 50))
        # what the bound leaves out was found all the same
        seen = {label.lower() for detection in detections for label in (detection.label, *detection.alternatives)}
        detections, caption, over = self._bounded(detections, [detection.box.area for detection in detections])
        instances = outlined(self.segmenter, image, detections, part_of_work(on_step, 50, 83))
        things = one_thing_once(instances, part_of_work(on_step, 83, 85))
        everything = getattr(self.segmenter, "everything", None) if self.cover_all else None
        if everything is not None:
            known = [mask for _, mask in things]
            for mask in distinct(everything(image, on_step=part_of_work(on_step, 85, 100))):
                if len(things) < self.max_objects and uncovered(mask, known):
                    things.append((Detection("", 1.0, mask.box), mask))
        # of the everyday vocabulary most is absent in every photo: that is no news
        absent = [label for label in wanted or self.hints if label.lower() not in seen]
        if not wanted:
            # "stop" and "sign" of an instruction's "stop sign" are no news either, where that is there
            absent = [label for label in absent if not any(_share_a_word(label, other) for other in seen)]
        scene = scene_from_instances(image, things, self.name, caption, absent)
        return scene.model_copy(update={"left_out": over})

    def _proposed(self, image: np.ndarray) -> list[str]:
        proposed = self.proposer(image) if self.proposer is not None else ()
        proposed = [label.strip() for label in proposed if label.strip()] or EVERYDAY
        return list(dict.fromkeys((*self.hints, *proposed)))

    def _bounded(self, things: list, areas: list[int]) -> tuple[list, str, int]:
        """The largest `max_objects` things in their order, a sentence on what was left out, or "", and how many."""
        over = len(things) - self.max_objects
        if over <= 0:
            return things, "", 0
        kept = sorted(np.argsort([-area for area in areas], kind="stable")[: self.max_objects].tolist())
        return [things[k] for k in kept], f"The {over} smallest of {len(things)} things are left out.", over


# ----------------------------------------------------------------------------------------------------------- helpers


def _with_parts(scene: Scene) -> Scene:
    """The scene with parts linked to the smallest whole around them: a handle to its cup."""
    objects: list[SceneObject] = []
    for thing in scene.objects:
        wholes = [
            other
            for other in scene.objects
            if other.id != thing.id
            and _is_one_of(other.label, whole_of(thing.label))
            and thing.mask.area < other.mask.box.area
            and _share_within(thing.mask, other.mask.box) >= WITHIN_WHOLE
            and thing.id not in owners_of(objects, other.id)
        ]
        whole = min(wholes, key=lambda other: other.mask.box.area, default=None)
        objects.append(thing.model_copy(update={"part_of": whole.id}) if whole is not None else thing)
    return scene.model_copy(update={"objects": tuple(objects)})


def _share_a_word(label: str, other: str) -> bool:
    return bool(set(label.lower().split()) & set(other.lower().split()))


def _is_one_of(label: str, names: Sequence[str]) -> bool:
    words = " ".join(re.findall(r"[a-z0-9]+", label.lower()))
    return any(words == name or words.endswith(" " + name) for name in names)


def _share_within(mask: Mask, box: Box) -> float:
    shared = mask.box.intersect(box)
    return 0.0 if shared.is_empty else float(mask.to_array(shared).sum()) / mask.area
