"""What a phrase came to mean: the objects, or the sentence that says why it means none, or several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ....core.inflection import with_article
from ....core.scene import Scene, SceneObject
from ....errors import Ambiguous, NothingMatches
from ..words.spelling import likely
from ..words.vocabulary import SUPERLATIVES


@dataclass(frozen=True)
class Chosen:
    """The objects that a phrase means, and how they were found, in words."""

    things: tuple[SceneObject, ...]
    how: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(thing.id for thing in self.things)


BY_LOOK = "built in"
"""The source of objects that nobody named: they are called by their look, or by the one label that was given."""
DETECTOR = "Load Detector in ComfyUI, --detector on the command line"


def check_some(
    things: Sequence[SceneObject], scene: Scene, label: str, among: Sequence[SceneObject] | None = None
) -> None:
    """Raises NothingMatches where there are none; `among` are those of the name, of which none fits."""
    if not things:
        raise nothing(scene, label, among=among)


def nothing(scene: Scene, label: str, noun: str = "", among: Sequence[SceneObject] | None = None) -> NothingMatches:
    """The error for what the scene lacks, to be raised: what it has instead, and what to do.

    Args:
        label: what was asked for; noun: its singular, where the scene has nothing of the name.
        among: things of the name, where it has some and none of them looks or lies as was said.
    """
    if not scene.objects:
        what = f"so there is no {label}" if label != "thing" else "so nothing can be chosen"
        return NothingMatches(f"The scene has no objects, {what}; a detector model may find some ({DETECTOR}).")
    if among:
        return NothingMatches(f"The scene has no {label}; it has {_shown(among)}.")
    nameless = bool(scene.caption) and _is_by_look(scene)
    has = f"{len(scene.objects)} x object, named by look" if nameless else listed(scene)
    return NothingMatches(f"The scene has no {label}; it has {has}.{_next_step(scene, noun)}")


def _is_by_look(scene: Scene) -> bool:
    return all(thing.source == BY_LOOK for thing in scene.objects)


def _next_step(scene: Scene, noun: str) -> str:
    """What to do where the scene has nothing of a name; it follows a sentence."""
    if not noun:
        return ""
    words = {word for thing in scene.objects for word in re.findall(r"[^\W_]+", thing.label.lower())}
    if meant := likely(noun, words | SUPERLATIVES.keys()):
        return f" {meant}"
    if not _is_by_look(scene):
        return f" Call it by one of these names, or look for it with the label '{noun}'."
    if scene.caption:
        return f" {scene.caption} A detector model can find {with_article(noun)} ({DETECTOR})."
    return (
        f" The built-in eyes name things by look alone: give '{noun}' as the label if that is what they are, or let a "
        f"detector model find {with_article(noun)} ({DETECTOR})."
    )


def listed(scene: Scene) -> str:
    """What a scene holds: "2 x cup, coin"."""
    counts: dict[str, int] = {}
    for thing in scene.objects:
        counts[thing.label] = counts.get(thing.label, 0) + 1
    named = [label if n == 1 else f"{n} x {label}" for label, n in list(counts.items())[:8]]
    more = len(counts) - len(named)
    return (", ".join(named) + (f" and {more} more" if more > 0 else "")) or "no objects"


def ambiguous(things: Sequence[SceneObject], why: str, advice: str = "Say which.") -> Ambiguous:
    """The error for things of which fewer are meant, to be raised."""
    shown = [f"{t.id} ({t.attributes['position']})" if "position" in t.attributes else t.id for t in things[:6]]
    more = f" and {len(things) - 6} more" if len(things) > 6 else ""
    return Ambiguous(f"{why}: {', '.join(shown)}{more}. {advice}", tuple(t.id for t in things))


def _shown(things: Sequence[SceneObject]) -> str:
    """ "cup_1 (red, small, top left), cup_2 (blue, medium)"."""
    keys = ("colour", "color", "size", "shape", "position")
    looks = [", ".join(t.attributes[key] for key in keys if t.attributes.get(key)) for t in things[:6]]
    shown = [f"{t.id} ({words})" if words else t.id for t, words in zip(things, looks, strict=False)]
    return ", ".join(shown) + (f" and {len(things) - 6} more" if len(things) > 6 else "")
