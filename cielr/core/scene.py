"""The scene: what is in the picture, as JSON that a person can read and a language model can reason over.

This is the paper's structured semantic representation (arXiv 2510.27335): objects with masks, labels and depth,
extended step by step by `SceneUpdate`s when the reasoner asks for what it cannot see. Perception writes scenes,
reasoning reads them and asks for more, editing never meets the reasoner.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import numpy as np
from pydantic import Field, ValidationError, field_validator, model_validator

from ..errors import SceneError
from .belonging import circle_words
from .geometry import Box, Mask
from .ids import new_id as new_id
from .serial import ID, Document, Frozen, sentences

OnStep = Callable[[int, int], None]
"""Called with (done, total) during long work; what it raises cancels the work and passes through."""


MAX_PIXELS = 100_000_000
"""Of one photo or scene, unless told otherwise: at 100 megapixels a float image alone takes 1.2 GB."""
MOST_BYTES = 100_000_000
"""Of a scene's file; a thousand finely outlined things on a photo of 12 megapixels take a third of it."""


# ---------------------------------------------------------------------------------------------------------- objects


class SceneObject(Frozen):
    """One thing seen in the picture.

    Attributes:
        id: stable name within the scene, such as "cup_2".
        label: what it is, in words.
        score: how sure the detector was, in [0, 1].
        box: the detector's box, inside the image.
        mask: its pixels, of the scene's size.
        depth: median over the mask, 0 nearest … 1 farthest, or None where unknown.
        attributes: words about it: colour, shape, size, position, ….
        part_of: id of the whole that it belongs to, or None.
        effect_of: id of what casts it (a shadow, a reflection), or None.
        box_only: no outline was found: the mask is the whole box, with what else is in it.
        source: which model saw it, in which round.
    """

    id: str = Field(pattern=ID)
    label: str = Field(min_length=1)
    score: float = Field(default=1.0, ge=0, le=1)
    box: Box
    mask: Mask
    depth: float | None = Field(default=None, ge=0, le=1)
    attributes: dict[str, str] = Field(default_factory=dict)
    part_of: str | None = None
    effect_of: str | None = None
    box_only: bool = False
    source: str = ""

    def __repr__(self) -> str:
        return f"SceneObject({self.id!r}, {self.label!r}, {self.box!r})"

    __str__ = __repr__


# --------------------------------------------------------------------------------------- what a reasoner may ask for


class DetectRequest(Frozen):
    """Look for these labels, in the whole image or within one object (then at full resolution)."""

    kind: Literal["detect"] = "detect"
    labels: tuple[str, ...] = Field(min_length=1)
    within: str | None = None


class PartsRequest(Frozen):
    """Look for these parts of one object."""

    kind: Literal["parts"] = "parts"
    object: str
    labels: tuple[str, ...] = Field(min_length=1)


class DescribeRequest(Frozen):
    """Look closely at one object and answer a question about it."""

    kind: Literal["describe"] = "describe"
    object: str
    question: str = Field(min_length=1)


class RelateRequest(Frozen):
    """Say how these objects stand to one another."""

    kind: Literal["relate"] = "relate"
    objects: tuple[str, ...] = Field(min_length=1)


class EffectsRequest(Frozen):
    """Look for what an object causes: its shadow, its reflection, what it holds or wears."""

    kind: Literal["effects"] = "effects"
    object: str


Request = Annotated[
    DetectRequest | PartsRequest | DescribeRequest | RelateRequest | EffectsRequest, Field(discriminator="kind")
]


class SceneUpdate(Frozen):
    """What perception found out in answer to a request.

    Attributes:
        request: what was asked, or None for a change made by hand.
        added: new objects; their ids must be new to the scene, for ever.
        changed: objects that replace those of the same id.
        absent: labels that were looked for and not found.
        answer: words, for `describe` and `relate`, or a remark on what could not be done.
        source: which model answered.
        seconds: how long it took, or None.
    """

    request: Request | None = None
    added: tuple[SceneObject, ...] = ()
    changed: tuple[SceneObject, ...] = ()
    absent: tuple[str, ...] = ()
    answer: str = ""
    source: str = ""
    seconds: float | None = None


class UpdateRecord(Frozen):
    """One entry of a scene's history: an update with ids in place of objects."""

    request: Request | None = None
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    answer: str = ""
    source: str = ""
    seconds: float | None = None


# ------------------------------------------------------------------------------------------------------------ scene


