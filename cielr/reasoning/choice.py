"""What a phrase came to mean: the objects, or the sentence that says why it means none, or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Ambiguous, NothingMatches
from ..scene import Scene, SceneObject


@dataclass(frozen=True)
class Chosen:
    """The objects that a phrase means, and how they were found, in words."""

    things: tuple[SceneObject, ...]
    how: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(thing.id for thing in self.things)


def check_some(things: Sequence[SceneObject], scene: Scene, label: str) -> None:
    """Raises NothingMatches where there are none."""
    if not things:
        raise NothingMatches(f"The scene has no {label}; it has {listed(scene)}.")


def listed(scene: Scene) -> str:
    """What a scene holds: "2 x cup, coin"."""
    counts: dict[str, int] = {}
    for thing in scene.objects:
        counts[thing.label] = counts.get(thing.label, 0) + 1
    named = [label if n == 1 else f"{n} x {label}" for label, n in list(counts.items())[:8]]
    more = len(counts) - len(named)
    return (", ".join(named) + (f" and {more} more" if more > 0 else "")) or "no objects"


def ambiguous(things: Sequence[SceneObject], why: str) -> Ambiguous:
    """The error for things of which fewer are meant, to be raised."""
    shown = [f"{t.id} ({t.attributes['position']})" if "position" in t.attributes else t.id for t in things[:6]]
    more = f" and {len(things) - 6} more" if len(things) > 6 else ""
    return Ambiguous(f"{why}: {', '.join(shown)}{more}. Say which.", tuple(t.id for t in things))
