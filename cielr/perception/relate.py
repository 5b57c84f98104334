"""How things stand to one another, in sentences; evaluated by code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ..core.geometry import relations
from ..core.scene import SceneObject

RELATIONS = (
    ("is inside", relations.inside),
    ("stands on", relations.on),
    ("overlaps", relations.overlapping),
    ("touches", relations.touching),
    ("is left of", relations.left_of),
    ("is right of", relations.right_of),
    ("is above", relations.above),
    ("is below", relations.below),
    ("is in front of", relations.in_front_of),
    ("is behind", relations.behind),
)


def relation_words(things: Sequence[SceneObject]) -> str:
    """For every pair what holds between them, and the orders of all from left to right, by size and by distance."""
    sentences = []
    for a, b in combinations(things, 2):
        sentences += [f"{a.id} {words} {b.id}." for words, holds in RELATIONS if holds(a, b)]
    if len(things) > 1:
        sentences.append(f"Left to right: {_names(relations.left_to_right(things))}.")
        sentences.append(f"Small to large: {_names(relations.small_to_large(things))}.")
        if all(thing.depth is not None for thing in things):
            sentences.append(f"Near to far: {_names(relations.near_to_far(things))}.")
    return " ".join(sentences) or "No relation to tell."


def _names(things: Sequence[SceneObject]) -> str:
    return ", ".join(thing.id for thing in things)
