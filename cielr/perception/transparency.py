"""Eyes on a photo with transparency: what is transparent is not seen, whatever colours lie under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.geometry import Mask
from ..core.scene import OnStep, Parser, Perception, Scene, SceneObject, SceneUpdate

if TYPE_CHECKING:
    from ..photos.photo import Photo

GROUNDS = np.array(
    [(128, 128, 128), (255, 255, 255), (0, 0, 0), (0, 160, 0), (255, 0, 255), (0, 90, 255), (255, 230, 0)], np.float32
)
"""Colours that may be laid under a photo, the quietest first."""
SEEN = 0.5
"""Of what a model takes for a thing so much has to be visible."""


class TransparencyParser:
    """Another parser's view of a photo with transparency; what else that parser can do is passed on.

    Args:
        alpha: uint8 or float32 [H, W], of the images that will be shown.
    """

    def __init__(self, inner: Parser, alpha: np.ndarray) -> None:
        self.inner = inner
        self.alpha = alpha

    def __repr__(self) -> str:
        return repr(self.inner)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @property
    def about(self) -> Callable[..., Parser] | None:
        """As the inner parser's: the parser for an instruction; None where that has none."""
        about = getattr(self.inner, "about", None)
        return None if about is None else lambda *words: TransparencyParser(about(*words), self.alpha)

    def parse(self, image: np.ndarray, labels: Sequence[str] | None = None, on_step: OnStep | None = None) -> Scene:
        """The scene of what is visible."""
        return _visible_scene(self.inner.parse(over_ground(image, self.alpha), labels, on_step), self._visible)

    def perception(self, image: np.ndarray) -> Perception:
        """Eyes on what is visible."""
        return _VisiblePerception(self.inner.perception(over_ground(image, self.alpha)), self._visible)

    @property
    def _visible(self) -> Mask:
        return Mask.from_array(self.alpha > 0)


def on_what_is_visible(parser: Parser, photo: Photo) -> Parser:
    """The parser, which sees nothing of what is transparent."""
    return TransparencyParser(parser, photo.alpha) if photo.alpha is not None and photo.is_see_through else parser


class _VisiblePerception:
    def __init__(self, inner: Perception, visible: Mask) -> None:
        self.inner = inner
        self.visible = visible

    def answer(self, scene: Scene, request: Any) -> SceneUpdate:
        update = self.inner.answer(scene, request)
        added = _visible(update.added, self.visible)
        gone = {thing.id for thing in update.added} - {thing.id for thing in added}
        return update.model_copy(
            update={
                "added": tuple(_without(thing, gone) for thing in added),
                # what changed was seen before: it stays, with what is visible of it
                "changed": tuple(_cut(thing, self.visible) or scene[thing.id] for thing in update.changed),
            }
        )


def over_ground(image: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """The image uint8 or float32 [H, W, 3] on a flat ground, of a colour that is not in it; dtype kept.

    Without alpha, and where nothing is transparent, it is the image itself.
    """
    if alpha is None:
        return image
    top = np.float32(255 if alpha.dtype == np.uint8 else 1)
    clear = alpha < top
    if not clear.any():
        return image
    ground = _ground(image, alpha) / np.float32(1 if image.dtype == np.uint8 else 255)
    weight = (alpha[clear] / top)[:, None].astype(np.float32)
    mixed = image[clear].astype(np.float32) * weight + ground * (1 - weight)
    shown = image.copy()
    shown[clear] = np.rint(mixed) if image.dtype == np.uint8 else mixed
    return shown


def _ground(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The ground that is farthest from every colour of the visible part, float32[3] in [0, 255]."""
    step = max(1, int(np.sqrt(alpha.size / 40_000)))
    colours = image[::step, ::step][alpha[::step, ::step] > 0].astype(np.float32)
    if not len(colours):
        return GROUNDS[0]
    colours *= 1 if image.dtype == np.uint8 else 255
    # not the very nearest: single pixels of noise are of any colour
    near = [np.quantile(np.linalg.norm(colours - ground, axis=1), 0.01) for ground in GROUNDS]
    return GROUNDS[int(np.argmax(np.minimum(near, 60)))]


def _visible_scene(scene: Scene, visible: Mask) -> Scene:
    kept = _visible(scene.objects, visible)
    gone = {thing.id for thing in scene.objects} - {thing.id for thing in kept}
    left = {thing.label for thing in kept}
    unseen = {thing.label: None for thing in scene.objects if thing.label not in left | set(scene.absent)}
    return Scene.model_validate(
        {name: getattr(scene, name) for name in Scene.model_fields}
        | {"objects": tuple(_without(thing, gone) for thing in kept), "absent": (*scene.absent, *unseen)}
    )


def _visible(things: Sequence[SceneObject], visible: Mask) -> list[SceneObject]:
    return [cut for thing in things if (cut := _cut(thing, visible)) is not None]


def _cut(thing: SceneObject, visible: Mask) -> SceneObject | None:
    """The thing with what is visible of it, or None where that is too little to be one."""
    mask = thing.mask & visible
    if mask.is_empty or mask.area < SEEN * thing.mask.area:
        return None
    return thing if mask == thing.mask else thing.model_copy(update={"mask": mask, "box": mask.box})


def _without(thing: SceneObject, gone: set[str]) -> SceneObject:
    """The thing without references to others that are not seen."""
    stale = {name: None for name in ("part_of", "effect_of") if getattr(thing, name) in gone}
    return thing.model_copy(update=stale) if stale else thing


__all__ = ["TransparencyParser", "on_what_is_visible", "over_ground"]
