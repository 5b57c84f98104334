"""How things stand to one another, in sentences; evaluated by code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ..core.geometry import (
    above,
    behind,
    below,
    in_front_of,
    inside,
    left_of,
    left_to_right,
    near_to_far,
    on,
    overlapping,
    right_of,
    small_to_large,
    touching,
)
from ..core.scene import SceneObject

RELATIONS = (
    ("is inside", inside),
    ("stands on", on),
    ("overlaps", overlapping),
    ("touches", touching),
    ("is left of", left_of),
    ("is right of", right_of),
    ("is above", above),
    ("is below", below),
    ("is in front of", in_front_of),
    ("is behind", behind),
)


def relation_sentences(things: Sequence[SceneObject]) -> list[str]:
    """For every pair what holds between them, and the orders of all from left to right, by size and by distance."""
    sentences = []
    for a, b in combinations(things, 2):
        sentences += [f"{a.id} {words} {b.id}." for words, holds in RELATIONS if holds(a, b)]
    if len(things) > 1:
        sentences.append(f"Left to right: {_names(left_to_right(things))}.")
        sentences.append(f"Small to large: {_names(small_to_large(things))}.")
        if all(thing.depth is not None for thing in things):
            sentences.append(f"Near to far: {_names(near_to_far(things))}.")
    return sentences


def _names(things: Sequence[SceneObject]) -> str:
    return ", ".join(thing.id for thing in things)