class Scene(Document):
    """All that is known of one picture.

    Attributes:
        width, height: of the image, in pixels.
        objects: in reading order at first, later ones appended.
        caption: one sentence on the whole, or "".
        absent: labels that were looked for and not found.
        crowded: the objects are patches of a crowded photo, not things; what is none of them is no background either.
        left_out: how many things were seen and are not among the objects, the smallest; counts and orders by size
            cannot be trusted then.
        updates: what was found out since the first look, oldest first.

    Raises:
        SceneError: from the functions below; ValueError (pydantic) from the constructor where ids repeat, sizes differ,
            a reference names no object or a thing belongs to itself.
    """

    noun = "scene"
    refusal = SceneError
    most_bytes = MOST_BYTES

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    objects: tuple[SceneObject, ...] = ()
    caption: str = ""
    absent: tuple[str, ...] = ()
    crowded: bool = False
    left_out: int = Field(default=0, ge=0)
    updates: tuple[UpdateRecord, ...] = ()

    @field_validator("objects")
    @classmethod
    def _unique(cls, objects: tuple[SceneObject, ...]) -> tuple[SceneObject, ...]:
        seen: set[str] = set()
        for thing in objects:
            if thing.id in seen:
                raise ValueError(f"Two objects have the id '{thing.id}'.")
            seen.add(thing.id)
        return objects

    @model_validator(mode="after")
    def _consistent(self) -> Scene:
        frame = Box(0, 0, self.width, self.height)
        known = {thing.id for thing in self.objects} | set(self._retired)
        for thing in self.objects:
            if (thing.mask.width, thing.mask.height) != (self.width, self.height):
                raise ValueError(
                    f"The mask of '{thing.id}' is {thing.mask.width} x {thing.mask.height} pixels, "
                    f"the scene {self.width} x {self.height}."
                )
            if not frame.contains(thing.box):
                raise ValueError(f"The box of '{thing.id}' reaches outside the image.")
            for other in (thing.part_of, thing.effect_of):
                if other is not None and other not in known:
                    raise ValueError(f"'{thing.id}' refers to '{other}', which is not in the scene.")
        if circle := circle_words(self.objects):
            raise ValueError(f"{circle}; nothing can be a part or an effect of itself")
        return self

    @property
    def _retired(self) -> tuple[str, ...]:
        return tuple(name for record in self.updates for name in record.removed)

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the objects that are there now, in their order."""
        return tuple(thing.id for thing in self.objects)

    @property
    def used_ids(self) -> tuple[str, ...]:
        """Every id that ever named something here; none of them may name another thing."""
        return self.ids + self._retired

    def get(self, name: str) -> SceneObject | None:
        """The object of that id, or None."""
        return next((thing for thing in self.objects if thing.id == name), None)

    def __getitem__(self, name: str) -> SceneObject:
        """The object of that id.

        Raises:
            SceneError: where there is none.
        """
        thing = self.get(name)
        if thing is None:
            raise SceneError(f"The scene has no object '{name}'; it has {', '.join(self.ids) or 'none'}.")
        return thing

    def apply(self, update: SceneUpdate) -> Scene:
        """The scene with an update, as a new one; ids never change their meaning.

        Raises:
            SceneError: where an added id was used before, a changed one is unknown, or the result contradicts itself.
        """
        for thing in update.added:
            if thing.id in self.used_ids:
                raise SceneError(f"The id '{thing.id}' is taken; an update must bring new ids.")
        for thing in update.changed:
            if thing.id not in self.ids:
                raise SceneError(f"The update changes '{thing.id}', which is not in the scene.")
        changed = {thing.id: thing for thing in update.changed}
        record = UpdateRecord(
            request=update.request,
            added=tuple(thing.id for thing in update.added),
            changed=tuple(changed),
            absent=update.absent,
            answer=update.answer,
            source=update.source,
            seconds=update.seconds,
        )
        added = {thing.label.lower() for thing in update.added}
        absent = [label for label in self.absent if label.lower() not in added]
        absent += [label for label in update.absent if label not in absent]
        return self._with(
            objects=tuple(changed.get(thing.id, thing) for thing in self.objects) + update.added,
            absent=tuple(absent),
            updates=(*self.updates, record),
        )

    def without(self, names: Sequence[str]) -> Scene:
        """The scene with those objects gone; their ids stay taken.

        Raises:
            SceneError: for an unknown id.
        """
        for name in names:
            self[name]
        record = UpdateRecord(removed=tuple(names))
        return self._with(
            objects=tuple(thing for thing in self.objects if thing.id not in names), updates=(*self.updates, record)
        )

    def _with(self, **fields: Any) -> Scene:
        values = {name: getattr(self, name) for name in type(self).model_fields} | fields
        try:
            return Scene(**values)
        except ValidationError as error:
            raise SceneError(f"The update does not fit the scene: {sentences(error)}.") from error

    @classmethod
    def from_json(cls, text: str, max_pixels: int = MAX_PIXELS) -> Scene:
        """The scene that a JSON text describes.

        Args:
            max_pixels: refuse one of a larger picture; a few letters of run lengths can stand for gigabytes.

        Raises:
            SceneError: where it is no JSON, no scene, or too large.
        """
        scene = super().from_json(text)
        if scene.width * scene.height > max_pixels:
            raise SceneError(
                f"This scene is of {scene.width} x {scene.height} = {scene.width * scene.height / 1e6:.1f} megapixels, "
                f"over the limit of {max_pixels / 1e6:g}; raise it with --max-pixels {scene.width * scene.height} "
                "(max_pixels= in Python)."
            )
        return scene

    def save(self, folder: str | Path) -> Path:
        """Writes `scene.json` into the folder (made where it is missing) and returns its path.

        Raises:
            SceneError: where it cannot be written.
        """
        return super().save(Path(folder) / "scene.json")

    @classmethod
    def load(cls, folder: str | Path, max_pixels: int = MAX_PIXELS) -> Scene:
        """The scene in a folder that `save` wrote; a path to the file itself does as well.

        Raises:
            SceneError: where there is none, or it does not read.
        """
        path = Path(folder)
        return super().load(path / "scene.json" if os.path.isdir(path) else path, max_pixels=max_pixels)

    def __repr__(self) -> str:
        return f"Scene({self.width}x{self.height}, {len(self.objects)} objects)"


# -------------------------------------------------------------------------------------------------------- protocols


class Perception(Protocol):
    """Eyes on one image: all that reasoning knows of perception."""

    def answer(self, scene: Scene, request: Any) -> SceneUpdate:
        """What can be found out about a `Request`; an update with only an `answer` where it cannot be seen."""
        ...


class Parser(Protocol):
    """Turns images into scenes."""

    def parse(self, image: np.ndarray, labels: Sequence[str] | None = None, on_step: OnStep | None = None) -> Scene:
        """The scene of an image uint8 or float32 [H, W, 3]; `labels` say what to look for."""
        ...

    def perception(self, image: np.ndarray) -> Perception:
        """Eyes on that image, for the questions that come later."""
        ...
